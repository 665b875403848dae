#pragma once

// Acknowledgements of a device's feeds, judged where the device lives.

#include <vector>

#include "middle/partition/transaction.h"
#include "middle/service.h"

namespace longwire::middle {

// A move of a shared feed was checked against the feed's committed tail before.
struct CheckedMove {
  CursorMove move;
  Incarnation incarnation;  // of a shared feed, where it is not the storage's
};

struct Acknowledged {
  std::uint64_t delivered = 0;  // by how much the cursors rose
  std::uint64_t ignored = 0;    // of a lower session, another device, or above the tail
};

// A move is ignored where its session is not the device's last, where the registration is not the
// device's or does not read the feed, and above the inbox's tail.
Result<Acknowledged> acknowledge(Transaction& transaction, const std::vector<CheckedMove>& moves);

}  // namespace longwire::middle

#pragma once

// What a failed statement means: the one table from the server's and the connector's error numbers
// to ours. Private to this folder.

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace longwire::storage::mysql {

enum class FailureKind {
  kNone,
  kConflict,   // a deadlock, or a lock that was not free in time: the transaction may be repeated
  kLost,       // the connection is gone, or does not answer
  kDuplicate,  // a row with this key is there
  kOther,
};

struct Failure {
  FailureKind kind = FailureKind::kOther;
  Error error;
};

// `message` is the server's and may name accounts: for the operator, not for peers.
Failure classify(int number, std::string_view message, std::chrono::milliseconds retry_after);

}  // namespace longwire::storage::mysql

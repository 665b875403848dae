#pragma once

// What an error reply asks of a client of a cluster. In all cases but kFinal the server says that
// it did not do the command: it may be sent again, whatever it is. Private to this folder.

#include <cstdint>
#include <string_view>

#include "base/net/address.h"

namespace longwire::storage::redis {

struct Redirect {
  enum class Kind {
    kFinal,  // the answer to the command: no redirection, or one that makes no sense
    kMoved,  // the slot is served by `to`, from now on
    kAsk,    // this command alone is for `to`, behind ASKING
    kLater,  // the same again after a while: TRYAGAIN, CLUSTERDOWN, LOADING, MASTERDOWN
  };
  Kind kind = Kind::kFinal;
  std::uint16_t slot = 0;
  net::Address to;  // its ip is empty where the server named a host instead
};

// `from` is who answered: an address without a host means the same one.
Redirect parse_redirect(std::string_view error, const net::Address& from);

}  // namespace longwire::storage::redis

#pragma once

// InactiveQueue: what a client that called itself inactive (XEP-0352) need not get at once:
// presence of others, the newest of each sender only.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longwire::xmpp {

// Loop-bound.
class InactiveQueue final {
 public:
  // True: taken over, to be sent later. False: it is to go out now, after what take() gives.
  bool hold(std::string_view stanza, std::size_t stanzas_max);
  std::vector<std::string> take();

 private:
  std::vector<std::pair<std::string, std::string>> held_;  // (sender, stanza) in order
};

}  // namespace longwire::xmpp

#pragma once

// What a worker inherits from its supervisor: the sockets that it accepts on, and its end of a
// connection for commands. Named on its command line by descriptor numbers:
//
//   seat    = number ";" control *(";" plain "," secured)        one pair of sockets a loop

#include <string>
#include <string_view>
#include <vector>

#include "base/net/address.h"
#include "base/result.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::daemon {

// A resource, movable.
struct WorkerSeat {
  int number = 0;
  net::Descriptor control;
  std::vector<xmpp::XmppSockets> sockets;
};

// The same as numbers: what a supervisor writes. The descriptors stay its own.
struct SeatNumbers {
  int number = 0;
  int control = -1;
  std::vector<std::pair<int, int>> sockets;  // plain, secured

  std::string to_text() const;
  std::vector<int> descriptors() const;
};
// kInvalidArgument: not such a text.
Result<SeatNumbers> read_seat(std::string_view text);

// First thing in a worker's main thread: takes the descriptors over, closes all others that came
// along, and ends with the supervisor, however that ends.
Result<WorkerSeat> take_seat(std::string_view text);

}  // namespace longwire::daemon

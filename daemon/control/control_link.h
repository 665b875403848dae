#pragma once

// The asking side of a control connection on a loop: of a supervisor to its worker.

#include <deque>

#include "base/bytes.h"
#include "base/function.h"
#include "base/net/connection.h"
#include "daemon/control/control_frame.h"

namespace longwire::daemon {

// Loop-bound. Questions that are unanswered when it is destroyed are dropped.
class ControlLink final : public net::ConnectionHandler {
 public:
  // A connected, non-blocking socket. `loop` outlives the link.
  ControlLink(net::Loop& loop, net::Descriptor socket);

  // Questions are answered in their order, on the loop; kUnavailable: the other side is gone.
  void call(const ControlRequest& request, Callback<Json> done);

  // ConnectionHandler.
  void on_data(net::Connection& connection, BytesView data) override;
  void on_closed(net::Connection& connection, net::CloseReason reason) override;

 private:
  net::Loop& loop_;
  Bytes received_;
  std::deque<Callback<Json>> waiting_;
  bool closed_ = false;
  net::Connection connection_;
};

}  // namespace longwire::daemon

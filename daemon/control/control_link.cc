#include "daemon/control/control_link.h"

#include <utility>

namespace longwire::daemon {
namespace {

Error gone() { return {ErrorCode::kUnavailable, "the process at the other end is gone"}; }

}  // namespace

ControlLink::ControlLink(net::Loop& loop, net::Descriptor socket)
    : loop_(loop),
      connection_(loop, std::move(socket), net::Address{},
                  net::ConnectionLimits{.write_limit = kControlRequestBytesMax}, nullptr, *this) {}

void ControlLink::call(const ControlRequest& request, Callback<Json> done) {
  if (closed_ || connection_.closing()) {
    return loop_.post([done = std::move(done)]() mutable { done(gone()); });
  }
  waiting_.push_back(std::move(done));
  connection_.write(encode_control_frame(make_control_request(request)));
}

void ControlLink::on_data(net::Connection& connection, BytesView data) {
  received_.append(data);
  while (true) {
    auto frame = take_control_frame(received_, kControlResponseBytesMax);
    // An answer to nothing is as broken as one that cannot be read.
    if (!frame.ok() || (frame->has_value() && waiting_.empty())) return connection.abort();
    if (!frame->has_value()) return;
    Callback<Json> done = std::move(waiting_.front());
    waiting_.pop_front();
    done(read_control_response(**frame));
  }
}

void ControlLink::on_closed(net::Connection&, net::CloseReason) {
  closed_ = true;
  for (Callback<Json>& done : std::exchange(waiting_, {})) done(gone());
}

}  // namespace longwire::daemon

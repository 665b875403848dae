#include "base/net/dialer.h"

#include <gtest/gtest.h>

#include "base/net/connection.h"
#include "base/net/listener.h"

namespace longwire::net {
namespace {

class StopAtEnd final : public ConnectionHandler {
 public:
  explicit StopAtEnd(Loop& loop) : loop_(loop) {}
  void on_data(Connection&, BytesView) override {}
  void on_closed(Connection&, CloseReason reason) override {
    reason_ = reason;
    loop_.stop();
  }
  CloseReason reason() const { return reason_; }

 private:
  Loop& loop_;
  CloseReason reason_ = CloseReason::kLocal;
};

TEST(ConnectTcp, tells_a_refused_connection_by_its_end) {
  Loop loop("test");
  auto listener = Listener::open(loop, {"127.0.0.1", 0}).value();
  const Address nobody = listener->address();
  listener.reset();
  auto socket = connect_tcp(nobody);
  if (!socket.ok()) return;  // refused at once
  StopAtEnd handler(loop);
  Connection connection(loop, std::move(socket).value(), nobody, {}, nullptr, handler);
  connection.write("hello");
  loop.run();
  EXPECT_EQ(handler.reason(), CloseReason::kUnreachable);
}

TEST(ConnectTcp, wants_numeric_addresses) {
  EXPECT_EQ(connect_tcp({"localhost", 80}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(connect_tcp({"127.0.0.1", 80}, "here").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace longwire::net

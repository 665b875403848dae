#include "daemon/serve/address_check.h"

#include <gtest/gtest.h>

#include "base/net/listener.h"
#include "base/net/loop_thread.h"

namespace longwire::daemon {
namespace {

TEST(AddressCheck, names_the_key_of_a_taken_port) {
  net::LoopThread thread("other");
  auto listener = net::Listener::open(thread.loop(), {"127.0.0.1", 0});
  ASSERT_TRUE(listener.ok());
  const std::string taken = (*listener)->address().to_string();
  const Status checked = check_addresses_free({{"http.listen", taken}});
  thread.call([&] { listener->reset(); });
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(checked.error().message.find("--set http.listen="), std::string::npos);
  EXPECT_NE(checked.error().message.find(taken), std::string::npos);
}

TEST(AddressCheck, lets_port_zero_and_no_address_pass) {
  EXPECT_TRUE(check_addresses_free({{"a", "127.0.0.1:0"}, {"b", ""}, {"c", ":0"}}).ok());
}

TEST(AddressCheck, names_the_key_of_what_is_no_address) {
  const Status checked = check_addresses_free({{"xmpp.listen", "localhost"}});
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("xmpp.listen"), std::string::npos);
}

}  // namespace
}  // namespace longwire::daemon

#include "channels/handler/handler_config.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

Result<std::vector<HandlerPlace>> places(std::vector<std::string> handlers) {
  HandlersConfig config;
  config.handlers = std::move(handlers);
  return handler_places(config);
}

TEST(HandlerConfig, a_place_is_a_channel_its_number_and_an_address) {
  const auto found = places({"orders:16=127.0.0.1:9600", "x-2:65535=[::1]:1"});
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->at(0).channel, "orders");
  EXPECT_EQ(found->at(0).number, 16u);
  EXPECT_EQ(found->at(0).address, "127.0.0.1:9600");
  EXPECT_EQ(found->at(1).address, "[::1]:1");
}

TEST(HandlerConfig, what_is_no_place_is_refused) {
  for (const char* text :
       {"", "orders", "orders=1.2.3.4:5", "orders:16", "orders:16=", ":16=1.2.3.4:5",
        "orders:15=1.2.3.4:5", "orders:65536=1.2.3.4:5", "orders:x=1.2.3.4:5",
        "orders:16x=1.2.3.4:5", "Orders:16=1.2.3.4:5", "-a:16=1.2.3.4:5", "a.b:16=1.2.3.4:5"}) {
    EXPECT_FALSE(places({text}).ok()) << text;
  }
}

TEST(HandlerConfig, names_and_numbers_are_used_once) {
  EXPECT_FALSE(places({"a:16=1.2.3.4:5", "a:17=1.2.3.4:5"}).ok());
  EXPECT_FALSE(places({"a:16=1.2.3.4:5", "b:16=1.2.3.4:5"}).ok());
  EXPECT_FALSE(places({"push:16=1.2.3.4:5"}).ok());
  EXPECT_FALSE(places({"echo:16=1.2.3.4:5"}).ok());
}

}  // namespace
}  // namespace longwire::channels

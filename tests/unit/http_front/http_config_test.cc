#include <gtest/gtest.h>

#include <chrono>

#include "http_front/server/http_front.h"

namespace longwire::http {
namespace {

TEST(HttpConfig, Keys_set_their_members) {
  ConfigSchema schema;
  HttpConfig config;
  declare_config(schema, config);
  ASSERT_TRUE(schema.apply_assignment("http.idle_timeout=7s").ok());
  ASSERT_TRUE(schema.apply_assignment("http.listen=127.0.0.1:1").ok());
  EXPECT_EQ(config.idle_timeout, std::chrono::seconds(7));
  EXPECT_EQ(config.listen, "127.0.0.1:1");
}

TEST(HttpConfig, Bounds_are_held) {
  ConfigSchema schema;
  HttpConfig config;
  declare_config(schema, config);
  EXPECT_FALSE(schema.apply_assignment("http.body_bytes_max=1").ok());
  EXPECT_FALSE(schema.apply_assignment("http.connections_max=0").ok());
}

}  // namespace
}  // namespace longwire::http

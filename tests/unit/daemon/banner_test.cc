#include "daemon/serve/banner.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

BannerFacts facts() {
  return {.ports = {.xmpp = 1, .xmpps = 2, .https = 3, .admin = 4},
          .demo = DemoCredentials{.app_id = "APPID",
                                  .app_key = "APPKEY",
                                  .app_secret = "APPSECRET",
                                  .package = "PACKAGE",
                                  .user = "USER",
                                  .password = "PASSWORD"},
          .certificate_path = "/data/tls/cert.pem",
          .domain = "localhost",
          .data = "/data",
          .device_program = "/bin/longwire-device"};
}

TEST(Banner, has_the_curl_command_ready_to_paste) {
  const std::string text = banner_text(facts());
  EXPECT_NE(text.find("curl --cacert /data/tls/cert.pem -H 'Authorization: key=APPSECRET'"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("https://localhost:3/v3/message/alias"), std::string::npos) << text;
}

TEST(Banner, has_the_device_command_ready_to_paste) {
  const std::string text = banner_text(facts());
  EXPECT_NE(text.find("/bin/longwire-device --api https://localhost:3"), std::string::npos) << text;
  EXPECT_NE(text.find("--app-id APPID --app-key APPKEY --package PACKAGE"), std::string::npos)
      << text;
}

TEST(Banner, says_how_to_log_in_with_a_chat_client) {
  const std::string text = banner_text(facts());
  EXPECT_NE(text.find("USER@localhost"), std::string::npos) << text;
  EXPECT_NE(text.find("PASSWORD"), std::string::npos) << text;
}

TEST(Banner, leaves_out_what_was_changed_since) {
  BannerFacts changed = facts();
  changed.demo->app_secret.clear();
  changed.demo->password.clear();
  const std::string text = banner_text(changed);
  EXPECT_NE(text.find("1. A device"), std::string::npos) << text;
  EXPECT_EQ(text.find("curl"), std::string::npos) << text;
  EXPECT_EQ(text.find("profanity"), std::string::npos) << text;
  EXPECT_NE(text.find("secret (changed"), std::string::npos) << text;
}

TEST(Banner, tells_the_addresses_alone_where_there_is_no_demo) {
  BannerFacts without = facts();
  without.demo.reset();
  const std::string text = banner_text(without);
  EXPECT_NE(text.find("https://localhost:3"), std::string::npos) << text;
  EXPECT_EQ(text.find("demo"), std::string::npos) << text;
}

}  // namespace
}  // namespace longwire::daemon

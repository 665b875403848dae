#include "sdk/cpp/login_refusal.h"

#include <gtest/gtest.h>

#include <string>

namespace longwire::sdk {
namespace {

std::optional<LoginRefusal> read(const std::string& condition) {
  return read_login_refusal("RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">" +
                            condition + "</failure>");
}

TEST(LoginRefusal, tells_the_conditions_apart) {
  EXPECT_EQ(read("<not-authorized/>"), LoginRefusal::kPassword);
  EXPECT_EQ(read("<account-disabled/>"), LoginRefusal::kDisabled);
  EXPECT_EQ(read("<temporary-auth-failure/>"), LoginRefusal::kTemporary);
  EXPECT_EQ(read("<invalid-mechanism/>"), LoginRefusal::kOther);
  EXPECT_EQ(read(""), LoginRefusal::kOther);
}

TEST(LoginRefusal, a_text_beside_the_condition_decides_nothing) {
  EXPECT_EQ(read("<account-disabled/><text>&lt;not-authorized/&gt;</text>"),
            LoginRefusal::kDisabled);
  EXPECT_EQ(read("<aborted/><text>&lt;not-authorized/&gt;</text>"), LoginRefusal::kOther);
}

TEST(LoginRefusal, other_lines_tell_of_none) {
  for (const char* line :
       {"", "RECV: <success xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"/>",
        "RECV: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/>",
        "SENT: <failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><not-authorized/></failure>",
        "RECV: <message><body>&lt;failure&gt;</body></message>"})
    EXPECT_EQ(read_login_refusal(line), std::nullopt) << line;
}

}  // namespace
}  // namespace longwire::sdk

#include "http_front/api/send_form.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "channels/codec/push_body.h"
#include "tests/unit/http_front/fake_service.h"

namespace longwire::http {
namespace {

using middle::SendRequest;
using middle::TargetKind;

constexpr std::int64_t kNow = 1'795'211'270'743;
const std::string kWords = "&title=t&description=d";

std::variant<SendRequest, ApiProblem> read(TargetKind target, const std::string& body,
                                           const std::string& header = "") {
  static const middle::App app = test::example_app();
  const Result<Form> form = Form::parse(body, "");
  return read_send(
      *form, {.target = target, .app = app, .now = Timestamp{kNow}, .idempotency_key = header});
}

SendRequest good(TargetKind target, const std::string& body) {
  auto result = read(target, body);
  if (const auto* problem = std::get_if<ApiProblem>(&result)) {
    ADD_FAILURE() << body << ": " << problem->reason;
    return {};
  }
  return std::get<SendRequest>(std::move(result));
}
SendRequest to_reg_id(const std::string& more) {
  return good(TargetKind::kRegId, "registration_id=r" + kWords + more);
}
channels::PushBody body_of(const SendRequest& request) {
  auto body = channels::decode_push_body(request.body);
  return body ? *body : channels::PushBody();
}
int code_of(TargetKind target, const std::string& body) {
  const auto result = read(target, body);
  const auto* problem = std::get_if<ApiProblem>(&result);
  return problem == nullptr ? 0 : static_cast<int>(problem->code);
}
int code_with(const std::string& more) {
  return code_of(TargetKind::kRegId, "registration_id=r" + kWords + more);
}
std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

struct TargetCase {
  const char* name;
  TargetKind kind;
  std::string form;
  std::vector<std::string> names;
};

const std::vector<TargetCase>& target_cases() {
  static const std::vector<TargetCase> cases{
      {"one regId", TargetKind::kRegId, "registration_id=r1", {"r1"}},
      {"comma list", TargetKind::kRegId, "registration_id=r1,r2", {"r1", "r2"}},
      {"blanks and trailing comma", TargetKind::kRegId, "registration_id=r1,+r2,", {"r1", "r2"}},
      {"repeated parameter", TargetKind::kAlias, "alias=a&alias=b", {"a", "b"}},
      {"repeated and lists",
       TargetKind::kUserAccount,
       "user_account=a,b&user_account=c",
       {"a", "b", "c"}},
      {"same name twice", TargetKind::kRegId, "registration_id=r1,r2,r1", {"r1", "r2"}},
      {"misspelt", TargetKind::kRegId, "refgistration_id=r1", {"r1"}},
      {"plural", TargetKind::kAlias, "aliases=a", {"a"}},
      {"first without ampersand", TargetKind::kAlias, "aliases=aaliases=b", {"a", "b"}},
      {"stale targets of other kinds",
       TargetKind::kAlias,
       "registration_id=r1,r2&alias=a&topic=t&user_account=u",
       {"a"}},
      {"topics are a union", TargetKind::kTopic, "topic=a,b", {"a", "b"}},
      {"all needs none", TargetKind::kAll, "registration_id=r1", {}},
      {"not ASCII", TargetKind::kAlias, "alias=%E4%BD%A0", {"你"}},
  };
  return cases;
}

TEST(SendForm, Targets_are_read_as_clients_write_them) {
  for (const TargetCase& one : target_cases()) {
    const SendRequest request = good(one.kind, one.form + kWords);
    EXPECT_EQ(request.names, one.names) << one.name;
    EXPECT_EQ(request.target, one.kind) << one.name;
  }
}

TEST(SendForm, Targets_that_cannot_be_are_refused_each_with_its_code) {
  const std::string long_name(129, 'n');
  EXPECT_EQ(code_of(TargetKind::kRegId, "alias=a" + kWords), 10016);
  EXPECT_EQ(code_of(TargetKind::kRegId, "registration_id=" + kWords), 20301);
  EXPECT_EQ(code_of(TargetKind::kRegId, "registration_id=,+," + kWords), 20301);
  EXPECT_EQ(code_of(TargetKind::kAlias, "alias=" + long_name + kWords), 65008);
  EXPECT_EQ(code_of(TargetKind::kUserAccount, "user_account=" + long_name + kWords), 65017);
  EXPECT_EQ(code_of(TargetKind::kTopic, "topic=" + long_name + kWords), 65010);
  EXPECT_EQ(code_of(TargetKind::kTopic, "topic=a%00b" + kWords), 20209);
  EXPECT_EQ(code_of(TargetKind::kTopic, "topic=a,b,c,d,e,f" + kWords), 65035);
  EXPECT_EQ(code_of(TargetKind::kAlias, "alias=%ff" + kWords), 10017);
}

TEST(SendForm, Thousand_targets_are_the_most) {
  std::string names;
  for (int i = 0; i < 1000; ++i) names += "r" + std::to_string(i) + ",";
  EXPECT_EQ(good(TargetKind::kRegId, "registration_id=" + names + kWords).names.size(), 1000U);
  EXPECT_EQ(code_of(TargetKind::kRegId, "registration_id=" + names + "more" + kWords), 10017);
}

TEST(SendForm, What_the_sender_wrote_is_the_body) {
  const SendRequest request = to_reg_id(
      "&payload=p%26q&pass_through=0&notify_type=2&notify_id=7&extra.notify_effect=1"
      "&extra.x=y&restricted_package_name=org.example.app");
  const channels::PushBody body = body_of(request);
  EXPECT_EQ(body.title, "t");
  EXPECT_EQ(body.description, "d");
  EXPECT_EQ(body.payload, "p&q");
  EXPECT_FALSE(body.pass_through);
  EXPECT_EQ(body.notify_type, 2);
  EXPECT_EQ(body.notify_id, 7);
  EXPECT_EQ(body.extra, (std::map<std::string, std::string>{{"notify_effect", "1"}, {"x", "y"}}));
  EXPECT_EQ(body.packages, std::vector<std::string>{"org.example.app"});
  EXPECT_EQ(request.packages.size(), 1U);
  EXPECT_EQ(request.app.value(), test::kAppId);
}

TEST(SendForm, Empty_values_are_absent) {
  const SendRequest request = to_reg_id(
      "&extra.callback=&extra.callback.type=&extra.notify_effect=&notify_id=&pass_through="
      "&time_to_live=&time_to_send=&notify_type=&restricted_package_name=&payload=");
  EXPECT_TRUE(body_of(request).extra.empty());
  EXPECT_TRUE(request.packages.empty());
}

TEST(SendForm, Unknown_parameters_are_ignored) {
  EXPECT_EQ(code_with("&passThrough=0&refgistration_id=r1&foo=%ff"), 0);
}

TEST(SendForm, Receipts_are_not_for_the_device) {
  const SendRequest request = to_reg_id(
      "&extra.callback=https://x/&extra.callback.param=p&extra.callback.type=3&extra.a=b");
  EXPECT_EQ(body_of(request).extra, (std::map<std::string, std::string>{{"a", "b"}}));
}

TEST(SendForm, Notify_id_beyond_31_bits_is_reduced) {
  EXPECT_EQ(body_of(to_reg_id("&notify_id=1795211270743")).notify_id,
            static_cast<std::int32_t>(1'795'211'270'743 & 0x7fffffff));
  EXPECT_GE(body_of(to_reg_id("&notify_id=-5")).notify_id, 0);
  EXPECT_EQ(code_with("&notify_id=five"), 10017);
}

TEST(SendForm, Notify_type_may_be_a_word) {
  EXPECT_EQ(body_of(to_reg_id("&notify_type=DEFAULT_ALL")).notify_type, -1);
  EXPECT_EQ(body_of(to_reg_id("&notify_type=-1")).notify_type, -1);
  EXPECT_EQ(body_of(to_reg_id("&notify_type=7")).notify_type, 7);
  EXPECT_EQ(code_with("&notify_type=8"), 10017);
  EXPECT_EQ(code_with("&notify_type=loud"), 10017);
}

TEST(SendForm, Notification_needs_title_and_description) {
  const std::string target = "registration_id=r";
  EXPECT_EQ(code_of(TargetKind::kRegId, target + "&pass_through=0&payload=p"), 10016);
  EXPECT_EQ(code_of(TargetKind::kRegId, target + "&title=t&payload=p"), 10016);
  EXPECT_EQ(code_of(TargetKind::kRegId, target + "&title=+&description=d"), 10016);
  EXPECT_EQ(code_of(TargetKind::kRegId, target), 10016);
  EXPECT_EQ(code_with("&pass_through=2"), 10017);
}

TEST(SendForm, Payload_alone_is_data) {
  EXPECT_TRUE(body_of(good(TargetKind::kRegId, "registration_id=r&payload=p")).pass_through);
  EXPECT_EQ(code_of(TargetKind::kRegId, "registration_id=r&pass_through=1"), 10016);
}

TEST(SendForm, Texts_have_their_limits) {
  const std::string target = "registration_id=r";
  const auto with = [&target](const std::string& more) {
    return code_of(TargetKind::kRegId, target + more);
  };
  EXPECT_EQ(with("&description=d&title=" + repeat("你", 49)), 0);
  EXPECT_EQ(with("&description=d&title=" + repeat("你", 50)), 10017);
  EXPECT_EQ(with("&title=t&description=" + repeat("你", 127)), 0);
  EXPECT_EQ(with("&title=t&description=" + repeat("你", 128)), 10017);
  EXPECT_EQ(with("&payload=" + std::string(4096, 'p')), 0);
  EXPECT_EQ(with("&payload=" + std::string(4097, 'p')), 65009);
  EXPECT_EQ(with("&payload=%ff"), 10017);
}

TEST(SendForm, Extras_have_their_limits) {
  std::string pairs;
  for (int i = 0; i < 10; ++i) pairs += "&extra.k" + std::to_string(i) + "=v";
  EXPECT_EQ(code_with(pairs), 0);
  EXPECT_EQ(code_with(pairs + "&extra.more=v"), 65014);
  EXPECT_EQ(code_with("&extra.k=" + repeat("你", 1023)), 0);
  EXPECT_EQ(code_with("&extra.k=" + repeat("你", 1024)), 65015);
}

TEST(SendForm, Time_to_live_is_in_milliseconds_and_clamped) {
  EXPECT_EQ(to_reg_id("&time_to_live=1000").time_to_live.count(), 1000);
  EXPECT_EQ(to_reg_id("").time_to_live.count(), 0);
  EXPECT_GT(to_reg_id("&time_to_live=1795211270743").time_to_live.count(), 0);
  EXPECT_GT(to_reg_id("&time_to_live=99999999999999999999").time_to_live.count(), 0);
  EXPECT_EQ(code_with("&time_to_live=-1"), 10017);
  EXPECT_EQ(code_with("&time_to_live=soon"), 10017);
}

TEST(SendForm, Time_to_send_is_now_or_within_a_week) {
  EXPECT_FALSE(to_reg_id("&time_to_send=0").not_before.has_value());
  EXPECT_FALSE(to_reg_id("&time_to_send=" + std::to_string(kNow - 1)).not_before.has_value());
  EXPECT_EQ(to_reg_id("&time_to_send=" + std::to_string(kNow + 5)).not_before, Timestamp{kNow + 5});
  constexpr std::int64_t kWeek = 7LL * 24 * 3600 * 1000;
  EXPECT_EQ(code_with("&time_to_send=" + std::to_string(kNow + kWeek)), 0);
  EXPECT_EQ(code_with("&time_to_send=" + std::to_string(kNow + kWeek + 1)), 10017);
}

TEST(SendForm, Packages_must_be_of_the_app) {
  EXPECT_EQ(to_reg_id("&restricted_package_name=org.example.app,org.example.other").packages.size(),
            2U);
  EXPECT_EQ(code_with("&restricted_package_name=org.example.stranger"), 22022);
}

TEST(SendForm, Idempotency_key_comes_from_header_or_parameter) {
  const std::string form = "registration_id=r" + kWords + "&idempotency_key=p";
  EXPECT_EQ(good(TargetKind::kRegId, form).idempotency_key, "p");
  EXPECT_EQ(std::get<SendRequest>(read(TargetKind::kRegId, form, "h")).idempotency_key, "h");
  EXPECT_EQ(code_with("&idempotency_key=" + std::string(129, 'k')), 10017);
  EXPECT_EQ(to_reg_id("").idempotency_key, "");
}

TEST(SendForm, Priority_has_three_words) {
  EXPECT_EQ(to_reg_id("&priority=high").priority, middle::Priority::kHigh);
  EXPECT_EQ(to_reg_id("").priority, middle::Priority::kNormal);
  EXPECT_EQ(code_with("&priority=urgent"), 10017);
}

TEST(SendForm, Same_form_gives_the_same_bytes) {
  EXPECT_EQ(to_reg_id("&extra.b=1&extra.a=2").body, to_reg_id("&extra.a=2&extra.b=1").body);
}

}  // namespace
}  // namespace longwire::http

#include "sdk/cpp/requests.h"

#include <gtest/gtest.h>

#include <vector>

#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"
#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

namespace wire = channels::wire;
using Lines = std::vector<std::string>;

class Recorder final : public Listener {
 public:
  void on_message(const Message&) override {}
  void on_registered(const std::string& reg_id) override {
    lines.push_back("registered " + reg_id);
  }
  void on_error(const Failure& failure) override {
    lines.push_back((failure.is_final ? "final " : "error ") + failure.code);
  }
  Lines lines;
};

class RequestsTest : public testing::Test {
 protected:
  RequestsTest() {
    options.app_id = "1";
    options.app_key = "k";
    options.package = "com.example";
    store = *StateStore::open(directory.path());
    requests = std::make_unique<Requests>(options, *store, app, system_random());
  }
  wire::ClientFrame asked() {
    const Bytes frame = requests->take_request(now);
    if (frame.empty()) return {};
    return *channels::decode_compact<wire::ClientFrame>(frame, channels::kFromClient);
  }
  void answer_registered(const std::string& reg_id = "r") {
    wire::Registered registered;
    registered.reg_id = reg_id;
    registered.secret = Bytes(32, 's');
    registered.incarnation = "i";
    wire::ServerFrame frame;
    frame.__set_registered(registered);
    requests->on_reply(channels::encode_compact(frame), now);
  }
  void answer(ErrorCode code) { requests->on_reply(Error{code, "text"}, now); }
  void register_now() {
    requests->on_connected(now);
    asked();
    answer_registered();
    app.lines.clear();
  }
  void want(const std::string& alias) {
    requests->add({.kind = Wish::Kind::kSet,
                   .name_kind = NameKind::kAlias,
                   .name = alias,
                   .done = [this, alias](const std::optional<Failure>& failure) {
                     app.lines.push_back(alias + (failure ? " " + failure->code : " done"));
                   }});
  }
  void wait() { now += std::chrono::seconds(60); }

  TemporaryDirectory directory;
  Options options;
  Recorder app;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<Requests> requests;
  MonotonicTime now{0};
};

TEST_F(RequestsTest, registers_first_and_keeps_the_answer) {
  want("bob");
  EXPECT_TRUE(requests->take_request(now).empty());
  requests->on_connected(now);
  const auto frame = asked();
  EXPECT_EQ(frame.register_app.app_id, "1");
  EXPECT_EQ(frame.register_app.package_name, "com.example");
  EXPECT_TRUE(requests->take_request(now).empty());
  answer_registered();
  EXPECT_EQ(app.lines, Lines({"registered r"}));
  EXPECT_EQ(store->state().find("1", "com.example")->secret, Bytes(32, 's'));
  EXPECT_EQ(asked().change_name.name, "bob");
}

TEST_F(RequestsTest, does_not_register_again) {
  register_now();
  requests->on_disconnected();
  requests->on_connected(now);
  EXPECT_TRUE(requests->take_request(now).empty());
  EXPECT_TRUE(app.lines.empty());
  EXPECT_EQ(requests->next_time(), std::nullopt);
}

TEST_F(RequestsTest, names_go_one_after_another) {
  register_now();
  want("a");
  want("b");
  EXPECT_EQ(asked().change_name.name, "a");
  EXPECT_TRUE(requests->take_request(now).empty());
  requests->on_reply(Bytes(), now);
  EXPECT_EQ(asked().change_name.name, "b");
  requests->on_reply(Bytes(), now);
  EXPECT_EQ(app.lines, Lines({"a done", "b done"}));
}

TEST_F(RequestsTest, a_lost_connection_repeats_what_was_not_answered) {
  register_now();
  want("a");
  asked();
  requests->on_disconnected();
  requests->on_connected(now);
  EXPECT_EQ(asked().change_name.name, "a");
}

TEST_F(RequestsTest, no_answer_in_time_repeats_it) {
  register_now();
  want("a");
  asked();
  EXPECT_EQ(requests->next_time(), now + std::chrono::seconds(30));
  wait();
  requests->check_timeout(now);
  wait();
  EXPECT_EQ(asked().change_name.name, "a");
}

TEST_F(RequestsTest, a_refusal_that_may_pass_is_tried_again_but_not_for_ever) {
  register_now();
  want("a");
  for (int tries = 0; tries < Requests::kTriesMax; ++tries) {
    wait();
    EXPECT_EQ(asked().change_name.name, "a");
    answer(ErrorCode::kUnavailable);
  }
  EXPECT_EQ(app.lines, Lines({"a unavailable"}));
}

TEST_F(RequestsTest, a_refusal_for_good_is_told_and_the_next_goes_on) {
  register_now();
  want("a");
  want("b");
  asked();
  answer(ErrorCode::kInvalidArgument);
  EXPECT_EQ(app.lines, Lines({"a invalid_argument"}));
  EXPECT_EQ(asked().change_name.name, "b");
  answer(ErrorCode::kResourceExhausted);  // a limit that waiting does not lift
  EXPECT_EQ(app.lines.back(), "b resource_exhausted");
}

TEST_F(RequestsTest, a_refused_name_is_named) {
  register_now();
  auto told = [this](const std::optional<Failure>& failure) { app.lines.push_back(failure->text); };
  for (const char* name : {"bob", "\xff"}) {
    requests->add(
        {.kind = Wish::Kind::kSet, .name_kind = NameKind::kTopic, .name = name, .done = told});
    asked();
    answer(ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(app.lines, Lines({"topic \"bob\": text", "topic \"ff\": text"}));
}

TEST_F(RequestsTest, a_refused_app_is_final) {
  requests->on_connected(now);
  asked();
  answer(ErrorCode::kUnauthenticated);
  EXPECT_EQ(app.lines, Lines({"final unauthenticated"}));
  EXPECT_TRUE(requests->refused());
}

TEST_F(RequestsTest, registering_is_tried_until_it_works) {
  requests->on_connected(now);
  for (int tries = 0; tries < 20; ++tries) {
    wait();
    EXPECT_TRUE(asked().__isset.register_app);
    answer(ErrorCode::kUnavailable);
  }
  EXPECT_FALSE(requests->refused());
}

TEST_F(RequestsTest, unregistering_forgets_the_registration) {
  register_now();
  requests->add({.kind = Wish::Kind::kUnregister, .name = {}, .done = nullptr});
  EXPECT_EQ(asked().unregister_app.reg_id, "r");
  requests->on_reply(Bytes(), now);
  EXPECT_TRUE(store->state().registrations.empty());
  EXPECT_TRUE(requests->take_request(now).empty());
  want("a");
  EXPECT_TRUE(requests->take_request(now).empty());
  EXPECT_EQ(app.lines, Lines({"a not_found"}));
}

TEST_F(RequestsTest, after_its_account_was_lost_it_registers_anew_and_sets_its_names_again) {
  register_now();
  for (const char* name : {"a", "b", "c"}) {
    want(name);
    asked();
    requests->on_reply(Bytes(), now);
  }
  requests->add({.kind = Wish::Kind::kUnset, .name = "b", .done = nullptr});
  asked();
  requests->on_reply(Bytes(), now);
  requests->on_disconnected();
  store->state().lose_account();
  requests->on_account_lost();
  app.lines.clear();
  requests->on_connected(now);
  EXPECT_EQ(asked().register_app.app_id, "1");
  answer_registered("r2");
  EXPECT_EQ(app.lines, Lines({"registered r2"}));
  EXPECT_EQ(asked().change_name.name, "a");
  requests->on_reply(Bytes(), now);
  requests->on_disconnected();  // what was not answered is not forgotten
  requests = std::make_unique<Requests>(options, *store, app, system_random());
  requests->on_connected(now);
  for (const char* name : {"a", "c"}) {
    EXPECT_EQ(asked().change_name.name, name);
    requests->on_reply(Bytes(), now);
  }
  EXPECT_TRUE(requests->take_request(now).empty());
  EXPECT_FALSE(store->state().find("r2")->renew_names);
}

TEST_F(RequestsTest, so_many_may_wait_and_no_more) {
  for (std::size_t i = 0; i < Requests::kWishesMax; ++i) want("a");
  want("b");
  EXPECT_EQ(app.lines, Lines({"b resource_exhausted"}));
}

TEST_F(RequestsTest, all_that_wait_fail_when_the_client_stops) {
  want("a");
  want("b");
  requests->give_up({.code = "unavailable", .text = "stopped"});
  EXPECT_EQ(app.lines, Lines({"a unavailable", "b unavailable"}));
}

TEST(Backoff, doubles_between_half_and_whole_up_to_the_maximum) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds(100), milliseconds(350));
  for (int whole : {100, 200, 350, 350}) {
    const auto delay = backoff.next(system_random());
    EXPECT_GE(delay.count(), whole / 2);
    EXPECT_LE(delay.count(), whole);
  }
  backoff.succeeded();
  EXPECT_LE(backoff.next(system_random()).count(), 100);
}

}  // namespace
}  // namespace longwire::sdk

// What becomes of a call whose partition changes hands.

#include "middle/cluster/owner_router.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "tests/support/manual_executor.h"

namespace longwire::middle::cluster {
namespace {

using std::chrono::milliseconds;

// A face of two calls, answered when the test says so.
struct Face {
  virtual ~Face() = default;
  virtual void send(SendRequest request, Callback<std::string> done) = 0;
};
struct Node final : Face {
  void send(SendRequest request, Callback<std::string> done) override {
    heard.push_back(request.body + (request.repeated ? " again" : ""));
    calls.push_back(std::move(done));
  }
  void answer(Result<std::string> result) {
    auto done = std::move(calls.front());
    calls.pop_front();
    done(std::move(result));
  }
  std::vector<std::string> heard;
  std::deque<Callback<std::string>> calls;
};

using Heard = std::vector<std::string>;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.connected("a", a, {});
    router.connected("b", b, {});
  }
  void claim(const NodeAddress& node, Position since) {
    owners.take(node, {3, since, true});
    router.owners_changed();
  }
  std::shared_ptr<std::string> send(const std::string& body, bool repeatable = true,
                                    std::optional<PartitionId> on_behalf_of = std::nullopt) {
    auto outcome = std::make_shared<std::string>();
    SendRequest request;
    request.body = body;
    router.call<&Face::send>(
        CallKind{
            .partition = PartitionId{3}, .repeatable = repeatable, .on_behalf_of = on_behalf_of},
        Callback<std::string>([outcome](Result<std::string> result) {
          *outcome = result.ok() ? *result : std::string(error_code_name(result.error().code));
        }),
        std::move(request));
    return outcome;
  }
  static Error deposed() { return {ErrorCode::kDeposed, "elsewhere"}; }
  static Error unknown() { return {ErrorCode::kUnknownOutcome, "no answer"}; }

  test::ManualClock clock;
  test::ManualExecutor loop{clock};
  Metrics metrics;
  OwnerTable owners{16};
  RouterOptions options{
      .give_up_after = milliseconds(1000), .anybody_within = milliseconds(200), .waiting_max = 3};
  OwnerRouter<Face> router{{loop, clock, system_random(), null_log(), metrics}, owners, options};
  Node a;
  Node b;
};

TEST_F(RouterTest, A_call_goes_to_the_owner) {
  claim("b", 1);
  const auto outcome = send("one");
  b.answer(std::string("done"));
  EXPECT_EQ(*outcome, "done");
  EXPECT_EQ(a.heard, Heard());
}

TEST_F(RouterTest, What_one_owner_asks_of_another_is_not_tried_again_once_it_is_owner_no_more) {
  owners.take("a", {5, 1, true});
  claim("b", 1);
  const auto outcome = send("one", true, PartitionId{5});
  b.answer(deposed());
  owners.take("b", {5, 2, true});
  claim("b", 2);
  EXPECT_EQ(*outcome, "deposed");
  EXPECT_EQ(b.heard, Heard{"one"});
}

TEST_F(RouterTest, What_was_refused_as_elsewhere_waits_for_the_next_owner) {
  claim("a", 1);
  const auto outcome = send("one");
  a.answer(deposed());
  loop.advance(milliseconds(500));
  EXPECT_EQ(*outcome, "");
  claim("b", 2);
  EXPECT_EQ(b.heard, Heard{"one"});
  b.answer(std::string("done"));
  EXPECT_EQ(*outcome, "done");
}

TEST_F(RouterTest, Without_an_owner_in_time_it_was_not_done) {
  const auto outcome = send("one");
  loop.advance(milliseconds(999));
  EXPECT_EQ(*outcome, "");
  loop.advance(milliseconds(100));
  EXPECT_EQ(*outcome, "unavailable");
}

TEST_F(RouterTest, After_a_try_without_an_answer_it_may_have_been_done) {
  claim("a", 1);
  const auto outcome = send("one");
  owners.lost("a");
  router.lost("a");
  a.answer(unknown());
  loop.advance(milliseconds(1100));
  EXPECT_EQ(*outcome, "unknown_outcome");
}

TEST_F(RouterTest, A_try_without_an_answer_is_repeated_as_a_repeat) {
  claim("a", 1);
  const auto outcome = send("one");
  a.answer(unknown());
  claim("b", 2);
  EXPECT_EQ(b.heard, Heard{"one again"});
  b.answer(std::string("done"));
  EXPECT_EQ(*outcome, "done");
}

TEST_F(RouterTest, What_may_not_be_repeated_is_not) {
  claim("a", 1);
  const auto outcome = send("one", false);
  a.answer(unknown());
  EXPECT_EQ(*outcome, "unknown_outcome");
  loop.advance(milliseconds(1000));
  EXPECT_EQ(a.heard, Heard{"one"});
}

TEST_F(RouterTest, Who_hears_that_a_call_was_given_up_does_not_overtake_what_waits) {
  router.call<&Face::send>(
      CallKind{PartitionId{3}},
      Callback<std::string>([this](const Result<std::string>&) { send("three"); }), SendRequest());
  loop.advance(milliseconds(10));
  send("two");
  clock.advance(milliseconds(992));
  claim("a", 1);
  loop.run_until_idle();
  EXPECT_EQ(a.heard, (Heard{"two", "three"}));
}

TEST_F(RouterTest, Who_hears_that_a_call_was_overtaken_does_not_overtake_what_is_repeated) {
  claim("a", 1);
  router.call<&Face::send>(
      CallKind{.partition = PartitionId{3}, .repeatable = false},
      Callback<std::string>([this](const Result<std::string>&) { send("three"); }), SendRequest());
  send("two");
  claim("b", 2);
  EXPECT_EQ(b.heard, (Heard{"two again", "three"}));
}

TEST_F(RouterTest, An_owner_that_was_overtaken_is_not_waited_for) {
  claim("a", 1);
  const auto outcome = send("one");
  claim("b", 2);
  EXPECT_EQ(b.heard, Heard{"one again"});
  b.answer(std::string("by b"));
  EXPECT_EQ(*outcome, "by b");
  a.answer(std::string("by a"));
  EXPECT_EQ(*outcome, "by b");
}

TEST_F(RouterTest, Calls_that_wait_keep_their_order_and_later_ones_stay_behind) {
  claim("a", 1);
  send("one");
  send("two");
  a.answer(deposed());
  send("three");
  a.answer(deposed());
  claim("b", 2);
  EXPECT_EQ(b.heard, (Heard{"one", "two", "three"}));
}

TEST_F(RouterTest, Refused_by_a_busy_owner_the_caller_is_told) {
  claim("a", 1);
  const auto outcome = send("one");
  a.answer(Error{ErrorCode::kUnavailable, "too much waits", milliseconds(200)});
  EXPECT_EQ(*outcome, "unavailable");
}

TEST_F(RouterTest, Refused_after_a_try_without_an_answer_it_is_tried_on) {
  claim("a", 1);
  const auto outcome = send("one");
  a.answer(unknown());
  loop.advance(milliseconds(60));
  a.answer(Error{ErrorCode::kUnavailable, "an earlier try is under way", milliseconds(100)});
  loop.advance(milliseconds(60));
  EXPECT_EQ(*outcome, "");
  a.answer(std::string("done"));
  EXPECT_EQ(*outcome, "done");
}

using Counts = std::pair<std::int64_t, std::int64_t>;

TEST_F(RouterTest, What_is_on_its_way_and_what_waits_is_counted) {
  const auto counted = [&] {
    return std::pair(metrics.value("longwire_calls_on_their_way").value_or(-1),
                     metrics.value("longwire_calls_waiting").value_or(-1));
  };
  send("one");
  send("two");
  EXPECT_EQ(counted(), Counts(0, 2));
  claim("a", 1);
  EXPECT_EQ(counted(), Counts(2, 0));
  a.answer(std::string("done"));
  EXPECT_EQ(counted(), Counts(1, 0));
  a.answer(deposed());
  EXPECT_EQ(counted(), Counts(0, 1));
}

TEST_F(RouterTest, More_than_may_wait_is_refused) {
  for (int i = 0; i < 3; ++i) send("waits");
  const auto outcome = send("too many");
  loop.run_until_idle();
  EXPECT_EQ(*outcome, "unavailable");
  EXPECT_EQ(router.waiting(), 3u);
}

TEST_F(RouterTest, Anybody_will_do_but_not_the_silent_one_again) {
  SendRequest request;
  request.body = "any";
  std::string outcome;
  router.call<&Face::send>(CallKind{std::nullopt, true},
                           Callback<std::string>([&](Result<std::string> r) { outcome = *r; }),
                           std::move(request));
  Node& other = a.heard.empty() ? a : b;
  loop.advance(milliseconds(350));
  other.answer(std::string("by the other"));
  EXPECT_EQ(outcome, "by the other");
}

}  // namespace
}  // namespace longwire::middle::cluster

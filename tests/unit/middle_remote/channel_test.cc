// Calls on their way between two processes: what becomes of each, and what a peer cannot do.

#include "middle/remote/channel.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "middle/remote/methods.h"
#include "middle/remote/remote_service.h"
#include "middle/remote/service_server.h"
#include "tests/support/manual_executor.h"

namespace longwire::middle::remote {
namespace {

using std::chrono::milliseconds;

// Keeps what is written, for a test to look at and to hand on.
struct Sent final : Wire {
  void write(BytesView bytes) override { all.emplace_back(bytes); }
  std::deque<Bytes> all;
};

// Keeps the names of what comes.
struct Heard final : ChannelHandler {
  void on_message(IncomingMessage& message) override { names.push_back(message.head().name); }
  std::vector<std::string> names;
};

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    limits_.calls_max = 2;
    limits_.call_timeout = milliseconds(1000);
    channel_.emplace(loop_, clock_, limits_, sent_, heard_);
  }
  // Its answer, once there is one: the name of an error's code, or "answered".
  std::shared_ptr<std::string> call(const std::string& name = "archiveCursor") {
    auto outcome = std::make_shared<std::string>();
    channel_->call(
        name, [](OutgoingMessage& message) { message.arguments(XmppAccount("ann")); },
        [outcome](Result<IncomingMessage*> answer) {
          *outcome = answer.ok() ? "answered" : std::string(error_code_name(answer.error().code));
        });
    return outcome;
  }
  // The other end answers the oldest call that it has heard of.
  void answer(FeedNumber number = 7) {
    const auto head = IncomingMessage::open(without_length(sent_.all.front()), {})->head();
    sent_.all.pop_front();
    OutgoingMessage reply({MessageKind::kReply, head.name, head.id});
    reply.field(0, number);
    EXPECT_TRUE(channel_->feed(std::move(reply).take()).ok());
  }
  static BytesView without_length(const Bytes& bytes) { return BytesView(bytes).substr(4); }

  test::ManualClock clock_;
  test::ManualExecutor loop_{clock_};
  ChannelLimits limits_;
  Sent sent_;
  Heard heard_;
  std::optional<Channel> channel_;
};

TEST_F(ChannelTest, Answers_find_their_calls_in_any_order) {
  const auto first = call();
  const auto second = call();
  std::swap(sent_.all[0], sent_.all[1]);
  answer();
  EXPECT_EQ(*first, "");
  EXPECT_EQ(*second, "answered");
  answer();
  EXPECT_EQ(*first, "answered");
}

TEST_F(ChannelTest, Call_that_nobody_answers_ends_at_its_deadline_and_a_later_answer_is_nothing) {
  const auto outcome = call();
  loop_.advance(milliseconds(999));
  EXPECT_EQ(*outcome, "");
  loop_.advance(milliseconds(2));
  EXPECT_EQ(*outcome, "deadline_exceeded");
  answer();
  EXPECT_EQ(*outcome, "deadline_exceeded");
}

TEST_F(ChannelTest, Deadlines_are_each_call_s_own) {
  const auto early = call();
  loop_.advance(milliseconds(600));
  const auto late = call();
  loop_.advance(milliseconds(600));
  EXPECT_EQ(*early, "deadline_exceeded");
  EXPECT_EQ(*late, "");
  loop_.advance(milliseconds(600));
  EXPECT_EQ(*late, "deadline_exceeded");
}

TEST_F(ChannelTest, Calls_past_the_limit_are_refused_by_a_later_turn_and_not_sent) {
  call();
  call();
  const auto refused = call();
  EXPECT_EQ(*refused, "");
  loop_.run_until_idle();
  EXPECT_EQ(*refused, "unavailable");
  EXPECT_EQ(sent_.all.size(), 2u);
  answer();
  call();
  EXPECT_EQ(sent_.all.size(), 2u);  // there is room again
}

TEST_F(ChannelTest, Its_end_leaves_open_what_became_of_the_calls) {
  const auto outcome = call();
  channel_.reset();
  EXPECT_EQ(*outcome, "unknown_outcome");
}

TEST_F(ChannelTest, Messages_come_whole_however_their_bytes_do) {
  Sent wire;
  Channel other(loop_, clock_, limits_, wire, heard_);
  other.oneway("one", FeedNumber{1});
  other.oneway("two", std::string("text"));
  Bytes bytes = wire.all[0] + wire.all[1];
  for (const char byte : bytes) ASSERT_TRUE(channel_->feed(BytesView(&byte, 1)).ok());
  EXPECT_EQ(heard_.names, (std::vector<std::string>{"one", "two"}));
}

TEST_F(ChannelTest, Length_beyond_the_limit_is_refused_before_its_bytes_are_there) {
  limits_.wire.bytes_max = 100;
  channel_.emplace(loop_, clock_, limits_, sent_, heard_);
  const Status fed = channel_->feed(Bytes("\0\0\0\x65", 4));
  ASSERT_FALSE(fed.ok());
  EXPECT_EQ(fed.error().code, ErrorCode::kResourceExhausted);
}

TEST_F(ChannelTest, What_is_no_message_is_refused) {
  EXPECT_EQ(channel_
                ->feed(Bytes("\0\0\0\x03"
                             "abc",
                             7))
                .error()
                .code,
            ErrorCode::kCorrupt);
}

// ---- the calls themselves

class Answering : public testing::Test {
 protected:
  std::string outcome_of(OutgoingMessage call) {
    const Bytes bytes = std::move(call).take();
    auto message = IncomingMessage::open(BytesView(bytes).substr(4), {});
    EXPECT_TRUE(message.ok());
    std::string outcome;
    serve_call({*service_, *peers_, address_next_}, *message, [&](OutgoingMessage reply) {
      const Bytes answered = std::move(reply).take();
      auto read = IncomingMessage::open(BytesView(answered).substr(4), {});
      const auto answer = read->answer<FeedNumber>();
      outcome = answer.ok() ? "answered" : std::string(error_code_name(answer.error().code));
    });
    return outcome;
  }

  test::ManualClock clock_;
  test::ManualExecutor loop_{clock_};
  Sent sent_;
  Heard heard_;
  // Any service will do: none of these calls comes to it.
  const std::shared_ptr<Channel> nowhere_ =
      std::make_shared<Channel>(loop_, clock_, ChannelLimits(), sent_, heard_);
  std::unique_ptr<Service> service_ = make_remote_service(nowhere_);
  std::unique_ptr<PeerService> peers_ = make_remote_peers(nowhere_);
  const AddressNext address_next_ = [](const std::optional<PartitionClaim>&) {};
};

TEST_F(Answering, Call_that_is_not_known_is_answered_so) {
  EXPECT_EQ(outcome_of(OutgoingMessage({MessageKind::kCall, "makeCoffee", 1})), "unsupported");
}

TEST_F(Answering, Arguments_that_make_no_sense_are_answered_so) {
  OutgoingMessage call({MessageKind::kCall, "archiveCursor", 1});
  call.arguments(FeedNumber{5});  // an account is a string
  EXPECT_EQ(outcome_of(std::move(call)), "corrupt");
}

TEST(Methods, Names_are_all_there_and_different) {
  std::set<std::string_view> names;
  std::apply([&](const auto&... rows) { (names.insert(rows.name), ...); }, kMethods);
  EXPECT_EQ(names.size(), std::tuple_size_v<decltype(kMethods)>);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace longwire::middle::remote

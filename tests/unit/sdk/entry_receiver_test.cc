#include "sdk/cpp/entry_receiver.h"

#include <gtest/gtest.h>

#include <vector>

#include "channels/codec/compact.h"
#include "channels/codec/push_body.h"
#include "channels/idl/push_types.h"
#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

namespace wire = channels::wire;
using channels::decode_compact;
using channels::encode_compact;

constexpr const char* kInbox = "inbox:r";
using Lines = std::vector<std::string>;

class Recorder final : public Listener {
 public:
  void on_message(const Message& message) override {
    lines.push_back(message.title + (message.again ? " again" : ""));
    last = message;
    if (dies) throw 1;  // stands for the process's death: nothing after the callback runs
  }
  void on_repeated(const std::string&, const std::string&, std::uint64_t number) override {
    repeated.push_back(number);
  }
  void on_withdrawn(const std::string& id) override { lines.push_back("withdrawn " + id); }
  void on_name_removed(NameKind, const std::string& name) override {
    lines.push_back("removed " + name);
  }
  void on_error(const Failure& failure) override { lines.push_back("error " + failure.code); }
  Lines lines;
  std::vector<std::uint64_t> repeated;
  Message last;
  bool dies = false;
};

class EntryReceiverTest : public testing::Test {
 protected:
  EntryReceiverTest() {
    options.app_id = "1";
    options.package = "com.example";
    restart();
    store->state().registrations = {registration("1", "r")};
    EXPECT_TRUE(store->save().ok());
  }
  static RegistrationState registration(const std::string& app, const std::string& reg_id) {
    RegistrationState one;
    one.app_id = app;
    one.package = "com.example";
    one.reg_id = reg_id;
    one.secret = Bytes(32, 's');
    one.incarnation = "i";
    return one;
  }
  void restart() {
    receiver.reset();
    store.reset();
    store = *StateStore::open(directory.path());
    receiver = std::make_unique<EntryReceiver>(options, *store, app);
  }
  static Bytes id(int number) {
    Bytes made(12, static_cast<char>(number));
    made[0] = static_cast<char>(number >> 8);
    return made;
  }
  static wire::Push push(int number, const std::string& incarnation = "i", int message = 0) {
    wire::Push made;
    made.reg_id = "r";
    made.feed = kInbox;
    made.number = number;
    made.message_id = id(message == 0 ? number : message);
    made.cipher = wire::Cipher::AES_128_GCM;
    channels::PushBody body;
    body.title = "m" + std::to_string(message == 0 ? number : message);
    channels::Sealer sealer(channels::SealCipher::kAes128Gcm);
    sealer.seal(channels::derive_seal_key(
                    {.secret = Bytes(32, 's'), .incarnation = incarnation, .feed = kInbox}),
                {.registration = "r",
                 .feed = kInbox,
                 .number = static_cast<std::uint64_t>(number),
                 .nonce = made.message_id},
                channels::encode_push_body(body), made.sealed);
    return made;
  }
  void take(const wire::Push& push) {
    wire::ServerFrame frame;
    frame.__set_push(push);
    receiver->take(encode_compact(frame), now);
  }
  Outcome take(const wire::Control& control) {
    wire::ServerFrame frame;
    frame.__set_control(control);
    return receiver->take(encode_compact(frame), now);
  }
  void begin_anew(const std::string& incarnation) {
    wire::Control reset;
    reset.reg_id = "r";
    reset.kind = wire::ControlKind::FEED_RESET;
    reset.__set_incarnation(incarnation);
    take(reset);
  }
  std::vector<wire::Acknowledgement> acknowledgements() {
    const Bytes frame = receiver->take_acknowledgements();
    if (frame.empty()) return {};
    return decode_compact<wire::ClientFrame>(frame, channels::kFromClient)->acknowledgements.items;
  }
  std::vector<wire::RegistrationPositions> announced() {
    return decode_compact<wire::ClientFrame>(receiver->positions(), channels::kFromClient)
        ->positions.registrations;
  }
  wire::RegistrationPositions positions() { return announced().at(0); }

  TemporaryDirectory directory;
  Options options;
  Recorder app;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<EntryReceiver> receiver;
  MonotonicTime now{0};
};

TEST_F(EntryReceiverTest, hands_over_what_it_can_open) {
  auto sent = push(1);
  sent.__set_via(wire::Via::TOPIC);
  sent.__set_via_name("news");
  take(sent);
  EXPECT_EQ(app.lines, Lines({"m1"}));
  EXPECT_EQ(app.last.id, "000101010101010101010101");
  EXPECT_EQ(app.last.via, "topic");
  EXPECT_EQ(app.last.via_name, "news");
}

TEST_F(EntryReceiverTest, hands_over_each_number_once_also_after_a_restart) {
  take(push(1));
  take(push(2));
  take(push(1));
  restart();
  take(push(2));
  take(push(3));
  EXPECT_EQ(app.lines, Lines({"m1", "m2", "m3"}));
  EXPECT_EQ(app.repeated, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(EntryReceiverTest, what_was_being_handed_over_when_the_app_died_comes_again_marked) {
  take(push(1));
  app.dies = true;
  EXPECT_THROW(take(push(2)), int);
  app.dies = false;
  restart();
  take(push(2));
  take(push(3));
  EXPECT_EQ(app.lines, Lines({"m1", "m2", "m2 again", "m3"}));
}

TEST_F(EntryReceiverTest, a_forged_push_is_reported_and_not_handed_over) {
  auto forged = push(1);
  forged.sealed[0] = static_cast<char>(forged.sealed[0] ^ 1);
  take(forged);
  auto moved = push(2);
  moved.number = 3;
  take(moved);
  EXPECT_EQ(app.lines, Lines({"error corrupt", "error corrupt"}));
}

TEST_F(EntryReceiverTest, anothers_push_is_dropped) {
  auto other = push(1);
  other.reg_id = "another";
  take(other);
  EXPECT_TRUE(app.lines.empty());
  EXPECT_TRUE(acknowledgements().empty());
}

// One state directory, used by one app after another.
TEST_F(EntryReceiverTest, another_apps_registration_is_neither_announced_nor_taken_nor_touched) {
  take(push(1));
  acknowledgements();
  options.app_id = "2";
  EXPECT_TRUE(announced().empty());
  store->state().registrations.push_back(registration("2", "r2"));
  ASSERT_EQ(announced().size(), 1u);
  EXPECT_EQ(announced()[0].reg_id, "r2");
  take(push(2));
  begin_anew("new");
  wire::Control ended;
  ended.reg_id = "r";
  ended.kind = wire::ControlKind::ENDED;
  EXPECT_EQ(take(ended), Outcome::kNothing);
  EXPECT_EQ(app.lines, Lines({"m1"}));
  EXPECT_TRUE(acknowledgements().empty());
  options.app_id = "1";
  take(push(2));
  EXPECT_EQ(app.lines, Lines({"m1", "m2"}));
}

TEST_F(EntryReceiverTest, acknowledges_once_for_many_after_a_second) {
  take(push(1));
  take(push(2));
  EXPECT_EQ(receiver->acknowledge_at(), now + std::chrono::seconds(1));
  const auto items = acknowledgements();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].feed, kInbox);
  EXPECT_EQ(items[0].number, 2);
  EXPECT_TRUE(acknowledgements().empty());
  EXPECT_EQ(receiver->acknowledge_at(), std::nullopt);
}

TEST_F(EntryReceiverTest, acknowledges_at_once_after_sixteen) {
  for (int number = 1; number <= 15; ++number) take(push(number));
  now += std::chrono::milliseconds(10);
  EXPECT_GT(*receiver->acknowledge_at(), now);
  take(push(16));
  EXPECT_EQ(receiver->acknowledge_at(), now);
}

TEST_F(EntryReceiverTest, positions_tell_the_last_number_of_each_feed) {
  take(push(7));
  EXPECT_EQ(positions().reg_id, "r");
  EXPECT_EQ(positions().incarnation, "i");
  ASSERT_EQ(positions().feeds.size(), 1u);
  EXPECT_EQ(positions().feeds[0].number, 7);
}

TEST_F(EntryReceiverTest, after_storage_began_anew_the_same_message_is_dropped_by_its_id) {
  take(push(7));
  begin_anew("new");
  EXPECT_EQ(positions().incarnation, "new");
  take(push(3, "new", 7));  // the same message under another number
  take(push(4, "new", 8));
  EXPECT_EQ(app.lines, Lines({"m7", "m8"}));
  EXPECT_EQ(positions().feeds[0].number, 4);
}

TEST_F(EntryReceiverTest, a_replay_longer_than_what_is_remembered_repeats_only_what_is_older) {
  constexpr int kOlder = 100;
  constexpr int kAll = static_cast<int>(StateStore::kRecentMax) + kOlder;
  for (int number = 1; number <= kAll; ++number) take(push(number));
  begin_anew("new");
  app.lines.clear();
  Lines older;
  for (int number = 1; number <= kAll; ++number) take(push(number, "new"));
  for (int number = 1; number <= kOlder; ++number) older.push_back("m" + std::to_string(number));
  EXPECT_EQ(app.lines, older);
}

TEST_F(EntryReceiverTest, a_restore_in_the_middle_of_a_replay_repeats_nothing) {
  for (int number = 1; number <= 20; ++number) take(push(number));
  begin_anew("second");
  for (int number = 1; number <= 10; ++number) take(push(number, "second"));
  restart();
  begin_anew("third");
  app.lines.clear();
  for (int number = 1; number <= 21; ++number) take(push(number, "third"));
  EXPECT_EQ(app.lines, Lines({"m21"}));
}

TEST_F(EntryReceiverTest, one_feed_alone_may_begin_anew) {
  take(push(7));
  wire::Control reset;
  reset.reg_id = "r";
  reset.kind = wire::ControlKind::FEED_RESET;
  reset.__set_feed(kInbox);
  reset.__set_incarnation("new");
  take(reset);
  EXPECT_EQ(positions().incarnation, "i");
  EXPECT_EQ(positions().feeds[0].incarnation, "new");
  take(push(1, "new", 9));
  EXPECT_EQ(app.lines, Lines({"m7", "m9"}));
}

TEST_F(EntryReceiverTest, withdrawals_and_removed_names_reach_the_app_once) {
  wire::Withdrawal withdrawal;
  withdrawal.reg_id = "r";
  withdrawal.feed = kInbox;
  withdrawal.number = 1;
  withdrawal.message_id = id(1);
  wire::ServerFrame frame;
  frame.__set_withdrawal(withdrawal);
  receiver->take(encode_compact(frame), now);
  receiver->take(encode_compact(frame), now);
  wire::Control removed;
  removed.reg_id = "r";
  removed.kind = wire::ControlKind::NAMES_CHANGED;
  removed.__set_feed(kInbox);
  removed.__set_number(2);
  removed.__set_name("bob");
  take(removed);
  EXPECT_EQ(app.lines, Lines({"withdrawn 000101010101010101010101", "removed bob"}));
  EXPECT_EQ(acknowledgements().at(0).number, 2);
}

TEST_F(EntryReceiverTest, what_was_lost_with_its_account_is_not_announced) {
  store->state().lose_account();
  EXPECT_TRUE(announced().empty());
  take(push(1));
  EXPECT_TRUE(app.lines.empty());
}

TEST_F(EntryReceiverTest, a_removed_name_is_not_to_be_set_again) {
  const CarriedName bob{.kind = NameKind::kAlias, .name = "bob"};
  store->state().find("r")->carry(bob, true);
  wire::Control removed;
  removed.reg_id = "r";
  removed.kind = wire::ControlKind::NAMES_CHANGED;
  removed.__set_name_kind(wire::NameKind::ALIAS);
  removed.__set_name("bob");
  take(removed);
  restart();
  EXPECT_FALSE(store->state().find("r")->carries(bob));
}

TEST_F(EntryReceiverTest, an_ended_registration_is_told) {
  wire::Control ended;
  ended.reg_id = "r";
  ended.kind = wire::ControlKind::ENDED;
  EXPECT_EQ(take(ended), Outcome::kEnded);
  ended.reg_id = "another";
  EXPECT_EQ(take(ended), Outcome::kNothing);
}

TEST_F(EntryReceiverTest, broken_and_unknown_frames_do_no_harm) {
  receiver->take("\xff\xff", now);
  receiver->take(encode_compact(wire::ServerFrame()), now);
  EXPECT_EQ(app.lines, Lines({"error corrupt"}));
}

}  // namespace
}  // namespace longwire::sdk

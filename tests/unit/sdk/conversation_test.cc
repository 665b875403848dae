// The SDK and the push channel talk to each other, without a network between them: what one says
// the other understands, over restarts and lost connections.

#include <gtest/gtest.h>

#include "sdk/cpp/entry_receiver.h"
#include "sdk/cpp/requests.h"
#include "tests/unit/channels/push_fixture.h"
#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

using channels::kApp;
using channels::kInbox;
using channels::kNews;
using channels::kReg;
using channels::kStorage;
using Lines = std::vector<std::string>;

class App final : public Listener {
 public:
  void on_message(const Message& message) override { lines.push_back(message.title); }
  void on_registered(const std::string& reg_id) override { lines.push_back(reg_id); }
  void on_withdrawn(const std::string& id) override { lines.push_back("withdrawn " + id); }
  void on_error(const Failure& failure) override { lines.push_back(failure.code); }
  Lines lines;
};

class Conversation : public channels::PushFixture {
 protected:
  Conversation() {
    options.app_id = "1";
    options.app_key = "key";
    options.package = "com.example";
    session.session.registrations.clear();
    start_app();
  }
  void start_app() {
    requests.reset();
    receiver.reset();
    store.reset();
    store = *StateStore::open(directory.path());
    receiver = std::make_unique<EntryReceiver>(options, *store, app);
    requests = std::make_unique<Requests>(options, *store, app, system_random());
  }
  // A login: a new session on the server, positions from the SDK.
  void connect() {
    open();
    delivered = session.frames.size();
    handler->on_frame(receiver->positions());
    requests->on_connected(now);
    talk();
  }
  // The connection is gone; the registration is known to the server from now on.
  void disconnect() {
    service.moves.clear();
    stored = text(handler->take_moves());
    handler.reset();
    requests->on_disconnected();
    receiver->forget_acknowledgements();
    session.session.registrations = {view()};
  }
  // Carries everything both ways until nothing is left to say.
  void talk() {
    for (int turns = 0; turns < 10; ++turns) {
      if (const Bytes request = requests->take_request(now); !request.empty())
        handler->on_request(
            request, [this](Result<Bytes> reply) { requests->on_reply(std::move(reply), now); });
      executor.run_until_idle();
      for (; delivered < session.frames.size(); ++delivered)
        receiver->take(session.frames[delivered].bytes, now);
    }
  }
  void acknowledge() {
    if (const Bytes frame = receiver->take_acknowledgements(); !frame.empty())
      handler->on_frame(frame);
  }

  TemporaryDirectory directory;
  Options options;
  App app;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<EntryReceiver> receiver;
  std::unique_ptr<Requests> requests;
  MonotonicTime now{0};
  std::size_t delivered = 0;
  Lines stored;
};

TEST_F(Conversation, a_fresh_device_registers_and_gets_what_is_sent) {
  connect();
  EXPECT_EQ(app.lines, Lines({kReg}));
  give(kInbox, {entry(1, "one")});
  give(kApp, {entry(10, "all")});
  give(kNews, {entry(5, "news")});
  talk();
  EXPECT_EQ(app.lines, Lines({kReg, "one", "all", "news"}));
  acknowledge();
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=1", std::string(kApp) + "=10",
                            std::string(kNews) + "=5"}));
}

TEST_F(Conversation, what_was_acknowledged_to_nobody_is_neither_repeated_nor_forgotten) {
  connect();
  give(kInbox, {entry(1, "one"), entry(2, "two")});
  talk();
  disconnect();  // before an acknowledgement went out
  EXPECT_EQ(stored, Lines({}));
  start_app();
  connect();
  app.lines.clear();
  session.frames.clear();
  delivered = 0;
  give(kInbox, {entry(1, "one"), entry(2, "two"), entry(3, "three")});
  talk();
  EXPECT_EQ(pushed(kInbox), channels::Numbers({3}));
  EXPECT_EQ(app.lines, Lines({"three"}));
  acknowledge();
  EXPECT_EQ(moves(), Lines({std::string(kInbox) + "=3"}));
}

TEST_F(Conversation, names_reach_the_middle) {
  connect();
  requests->add({.kind = Wish::Kind::kSet,
                 .name_kind = NameKind::kTopic,
                 .name = "news",
                 .done = [this](const std::optional<Failure>& failure) {
                   app.lines.push_back(failure ? failure->code : "done");
                 }});
  talk();
  EXPECT_EQ(app.lines, Lines({kReg, "done"}));
  EXPECT_EQ(service.asked.back(), std::string("subscribe ") + kReg + " news");
}

TEST_F(Conversation, a_name_that_no_sender_can_address_is_refused_by_name) {
  connect();
  requests->add({.kind = Wish::Kind::kSet,
                 .name_kind = NameKind::kAlias,
                 .name = std::string(129, 'x'),
                 .done = [this](const std::optional<Failure>& failure) {
                   app.lines.push_back(failure ? failure->text : "done");
                 }});
  talk();
  EXPECT_EQ(app.lines.back(),
            "alias \"" + std::string(129, 'x') + "\": a name has at most 128 characters");
}

TEST_F(Conversation, storage_that_began_anew_repeats_nothing_to_the_app) {
  connect();
  give(kInbox, {entry(1, "one"), entry(2, "two")});
  talk();
  acknowledge();
  disconnect();
  session.session.incarnation = middle::Incarnation("fedcba9876543210");
  connect();
  app.lines.clear();
  give(kInbox, {entry(2, "two"), entry(3, "three")});
  talk();
  EXPECT_EQ(app.lines, Lines({"three"}));
}

TEST_F(Conversation, a_registration_that_the_server_lost_is_told_to_the_app) {
  connect();
  disconnect();
  session.session.registrations.clear();
  open();
  delivered = session.frames.size();
  handler->on_frame(receiver->positions());
  ASSERT_EQ(session.frames.size(), delivered + 1);
  EXPECT_EQ(receiver->take(session.frames[delivered].bytes, now), Outcome::kEnded);
}

TEST_F(Conversation, a_recall_after_delivery_reaches_the_app) {
  connect();
  give(kInbox, {entry(1, "one")});
  auto withdrawal = entry(2);
  withdrawal->kind = middle::EntryKind::kWithdrawal;
  withdrawal->id.bytes.fill(1);
  withdrawal->body.clear();
  give(kInbox, {withdrawal});
  talk();
  EXPECT_EQ(app.lines, Lines({kReg, "one", "withdrawn 010101010101010101010101"}));
}

}  // namespace
}  // namespace longwire::sdk

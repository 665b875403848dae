// What a device asks for.

#include "tests/unit/channels/push_fixture.h"

namespace longwire::channels {
namespace {

class PushRequests : public PushFixture {
 protected:
  static wire::ClientFrame registration(const std::string& package = "com.example") {
    wire::Register request;
    request.app_id = "1";
    request.app_key = "key";
    request.package_name = package;
    wire::ClientFrame frame;
    frame.__set_register_app(request);
    return frame;
  }
  static wire::ClientFrame name(wire::NameKind::type kind, const std::string& name, bool carried,
                                const std::string& registration = kReg) {
    wire::ChangeName request;
    request.reg_id = registration;
    request.kind = kind;
    request.name = name;
    request.carried = carried;
    wire::ClientFrame frame;
    frame.__set_change_name(request);
    return frame;
  }
  static wire::ClientFrame fetch(std::int64_t after, std::int32_t limit) {
    wire::Fetch request;
    request.reg_id = kReg;
    request.feed = kInbox;
    request.after = after;
    request.__set_limit(limit);
    wire::ClientFrame frame;
    frame.__set_fetch(request);
    return frame;
  }
};

TEST_F(PushRequests, registering_answers_with_id_secret_and_incarnation_and_serves_it) {
  session.session.registrations.clear();
  open();
  wire::ClientFrame none;
  none.__set_positions(wire::Positions());
  send(none);
  auto answer = ask_and_run(registration());
  EXPECT_EQ(service.asked, Lines({"register 1 com.example"}));
  EXPECT_EQ(answer->frame.registered.reg_id, kReg);
  EXPECT_EQ(answer->frame.registered.secret, Bytes(32, 's'));
  EXPECT_EQ(answer->frame.registered.incarnation, kStorage);
  EXPECT_EQ(hub.live.size(), 3u);
}

TEST_F(PushRequests, registering_before_positions_is_served_once_they_came) {
  session.session.registrations.clear();
  open();
  ask_and_run(registration());
  EXPECT_TRUE(hub.live.empty());
  positions({});
  EXPECT_EQ(hub.live.size(), 3u);
}

TEST_F(PushRequests, an_error_of_the_middle_is_the_answer) {
  open_and_follow();
  service.view = Error{ErrorCode::kUnauthenticated, "no such app"};
  EXPECT_EQ(ask_and_run(registration())->error, ErrorCode::kUnauthenticated);
}

TEST_F(PushRequests, names_are_set_and_unset) {
  open_and_follow();
  using Kind = wire::NameKind;
  for (bool carried : {true, false})
    for (auto kind : {Kind::ALIAS, Kind::ACCOUNT, Kind::TOPIC})
      EXPECT_TRUE(ask_and_run(name(kind, "x", carried))->frame.__isset.done);
  const std::string reg = std::string(" ") + kReg + " x";
  EXPECT_EQ(service.asked,
            Lines({"set_alias" + reg, "set_account" + reg, "subscribe" + reg, "unset_alias" + reg,
                   "unset_account" + reg, "unsubscribe" + reg}));
}

TEST_F(PushRequests, a_new_topic_is_followed_and_a_dropped_one_is_not) {
  open_and_follow();
  auto more = view();
  more.feeds.push_back(at("topic:1:x", 41, 42));
  service.view = more;
  ask_and_run(name(wire::NameKind::TOPIC, "x", true));
  ASSERT_NE(hub.of("topic:1:x"), nullptr);
  EXPECT_EQ(hub.of("topic:1:x")->after, 41u);
  more.feeds.back().until = 42;
  service.view = more;
  ask_and_run(name(wire::NameKind::TOPIC, "x", false));
  EXPECT_EQ(hub.of("topic:1:x"), nullptr);
}

TEST_F(PushRequests, a_topic_left_still_gives_what_was_sent_before) {
  open_and_follow();
  auto left = view();
  left.feeds[2].until = 7;
  service.view = left;
  ask_and_run(name(wire::NameKind::TOPIC, "news", false));
  give(kNews, {entry(5), entry(6), entry(7)});
  EXPECT_EQ(pushed(kNews), Numbers({5, 6}));
  EXPECT_EQ(hub.of(kNews), nullptr);
}

TEST_F(PushRequests, anothers_registration_is_not_found) {
  open_and_follow();
  auto answer = ask_and_run(name(wire::NameKind::ALIAS, "x", true, "ffffBBBBBBBBBBBBBBBBBBBB"));
  EXPECT_EQ(answer->error, ErrorCode::kNotFound);
  EXPECT_TRUE(service.asked.empty());
}

TEST_F(PushRequests, names_have_a_limit) {
  open_and_follow();
  const std::vector<std::string> refused = {
      "", std::string(129, 'x'), "a\nb", "\xff", "a,b", "b, c", " b", "b ", " "};
  for (const auto& bad : refused)
    for (const auto kind : {wire::NameKind::ALIAS, wire::NameKind::ACCOUNT, wire::NameKind::TOPIC})
      EXPECT_EQ(ask_and_run(name(kind, bad, true))->error, ErrorCode::kInvalidArgument) << bad;
  std::string characters;
  for (int i = 0; i < 128; ++i) characters += "你";
  EXPECT_TRUE(ask_and_run(name(wire::NameKind::ALIAS, characters, true))->frame.__isset.done);
  EXPECT_EQ(ask_and_run(name(wire::NameKind::TOPIC, characters + "a", true))->error,
            ErrorCode::kInvalidArgument);
}

TEST_F(PushRequests, a_name_that_was_too_long_only_later_can_be_taken_away) {
  open_and_follow();
  const std::string old(255, 'x');
  EXPECT_TRUE(ask_and_run(name(wire::NameKind::ALIAS, old, false))->frame.__isset.done);
  EXPECT_EQ(ask_and_run(name(wire::NameKind::ALIAS, old + "x", false))->error,
            ErrorCode::kInvalidArgument);
}

TEST_F(PushRequests, a_name_that_no_sender_can_address_can_be_taken_away) {
  open_and_follow();
  for (const char* old : {"a,b", " b ", " "})
    EXPECT_TRUE(ask_and_run(name(wire::NameKind::ALIAS, old, false))->frame.__isset.done) << old;
  EXPECT_TRUE(ask_and_run(name(wire::NameKind::ALIAS, "two words", true))->frame.__isset.done);
}

TEST_F(PushRequests, listing_gives_the_names_carried_now) {
  auto named = view();
  named.registration.aliases = {middle::Alias("bob")};
  named.registration.accounts = {middle::UserAccount("u1")};
  named.registration.tags.push_back(carried("left", 1, 1));
  named.registration.tags.back().topic_until = 3;
  service.view = named;
  open_and_follow();
  wire::ClientFrame frame;
  wire::ListNames list;
  list.reg_id = kReg;
  frame.__set_list_names(list);
  auto answer = ask_and_run(frame);
  EXPECT_EQ(answer->frame.names.aliases, Lines({"bob"}));
  EXPECT_EQ(answer->frame.names.accounts, Lines({"u1"}));
  EXPECT_EQ(answer->frame.names.topics, Lines({"news"}));
}

TEST_F(PushRequests, unregistering_ends_what_was_followed) {
  open_and_follow();
  wire::ClientFrame frame;
  wire::Unregister request;
  request.reg_id = kReg;
  frame.__set_unregister_app(request);
  EXPECT_TRUE(ask_and_run(frame)->frame.__isset.done);
  EXPECT_TRUE(hub.live.empty());
  EXPECT_EQ(ask_and_run(frame)->error, ErrorCode::kNotFound);
}

TEST_F(PushRequests, fetching_gives_a_sealed_page_and_moves_no_cursor) {
  open_and_follow();
  middle::FeedPage page;
  auto expired = entry(2);
  expired->expires = clock.now();
  page.entries = {entry(1, "one"), expired, entry(3, "three")};
  page.tail = 9;
  service.page = page;
  auto answer = ask_and_run(fetch(0, 1000));
  const wire::Fetched& fetched = answer->frame.fetched;
  ASSERT_EQ(fetched.pushes.size(), 2u);
  EXPECT_EQ(opened_title(fetched.pushes[1]), "three");
  EXPECT_EQ(fetched.looked_at_to, 3);
  EXPECT_EQ(fetched.tail, 9);
  EXPECT_EQ(text(handler->take_moves()), Lines({}));
}

TEST_F(PushRequests, only_so_many_may_be_unanswered) {
  open_and_follow();
  service.holds_answers = true;
  for (int i = 0; i < 8; ++i) ask(registration());
  auto ninth = ask(registration());
  EXPECT_EQ(ninth->error, ErrorCode::kResourceExhausted);
  service.release();
  executor.run_until_idle();
  EXPECT_TRUE(ask_and_run(registration())->frame.__isset.registered);
}

TEST_F(PushRequests, answers_after_the_end_of_the_session_go_nowhere) {
  open_and_follow();
  service.holds_answers = true;
  auto answer = ask(registration());
  handler.reset();
  service.release();
  executor.run_until_idle();
  EXPECT_FALSE(answer->came);
}

TEST_F(PushRequests, what_is_unknown_or_out_of_place_is_refused) {
  open_and_follow();
  EXPECT_EQ(ask(wire::ClientFrame())->error, ErrorCode::kUnsupported);
  wire::ClientFrame acknowledgements;
  acknowledgements.__set_acknowledgements(wire::Acknowledgements());
  EXPECT_EQ(ask(acknowledgements)->error, ErrorCode::kInvalidArgument);
  send(registration());
  EXPECT_EQ(frames().back().failure.code, "invalid_argument");
  EXPECT_TRUE(service.asked.empty());
}

TEST_F(PushRequests, broken_frames_are_refused_and_counted) {
  open_and_follow();
  ErrorCode code = ErrorCode::kInternal;
  handler->on_request("\x1c\x19\xfc", [&](Result<Bytes> reply) { code = reply.error().code; });
  EXPECT_EQ(code, ErrorCode::kCorrupt);
  handler->on_frame("\xff");
  EXPECT_EQ(frames().back().failure.code, "corrupt");
  EXPECT_EQ(counted("longwire_push_frames_malformed_total"), 2u);
}

TEST_F(PushRequests, a_change_from_outside_takes_effect_and_an_end_is_told) {
  open_and_follow();
  middle::RegistrationChanged change{.device = session.name, .view = view(), .ended = false};
  change.view.feeds.pop_back();
  handler->on_registration_changed(change);
  EXPECT_EQ(hub.of(kNews), nullptr);
  change.ended = true;
  handler->on_registration_changed(change);
  EXPECT_TRUE(hub.live.empty());
  EXPECT_EQ(frames().back().control.kind, wire::ControlKind::ENDED);
}

TEST_F(PushRequests, the_apps_feed_waits_while_a_tag_changes) {
  open_and_follow();
  middle::RegistrationView changed = view();
  changed.registration.tags.push_back(carried("sport", 1, 10));
  service.view = changed;
  auto answer = ask(name(wire::NameKind::TOPIC, "sport", true));
  EXPECT_TRUE(hub.of(kApp)->paused);
  EXPECT_FALSE(hub.of(kInbox)->paused);
  EXPECT_FALSE(hub.of(kNews)->paused);
  handler->on_writable();
  EXPECT_TRUE(hub.of(kApp)->paused);
  executor.run_until_idle();
  EXPECT_TRUE(answer->frame.__isset.done);
  ASSERT_FALSE(hub.of(kApp)->paused);
  auto both = entry(10);
  both->filter = middle::TagExpression{middle::TagOperator::kIntersection,
                                       {middle::Tag("news"), middle::Tag("sport")}};
  give(kApp, {both});
  EXPECT_EQ(pushed(kApp), Numbers({10}));
}

TEST_F(PushRequests, the_apps_feed_goes_on_after_a_refused_tag_and_after_the_last_of_several) {
  open_and_follow();
  ask(name(wire::NameKind::TOPIC, "a", true));
  service.view = Error{ErrorCode::kUnavailable, "later"};
  ask(name(wire::NameKind::TOPIC, "b", true));
  EXPECT_TRUE(hub.of(kApp)->paused);
  executor.run_until_idle();
  EXPECT_FALSE(hub.of(kApp)->paused);
}

TEST_F(PushRequests, an_apps_feed_that_begins_while_a_tag_changes_begins_after_it) {
  open();
  ask(name(wire::NameKind::TOPIC, "a", true));
  positions({});
  EXPECT_EQ(hub.of(kApp), nullptr);
  EXPECT_NE(hub.of(kInbox), nullptr);
  executor.run_until_idle();
  EXPECT_NE(hub.of(kApp), nullptr);
}

}  // namespace
}  // namespace longwire::channels

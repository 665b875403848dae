#pragma once

// One device with one registration that reads its inbox, its app and one topic; and words to say
// what the device sends and what it sees.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "channels/aead/seal.h"
#include "channels/codec/compact.h"
#include "channels/codec/push_body.h"
#include "channels/idl/push_types.h"
#include "channels/push/push_channel.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/channels/fake_hub.h"
#include "tests/unit/channels/fake_service.h"
#include "tests/unit/channels/fake_session.h"

namespace longwire::channels {

constexpr const char* kReg = "0001AAAAAAAAAAAAAAAAAAAA";
constexpr const char* kInbox = "inbox:0001AAAAAAAAAAAAAAAAAAAA";
constexpr const char* kApp = "app:1";
constexpr const char* kNews = "topic:1:news";
constexpr const char* kStorage = "0123456789abcdef";

class PushFixture : public testing::Test {
 protected:
  PushFixture() {
    session.session.number = 3;
    session.session.incarnation = middle::Incarnation(kStorage);
    session.session.registrations = {view()};
    service.view = view();
  }

  static middle::TagInterval carried(const std::string& tag, middle::FeedNumber topic_since,
                                     middle::FeedNumber app_since) {
    middle::TagInterval interval;
    interval.tag = middle::Tag(tag);
    interval.topic_since = topic_since;
    interval.app_since = app_since;
    return interval;
  }
  static middle::FeedPosition at(const std::string& feed, middle::FeedNumber cursor,
                                 middle::FeedNumber since) {
    middle::FeedPosition position;
    position.feed = middle::FeedId(feed);
    position.cursor = cursor;
    position.since = since;
    return position;
  }
  static middle::RegistrationView view() {
    middle::RegistrationView view;
    view.registration.id = middle::RegId(kReg);
    view.registration.app = middle::AppId("1");
    view.registration.package = middle::PackageName("com.example");
    view.registration.secret = Bytes(32, 's');
    view.registration.tags = {carried("news", 5, 10)};
    view.feeds = {at(kInbox, 0, 1), at(kApp, 9, 1), at(kNews, 4, 5)};
    return view;
  }

  Environment environment() { return {executor, clock, system_random(), null_log(), metrics}; }
  void open() {
    channel = make_push_channel(config, environment(), service, hub);
    handler = channel->open(session, session.session.registrations);
  }
  // Opened, with positions sent: everything is followed.
  void open_and_follow() {
    open();
    positions({});
  }

  std::shared_ptr<middle::Entry> entry(middle::FeedNumber number, const std::string& title = "t") {
    auto made = std::make_shared<middle::Entry>();
    made->number = number;
    made->id.bytes.fill(static_cast<std::uint8_t>(number));
    made->app = middle::AppId("1");
    made->accepted = clock.now();
    made->expires = clock.now() + std::chrono::hours(1);
    PushBody body;
    body.title = title;
    made->body = encode_push_body(body);
    return made;
  }
  void give(const std::string& feed, const std::vector<middle::EntryPtr>& entries) {
    hub.give(feed, entries);
  }
  std::uint64_t counted(const char* name) { return metrics.counter(name, "").value(); }

  // ---- what the device says
  void send(const wire::ClientFrame& frame) { handler->on_frame(encode_compact(frame)); }
  void positions(const std::vector<std::pair<std::string, std::int64_t>>& numbers,
                 const std::string& incarnation = kStorage, bool more = false) {
    wire::RegistrationPositions mine;
    mine.reg_id = kReg;
    mine.incarnation = incarnation;
    for (const auto& [feed, number] : numbers) {
      wire::FeedPosition position;
      position.feed = feed;
      position.number = number;
      mine.feeds.push_back(position);
    }
    wire::Positions all;
    all.registrations = {mine};
    if (more) all.__set_more(true);
    wire::ClientFrame frame;
    frame.__set_positions(all);
    send(frame);
  }
  void acknowledge(const std::string& feed, std::int64_t number) {
    wire::Acknowledgement item;
    item.reg_id = kReg;
    item.feed = feed;
    item.number = number;
    wire::Acknowledgements all;
    all.items = {item};
    wire::ClientFrame frame;
    frame.__set_acknowledgements(all);
    send(frame);
  }
  struct Answer {
    bool came = false;
    wire::ServerFrame frame;
    ErrorCode error = ErrorCode::kInternal;
  };
  std::shared_ptr<Answer> ask(const wire::ClientFrame& frame) {
    auto answer = std::make_shared<Answer>();
    handler->on_request(encode_compact(frame), [answer](Result<Bytes> reply) {
      answer->came = true;
      if (!reply.ok()) {
        answer->error = reply.error().code;
        return;
      }
      answer->frame = *decode_compact<wire::ServerFrame>(*reply, kFromServer);
    });
    return answer;
  }
  std::shared_ptr<Answer> ask_and_run(const wire::ClientFrame& frame) {
    auto answer = ask(frame);
    executor.run_until_idle();
    return answer;
  }

  // ---- what the device sees
  std::vector<wire::ServerFrame> frames() const {
    std::vector<wire::ServerFrame> decoded;
    for (const auto& frame : session.frames)
      decoded.push_back(*decode_compact<wire::ServerFrame>(frame.bytes, kFromServer));
    return decoded;
  }
  std::vector<std::int64_t> pushed(const std::string& feed) const {
    std::vector<std::int64_t> numbers;
    for (const auto& frame : frames())
      if (frame.__isset.push && frame.push.feed == feed) numbers.push_back(frame.push.number);
    return numbers;
  }
  std::string opened_title(const wire::Push& push,
                           const std::string& incarnation = kStorage) const {
    Sealer sealer(*seal_cipher(push.cipher));
    const SealKey key =
        derive_seal_key({.secret = Bytes(32, 's'), .incarnation = incarnation, .feed = push.feed});
    auto body = sealer.open(key,
                            {.registration = push.reg_id,
                             .feed = push.feed,
                             .number = static_cast<std::uint64_t>(push.number),
                             .nonce = push.message_id},
                            push.sealed);
    return body.ok() ? decode_push_body(*body)->title : "(does not verify)";
  }
  std::vector<std::string> moves() {
    executor.advance(std::chrono::seconds(1));
    return text(service.moves);
  }
  static std::vector<std::string> text(const std::vector<middle::CursorMove>& moves) {
    std::vector<std::string> lines;
    for (const auto& move : moves)
      lines.push_back(move.feed.value() + "=" + std::to_string(move.number));
    return lines;
  }

  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  Metrics metrics;
  FakeService service{executor};
  FakeHub hub;
  FakeSession session;
  PushConfig config;
  std::unique_ptr<Channel> channel;
  std::unique_ptr<ChannelHandler> handler;
};

using Numbers = std::vector<std::int64_t>;
using Lines = std::vector<std::string>;

}  // namespace longwire::channels

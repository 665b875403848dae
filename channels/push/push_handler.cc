#include "channels/push/push_handler.h"

#include <algorithm>

#include "channels/push/push_frames.h"
#include "channels/push/reader_filter.h"
#include "middle/target/audience.h"

namespace longwire::channels {

using middle::EntryKind;
using middle::FeedNumber;
using middle::SubscriptionId;

PushHandler::PushHandler(PushLoop& loop, ChannelSession& session,
                         std::span<const middle::RegistrationView> registrations)
    : loop_(loop), session_(session) {
  readers_.reserve(registrations.size());
  for (const auto& view : registrations) take_view(view);
}

PushHandler::~PushHandler() {
  loop_.flusher.forget(*this);
  for (Reader& reader : readers_)
    for (FollowedFeed& feed : reader.feeds) stop(feed, Following::kNot);
}

// ---- who is served

PushHandler::Reader* PushHandler::find(std::string_view registration) {
  for (Reader& reader : readers_)
    if (reader.id.value() == registration) return &reader;
  return nullptr;
}

FollowedFeed* PushHandler::find(Reader& reader, std::string_view feed) {
  for (FollowedFeed& followed : reader.feeds)
    if (followed.id().value() == feed) return &followed;
  return nullptr;
}

PushHandler::Place PushHandler::find(SubscriptionId subscription) {
  for (Reader& reader : readers_)
    for (FollowedFeed& feed : reader.feeds)
      if (feed.subscription == subscription) return {&reader, &feed};
  return {};
}

// Brings what is known of a registration up to date, without serving it yet.
PushHandler::Reader& PushHandler::take_view(const middle::RegistrationView& view) {
  const middle::Registration& registration = view.registration;
  Reader* reader = find(registration.id.value());
  if (reader == nullptr) {
    reader = &readers_.emplace_back();
    reader->id = registration.id;
    reader->incarnation = session_.incarnation();
  }
  reader->package = registration.package;
  reader->secret = registration.secret;
  reader->tags = registration.tags;
  for (FollowedFeed& feed : reader->feeds) feed.clear_intervals();
  reader->feeds.reserve(view.feeds.size());
  for (const middle::FeedPosition& position : view.feeds) {
    FollowedFeed* feed = find(*reader, position.feed.value());
    if (feed == nullptr) feed = &reader->feeds.emplace_back(position.feed, position.cursor);
    feed->add_interval({.since = position.since, .until = position.until});
  }
  forget_unread_feeds(*reader);
  if (reader->served) serve(*reader);
  return *reader;
}

// Feeds that the view no longer names.
void PushHandler::forget_unread_feeds(Reader& reader) {
  for (FollowedFeed& feed : reader.feeds) {
    if (feed.has_intervals()) continue;
    keep_move(reader, feed);
    stop(feed, Following::kNot);
  }
  std::erase_if(reader.feeds, [](const FollowedFeed& feed) { return !feed.has_intervals(); });
}

void PushHandler::remove(const middle::RegId& registration) {
  const auto place = std::find_if(readers_.begin(), readers_.end(),
                                  [&](const Reader& reader) { return reader.id == registration; });
  if (place == readers_.end()) return;
  for (FollowedFeed& feed : place->feeds) {
    keep_move(*place, feed);
    stop(feed, Following::kNot);
  }
  readers_.erase(place);
}

void PushHandler::serve(Reader& reader) {
  reader.served = true;
  if (!positions_known_) return;
  for (FollowedFeed& feed : reader.feeds) start(reader, feed);
}

bool PushHandler::held(const Reader& reader, const FollowedFeed& feed) {
  return reader.tag_changes > 0 && middle::feed_kind(feed.id()) == middle::FeedKind::kApp;
}

void PushHandler::start(const Reader& reader, FollowedFeed& feed) {
  if (feed.following == Following::kYes || feed.following == Following::kPaused) {
    if (feed.ended()) stop(feed, Following::kNot);
    return;
  }
  feed.following = Following::kNot;
  if (feed.ended()) return;
  if (session_.blocked() || held(reader, feed)) {
    feed.following = Following::kParked;
    return;
  }
  feed.skip_gap();
  feed.following = Following::kYes;
  feed.subscription = loop_.hub.subscribe(feed.id(), feed.seen(), *this);
}

void PushHandler::stop(FollowedFeed& feed, Following how) {
  const auto subscription = std::exchange(feed.subscription, SubscriptionId::kNone);
  if (subscription != SubscriptionId::kNone) loop_.hub.unsubscribe(subscription);
  feed.following = how;
}

void PushHandler::on_writable() {
  for (Reader& reader : readers_) {
    if (!reader.served) continue;
    for (FollowedFeed& feed : reader.feeds) {
      if (feed.following == Following::kParked) start(reader, feed);
      if (feed.following != Following::kPaused || held(reader, feed)) continue;
      feed.following = Following::kYes;
      loop_.hub.resume(feed.subscription);
    }
  }
}

// Frames may have been lost with the old connection; the peer says anew how far it came.
void PushHandler::on_resumed() {
  positions_known_ = false;
  for (Reader& reader : readers_) {
    reader.served = false;
    for (FollowedFeed& feed : reader.feeds) {
      stop(feed, Following::kNot);
      feed.rewind();
    }
  }
}

void PushHandler::on_registration_changed(const middle::RegistrationChanged& change) {
  const middle::RegId& id = change.view.registration.id;
  if (!change.ended) {
    take_view(change.view);
    return;
  }
  const Reader* reader = find(id.value());
  if (reader == nullptr) return;
  if (reader->served) session_.send_frame(kPushName, ended_frame(id));
  remove(id);
}

// ---- cursors

middle::CursorMove PushHandler::move(const Reader& reader, const FollowedFeed& feed,
                                     FeedNumber number) const {
  return {.account = session_.account(),
          .session = session_.number(),
          .registration = reader.id,
          .feed = feed.id(),
          .number = number};
}

void PushHandler::keep_move(const Reader& reader, FollowedFeed& feed) {
  if (auto number = feed.take(true); number.has_value())
    loop_.flusher.add(move(reader, feed, *number));
}

void PushHandler::collect(std::vector<middle::CursorMove>& moves) {
  for (Reader& reader : readers_)
    for (FollowedFeed& feed : reader.feeds)
      if (auto number = feed.take(false); number.has_value())
        moves.push_back(move(reader, feed, *number));
}

std::vector<middle::CursorMove> PushHandler::take_moves() {
  loop_.flusher.forget(*this);
  std::vector<middle::CursorMove> moves;
  for (Reader& reader : readers_)
    for (FollowedFeed& feed : reader.feeds)
      if (auto number = feed.take(true); number.has_value())
        moves.push_back(move(reader, feed, *number));
  return moves;
}

// ---- entries

void PushHandler::on_entries(SubscriptionId subscription, const middle::FeedId&,
                             std::span<const middle::EntryPtr> entries) {
  const Place place = find(subscription);
  if (place.feed == nullptr) return;
  FollowedFeed& feed = *place.feed;
  for (const middle::EntryPtr& entry : entries) {
    if (entry->number <= feed.seen()) continue;
    // The rest of the span is read again later: nothing is kept for a peer that does not read.
    if (session_.blocked()) return stop(feed, Following::kParked);
    if (push_or_step(place, entry, entries)) continue;
    feed.step(entry->number);
    loop_.stepped.add();
  }
  if (feed.due()) loop_.flusher.mark(*this);
  if (feed.ended()) return stop(feed, Following::kNot);
  if (!session_.blocked()) return;
  feed.following = Following::kPaused;
  loop_.hub.pause(subscription);
}

bool PushHandler::is_for(const Reader& reader, const FollowedFeed& feed,
                         const middle::Entry& entry) {
  return feed.covers(entry.number) && middle::entry_admits(entry, reader.package, reader.tags);
}

// True: pushed.
bool PushHandler::push_or_step(const Place& place, const middle::EntryPtr& entry,
                               std::span<const middle::EntryPtr> span) {
  FollowedFeed& feed = *place.feed;
  if (feed.has(entry->number)) return false;
  const Timestamp now = loop_.environment.clock.now();
  if (is_gone(*entry, now) || is_collapsed(*entry, span, now)) return false;
  if (!is_for(*place.reader, feed, *entry)) return false;
  write(place, entry);
  feed.push(entry->number);
  loop_.pushed.add();
  return true;
}

void PushHandler::write(const Place& place, const middle::EntryPtr& entry) {
  switch (entry->kind) {
    case EntryKind::kMessage:
      return write_sealed(place, entry);
    case EntryKind::kWithdrawal:
      return session_.send_frame(kPushName,
                                 withdrawal_frame(place.reader->id, place.feed->id(), *entry));
    case EntryKind::kControl:
      return session_.send_frame(kPushName,
                                 control_frame(place.reader->id, place.feed->id(), *entry));
    case EntryKind::kChat:
      return;  // lives in archives, which no registration follows
  }
}

void PushHandler::write_sealed(const Place& place, const middle::EntryPtr& entry) {
  const std::string& registration = place.reader->id.value();
  FollowedFeed& feed = *place.feed;
  Bytes& frame = loop_.scratch;
  frame.clear();
  append_push_prefix(registration, frame);
  frame.append(loop_.templates.of(entry, feed.id()).middle);
  const SealedAs as{.registration = registration,
                    .feed = feed.id().value(),
                    .number = entry->number,
                    .nonce = entry->id.view()};
  loop_.sealer.seal(key(*place.reader, feed), as, entry->body, frame);
  append_push_suffix(frame);
  session_.send_frame(kPushName, frame);
}

const SealKey& PushHandler::key(const Reader& reader, FollowedFeed& feed) {
  if (!feed.key)
    feed.key = std::make_unique<SealKey>(derive_seal_key({.secret = reader.secret,
                                                          .incarnation = reader.incarnation.value(),
                                                          .feed = feed.id().value()}));
  return *feed.key;
}

// The peer hears of it before the first entry that is sealed with the new key.
void PushHandler::on_feed_reset(SubscriptionId subscription, const middle::FeedId& feed,
                                const middle::Incarnation& incarnation) {
  const Place place = find(subscription);
  if (place.feed == nullptr) return;
  place.feed->reset();
  place.feed->key = std::make_unique<SealKey>(derive_seal_key(
      {.secret = place.reader->secret, .incarnation = incarnation.value(), .feed = feed.value()}));
  session_.send_frame(kPushName, reset_frame(place.reader->id, incarnation, &feed));
}

}  // namespace longwire::channels

#include "tests/sim/sim_user.h"

#include <algorithm>
#include <utility>

namespace longwire::sim {

using middle::FeedId;
using middle::FeedNumber;
using middle::SubscriptionId;

SimUser::SimUser(SimGround& ground, Journal& journal, std::string name)
    : ground_(ground),
      journal_(journal),
      account_(std::move(name)),
      archive_(middle::archive_feed(account_)) {}

void SimUser::step(SimServer* server) {
  if (server == nullptr || !server->serving()) return;
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    const Letter& letter = letters_[i];
    if (!letter.answered && !letter.under_way && !letter.given_up) send(*server, i);
  }
  if (!wanted_) return disconnect();
  if (front_end_ == nullptr) connect(*server);
  if (ready_) move_cursor();
}

void SimUser::write() {
  Letter letter;
  letter.id = middle::make_message_id(ground_.world.clock().now(), middle::home_of(archive_),
                                      ground_.world.random());
  letter.body = account_.value() + "-letter" + std::to_string(letters_.size());
  letters_.push_back(std::move(letter));
}

void SimUser::send(SimServer& server, std::size_t index) {
  Letter& letter = letters_[index];
  letter.under_way = true;
  middle::RouteRequest request;
  request.to = account_;
  request.archive = true;
  request.id = letter.id;
  request.repeated = letter.tried;
  letter.tried = true;
  request.stanza = letter.body;
  server.http().route(std::move(request),
                      [this, index, life = process_](Result<middle::RouteReply> reply) {
                        if (life != process_) return;
                        letters_[index].under_way = false;
                        letters_[index].answered = reply.ok();
                      });
}

void SimUser::process_lost() {
  ++process_;
  for (Letter& letter : letters_) letter.under_way = false;
}

// Their front made the ids, and what it said may still be on its way: nobody else repeats it.
void SimUser::writers_lost() {
  for (Letter& letter : letters_) letter.given_up = letter.given_up || letter.under_way;
  process_lost();
}

void SimUser::connect(SimServer& server) {
  auto& front_ends = server.front_ends();
  SimFrontEnd& front_end = *front_ends[ground_.world.random().between(0, front_ends.size() - 1)];
  front_end_ = &front_end;
  front_end.attach(account_, *this);
  front_end.service().open_session(
      {account_, "desk", front_end.node()},
      [this, life = life_, &front_end](Result<middle::OpenedSession> session) {
        if (life != life_) return;
        if (!session.ok()) return disconnect();
        number_ = session->number;
        opened(front_end);
      });
}

std::optional<middle::SessionPresence> SimUser::presence() const {
  if (number_ == 0) return std::nullopt;
  middle::SessionPresence session;
  session.account = account_;
  session.resource = "desk";
  session.node = front_end_->node();
  session.session = number_;
  session.available = true;
  return session;
}

void SimUser::opened(SimFrontEnd& front_end) {
  front_end.service().set_presence(*presence(), [](Status) {});
  front_end.service().archive_cursor(
      account_, [this, life = life_, &front_end](Result<FeedNumber> cursor) {
        if (life != life_) return;
        if (!cursor.ok()) return disconnect();
        journal_.cursor_shown({middle::RegId(), archive_}, *cursor);
        seen_to_ = moved_to_ = *cursor;
        subscription_ = front_end.feeds().subscribe(archive_, *cursor, *this);
        ready_ = true;
      });
}

void SimUser::disconnect() {
  if (front_end_ == nullptr) return;
  SimFrontEnd& front_end = *front_end_;
  front_end.feeds().unsubscribe(subscription_);
  front_end.detach(account_);
  front_end.service().close_session({account_, "desk", front_end.node()}, number_, {},
                                    [](Status) {});
  on_front_end_gone();
}

void SimUser::on_front_end_gone() {
  ++life_;
  number_ = 0;
  front_end_ = nullptr;
  ready_ = false;
  subscription_ = SubscriptionId::kNone;
}

void SimUser::move_cursor() {
  if (seen_to_ <= moved_to_ || !ground_.world.random().chance(0.2)) return;
  const FeedNumber now = seen_to_;
  moved_to_ = now;
  front_end_->service().acknowledge({{account_, 0, middle::RegId(), archive_, now}},
                                    [this, life = life_, now](Status stored) {
                                      if (life != life_) return;
                                      if (stored.ok()) {
                                        journal_.cursor_stored({middle::RegId(), archive_}, now);
                                      } else {
                                        moved_to_ = 0;
                                      }
                                    });
}

void SimUser::on_entries(SubscriptionId, const FeedId& feed,
                         std::span<const middle::EntryPtr> entries) {
  for (const middle::EntryPtr& entry : entries) {
    journal_.saw_entry(feed, *entry);
    if (entry->number <= seen_to_) journal_.fail("again in one session: " + feed.value());
    seen_to_ = entry->number;
    if (!entry->body.empty()) saw(entry->body);
  }
}

void SimUser::on_feed_reset(SubscriptionId, const FeedId& feed, const middle::Incarnation&) {
  journal_.fail("a feed was reset, though storage never went back: " + feed.value());
}

void SimUser::on_stanza(const middle::RoutedStanza& stanza) { saw(stanza.stanza); }

void SimUser::saw(const std::string& body) {
  const bool known = std::any_of(letters_.begin(), letters_.end(),
                                 [&](const Letter& letter) { return letter.body == body; });
  if (!known) journal_.fail("a letter for somebody else: " + body);
  seen_.insert(body);
}

bool SimUser::idle() const {
  return std::all_of(letters_.begin(), letters_.end(),
                     [](const Letter& letter) { return letter.answered || letter.given_up; });
}

void SimUser::check() {
  for (const Letter& letter : letters_) {
    if (letter.answered && !seen_.contains(letter.body)) journal_.fail("lost: " + letter.body);
  }
}

}  // namespace longwire::sim

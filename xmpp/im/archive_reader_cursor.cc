// What a session's client has, and how far its account's cursor moves for it.

#include <algorithm>
#include <utility>

#include "xmpp/im/archive_reader.h"
#include "xmpp/im/archive_settling.h"
#include "xmpp/im/im_state.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

// As of pushes (docs/PROTOCOL.md): a commit for each message would cost as much as the message.
constexpr middle::FeedNumber kMovesEvery = 16;

}  // namespace

void ArchiveReader::advance() {
  while (!window_.empty() && window_.front().state == State::kDone) {
    done_ = window_.front().number;
    window_.pop_front();
  }
  if (!window_.empty() && window_.front().state == State::kForeign) {
    look_at_cursor();
    look_again();
  }
  acknowledge();
}

// What our client has behind it cannot be stored before.
void ArchiveReader::look_again() {
  const bool any = std::any_of(window_.begin(), window_.end(),
                               [](const Numbered& entry) { return entry.state == State::kDone; });
  if (!any || std::exchange(looks_again_, true)) return;
  SessionHost& host = host_;
  host.at_next_sweep.emplace_back([&host, handle = session_.handle()] {
    ArchiveReader* reader = archive_reader_of(host, handle);
    if (reader == nullptr) return;
    reader->looks_again_ = false;
    reader->advance();
  });
}

void ArchiveReader::acknowledge() {
  if (done_ <= stored_ || acknowledging_) return;
  if (paced_ && done_ - stored_ < kMovesEvery) return;
  store_cursor();
  pace();
}

// Until the next sweep a few messages wait for each other.
void ArchiveReader::pace() {
  if (std::exchange(paced_, true)) return;
  SessionHost& host = host_;
  host.at_next_sweep.emplace_back([&host, handle = session_.handle()] {
    ArchiveReader* reader = archive_reader_of(host, handle);
    if (reader == nullptr) return;
    reader->paced_ = false;
    reader->acknowledge();
  });
}

middle::CursorMove ArchiveReader::move_to(middle::FeedNumber number) const {
  middle::CursorMove move;
  move.account = session_.account();
  move.session = session_.number();
  move.feed = feed_;
  move.number = number;
  return move;
}

// One move at a time: while it is under way the next ones gather into one.
void ArchiveReader::store_cursor() {
  acknowledging_ = true;
  SessionHost& host = host_;
  host_.service->acknowledge(
      {move_to(done_)}, [&host, handle = session_.handle(), number = done_](Result<void> stored) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr) return;
        reader->acknowledging_ = false;
        if (!stored.ok()) return reader->pace();  // the sweep makes up for it
        reader->stored_ = std::max(reader->stored_, number);
        reader->acknowledge();
      });
}

// Another resource has what stands in our way; when it has acknowledged, the cursor shows it.
void ArchiveReader::look_at_cursor() {
  if (looking_) return;
  looking_ = true;
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(), [&host, handle = session_.handle()](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr) return;
        reader->looking_ = false;
        if (cursor.ok()) reader->pass(*cursor);
      });
}

void ArchiveReader::pass(middle::FeedNumber cursor) {
  bool moved = false;
  for (Numbered& entry : window_) {
    if (entry.number > cursor || entry.state != State::kForeign) continue;
    entry.state = State::kDone;
    moved = true;
  }
  if (moved) advance();
}

// XEP-0198 section 5: what it did not acknowledge is treated as if it had come just now.
void ArchiveReader::receiver_gone() {
  if (reads_ != Reads::kAll || first_foreign() == 0) return;
  SessionHost& host = host_;
  host_.service->archive_cursor(
      session_.account(),
      [&host, handle = session_.handle(), start = starts_](Result<middle::FeedNumber> cursor) {
        ArchiveReader* reader = archive_reader_of(host, handle);
        if (reader == nullptr || reader->starts_ != start) return;
        if (!cursor.ok()) {
          host.at_next_sweep.emplace_back([&host, handle] {
            if (ArchiveReader* later = archive_reader_of(host, handle)) later->receiver_gone();
          });
          return;
        }
        reader->pass(*cursor);
        const middle::FeedNumber foreign = reader->first_foreign();
        if (foreign != 0 && foreign <= reader->read_) reader->read_from(foreign - 1);
      });
}

middle::FeedNumber ArchiveReader::first_foreign() const {
  for (const Numbered& entry : window_)
    if (entry.state == State::kForeign) return entry.number;
  return 0;
}

std::vector<middle::CursorMove> ArchiveReader::settle() {
  look_up_delivered();
  std::vector<middle::CursorMove> moves;
  if (done_ > stored_) moves.push_back(move_to(done_));
  return moves;
}

void ArchiveReader::look_up_delivered() {
  ArchiveSettling settling;
  for (const Live& live : live_)
    if (live.delivered) settling.ids.push_back(live.id);
  for (const Numbered& entry : window_)
    if (entry.state == State::kDone) settling.ids.push_back(entry.id);
  settling.move = move_to(done_);
  if (!settling.ids.empty()) settle_archive(host_, std::move(settling));
}

}  // namespace longwire::xmpp

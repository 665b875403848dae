#pragma once

// ArchiveReader: how one session gets its account's chat messages: those that came while nobody
// was there from the archive feed, with their time; those that come after that as they are routed,
// whereupon the feed only tells their numbers. Where much is unacknowledged they are left to the
// feed. When the client has a message for certain, the account's cursor moves: at once, but under a
// flood with every kMovesEvery messages or once a second.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "middle/route/follow_hub.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

// Loop-bound. Owned by the session's extension.
class ArchiveReader final : public middle::FeedListener {
 public:
  explicit ArchiveReader(Session& session);
  ~ArchiveReader() override;
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // From now on what waits is for this session too. Before, and after stop(), only what is routed
  // to it by its full JID is; the feed is followed for its numbers, so that the cursor moves.
  void start();
  // The priority became negative, or the session unavailable. Answers as settle() does.
  [[nodiscard]] std::vector<middle::CursorMove> stop();
  // A message was routed to the session; false: it is not to be written: it was delivered from the
  // feed already, or will be, because much is unacknowledged or it is said to be (by_feed).
  bool add_live(const middle::MessageId& id, bool by_feed);
  void delivered(const std::vector<middle::MessageId>& ids);
  void set_writable(bool writable);
  // Another session of the account takes no chat any more: what it had may be ours now.
  void receiver_gone();
  // The session ends: answers the move that the middle does not know yet, for the caller to hand
  // over. What the client has, but whose number is not known yet, is looked up, so that it does not
  // come again; that outlives the reader.
  [[nodiscard]] std::vector<middle::CursorMove> settle();

  // FeedListener.
  void on_entries(middle::SubscriptionId subscription, const middle::FeedId& feed,
                  std::span<const middle::EntryPtr> entries) override;
  void on_feed_reset(middle::SubscriptionId subscription, const middle::FeedId& feed,
                     const middle::Incarnation& incarnation) override;

 private:
  struct Live {  // routed to us; its number is not known yet
    middle::MessageId id;
    bool delivered = false;
  };
  enum class Reads : std::uint8_t {
    kNothing,
    kOwn,  // what is routed to the session
    kAll,
  };
  enum class State : std::uint8_t {
    kSent,       // to our client
    kDone,       // our client has it, or nobody is to get it
    kUndecided,  // was it sent to another resource? What comes later waits
    kForeign,    // it was; that one moves the cursor. Or it comes again
  };
  struct Numbered {
    middle::FeedNumber number = 0;
    middle::MessageId id;
    State state = State::kSent;
    middle::EntryPtr entry;  // kUndecided only
    bool ours = false;       // kUndecided only: routed to us, it waits for those before it
  };

  void remember(const middle::MessageId& id, bool delivered);
  bool defer(const middle::MessageId& id, bool by_feed);
  bool any_undecided() const;
  void begin(Reads reads);
  void ask_cursor();
  void ask_tail(middle::FeedNumber cursor);
  void ask_others(middle::FeedNumber cursor, middle::FeedNumber tail);
  void follow(middle::FeedNumber cursor, middle::FeedNumber tail);
  std::vector<middle::CursorMove> halt();
  bool is_for_another(const middle::Entry& entry, const std::vector<std::string>& connected) const;
  State judge(const middle::Entry& entry) const;
  void read_from(middle::FeedNumber after);
  void take_entry(const middle::EntryPtr& entry);
  void take_again(const middle::EntryPtr& entry);
  bool take_deferred(const middle::MessageId& id);
  std::deque<Numbered>::iterator find(middle::FeedNumber number);
  void look_up_delivered();
  void deliver(const middle::Entry& entry);
  void decide();
  void decided(const std::vector<middle::SessionPresence>& sessions);
  bool another_gets(const std::vector<middle::SessionPresence>& sessions) const;
  void advance();
  middle::CursorMove move_to(middle::FeedNumber number) const;
  void acknowledge();
  void pace();
  void store_cursor();
  void look_at_cursor();
  void look_again();
  void pass(middle::FeedNumber cursor);
  middle::FeedNumber first_foreign() const;  // 0: none
  void update_pause();

  Session& session_;
  SessionHost& host_;
  const middle::FeedId feed_;
  middle::SubscriptionId subscription_ = middle::SubscriptionId::kNone;
  middle::FeedNumber tail_ = 0;    // up to it: what came while nobody was there
  middle::FeedNumber seen_ = 0;    // the highest that came
  middle::FeedNumber read_ = 0;    // the last that came: lower after going back
  middle::FeedNumber done_ = 0;    // everything up to it is done
  middle::FeedNumber stored_ = 0;  // … and the middle knows
  std::deque<Live> live_;
  std::deque<middle::MessageId> deferred_;  // routed to us, left to the feed
  std::deque<Numbered> window_;
  std::vector<std::string> others_;  // resources that were connected at the start
  std::uint32_t starts_ = 0;         // answers to an earlier start come too late
  Reads reads_ = Reads::kNothing;
  bool writable_ = true;
  bool paused_ = false;
  bool acknowledging_ = false;
  bool paced_ = false;  // moved in this second already
  bool deciding_ = false;
  bool looking_ = false;
  bool looks_again_ = false;
};

}  // namespace longwire::xmpp

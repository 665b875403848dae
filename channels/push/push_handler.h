#pragma once

// PushHandler: the push channel's side of one session.
//
// Life: opened after bind with the device's registrations, of which none is served. A frame of
// positions (or a register request) says which the peer knows and how far; those are followed:
// every entry of their feeds is pushed in order, or stepped over. A resumption begins with
// positions again.
//
// Back-pressure: while the session is blocked nothing is pushed; its feeds are paused or parked and
// go on at on_writable(). Requests in flight are limited per session.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "channels/channel.h"
#include "channels/push/cursor_flusher.h"
#include "channels/push/followed_feed.h"
#include "channels/push/push_loop.h"

namespace longwire::channels {

namespace wire {
class ChangeName;
class ClientFrame;
class Fetch;
class ListNames;
class Positions;
class RegistrationPositions;
class Register;
class Unregister;
class Acknowledgements;
}  // namespace wire

// Loop-bound. Loop and session outlive it.
class PushHandler final : public ChannelHandler, public middle::FeedListener, public CursorSource {
 public:
  PushHandler(PushLoop& loop, ChannelSession& session,
              std::span<const middle::RegistrationView> registrations);
  ~PushHandler() override;
  PushHandler(const PushHandler&) = delete;
  PushHandler& operator=(const PushHandler&) = delete;

  void on_request(BytesView frame, FrameReply reply) override;
  void on_frame(BytesView frame) override;
  void on_writable() override;
  void on_resumed() override;
  void on_registration_changed(const middle::RegistrationChanged& change) override;
  std::vector<middle::CursorMove> take_moves() override;

  void on_entries(middle::SubscriptionId subscription, const middle::FeedId& feed,
                  std::span<const middle::EntryPtr> entries) override;
  void on_feed_reset(middle::SubscriptionId subscription, const middle::FeedId& feed,
                     const middle::Incarnation& incarnation) override;

  void collect(std::vector<middle::CursorMove>& moves) override;

 private:
  // A registration of this device.
  struct Reader {
    middle::RegId id;
    middle::PackageName package;
    Bytes secret;
    middle::Incarnation incarnation;
    std::vector<middle::TagInterval> tags;
    std::vector<FollowedFeed> feeds;
    bool served = false;  // the peer knows it
    int tag_changes = 0;  // asked for, not answered: its app's feed is held
  };
  struct Place {
    Reader* reader = nullptr;
    FollowedFeed* feed = nullptr;
  };

  // Who is served (push_handler.cc).
  Reader* find(std::string_view registration);
  static FollowedFeed* find(Reader& reader, std::string_view feed);
  Place find(middle::SubscriptionId subscription);
  Reader& take_view(const middle::RegistrationView& view);
  void forget_unread_feeds(Reader& reader);
  void remove(const middle::RegId& registration);
  void serve(Reader& reader);
  void start(const Reader& reader, FollowedFeed& feed);
  static bool held(const Reader& reader, const FollowedFeed& feed);
  void stop(FollowedFeed& feed, Following how);
  void keep_move(const Reader& reader, FollowedFeed& feed);
  middle::CursorMove move(const Reader& reader, const FollowedFeed& feed,
                          middle::FeedNumber number) const;

  // Entries (push_handler.cc).
  static bool is_for(const Reader& reader, const FollowedFeed& feed, const middle::Entry& entry);
  bool push_or_step(const Place& place, const middle::EntryPtr& entry,
                    std::span<const middle::EntryPtr> span);
  void write(const Place& place, const middle::EntryPtr& entry);
  void write_sealed(const Place& place, const middle::EntryPtr& entry);
  const SealKey& key(const Reader& reader, FollowedFeed& feed);

  // Frames without answer (push_requests.cc).
  void take_positions(const wire::Positions& positions);
  void take_positions(const wire::RegistrationPositions& positions);
  void take_acknowledgements(const wire::Acknowledgements& acknowledgements);

  // Requests (push_requests.cc).
  void answer(const wire::ClientFrame& frame, FrameReply reply);
  void register_app(const wire::Register& request, FrameReply reply);
  void unregister_app(const wire::Unregister& request, FrameReply reply);
  void change_name(const wire::ChangeName& request, FrameReply reply);
  void change_topic(middle::NameChange change, bool carried, FrameReply reply);
  void hold_app_feed(Reader& reader);
  void release_app_feed(const middle::RegId& registration);
  void list_names(const wire::ListNames& request, FrameReply reply);
  void fetch(const wire::Fetch& request, FrameReply reply);
  Bytes fetched(const middle::RegId& registration, const middle::FeedId& feed,
                const middle::FeedPage& page, middle::FeedNumber after);
  middle::DeviceId device() const;
  // Wraps a continuation: counts the request as in flight, answers errors, and does nothing once
  // the handler is gone. `next` turns the value into the frame that answers.
  template <typename T, typename Next>
  Callback<T> then(FrameReply reply, Next next);

  PushLoop& loop_;
  ChannelSession& session_;
  std::vector<Reader> readers_;
  std::shared_ptr<char> alive_;  // for callbacks that may come after the end; made when needed
  std::int64_t in_flight_ = 0;
  bool positions_known_ = false;
};

}  // namespace longwire::channels

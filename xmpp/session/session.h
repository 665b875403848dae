#pragma once

// Session: one bound resource of an account. It counts and keeps stanzas (XEP-0198), holds presence
// back for an inactive client (XEP-0352), carries the channels, and hands all other stanzas to the
// StanzaHandler. With stream management it outlives its connection until resumed or timed out.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channels/channel.h"
#include "xmpp/protocol/errors.h"
#include "xmpp/protocol/stanza.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

class InactiveQueue;
class StreamManagement;

// Loop-bound. Owned by the SessionTable; end() destroys it.
class Session final : public channels::ChannelSession {
 public:
  Session(SessionHost& host, middle::XmppAccount account, std::string resource,
          const middle::OpenedSession& opened);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ChannelSession.
  const middle::XmppAccount& account() const override { return account_; }
  const std::string& resource() const override { return resource_; }
  middle::SessionNumber number() const override { return number_; }
  const middle::Incarnation& incarnation() const override { return incarnation_; }
  bool is_device() const override { return is_device_; }
  void send_frame(std::string_view channel, BytesView frame) override;
  bool blocked() const override;

  SessionHost& host() { return host_; }
  SessionHandle handle() const { return handle_; }
  std::string jid() const;  // full
  std::string bare_jid() const;
  bool attached() const { return stream_ != nullptr; }

  // Writes a complete stanza to the client, or keeps it for a resumption. `archived`: it is also in
  // the account's archive, and on_delivered is told when the client has it.
  void send(std::string_view stanza, std::optional<middle::MessageId> archived = std::nullopt);
  // Much of what was sent is unacknowledged: whoever can wait, waits for on_delivered.
  bool congested() const;
  // A stanza received is dealt with. Static, since the session may be gone.
  static void handled(SessionHost& host, InboundToken token);

  // Tells who asked that the client does not get the request.
  static void refuse_request(SessionHost& host, Element iq, StanzaError why);

  std::unique_ptr<SessionExtension>& extension() { return extension_; }
  void registration_changed(const middle::RegistrationChanged& change);

  // ---- the stream's side

  void open_channels(std::span<const middle::RegistrationView> registrations);
  void attach(Stream& stream);
  void on_element(Element element);
  void on_writable(bool writable);
  void end_by_client();                       // </stream:stream>
  void on_stream_lost();                      // the connection went away
  void on_stream_refused(StreamError error);  // we closed the stream
  void ping();
  bool can_resume(std::uint32_t client_count) const;
  // Of a count that cannot resume: it goes back; otherwise it is above what we sent.
  bool goes_back(std::uint32_t client_count) const;
  // Closes `stream`, this session's or one that would resume it, for a count that could not be.
  void refuse_count(Stream& stream, std::uint32_t client_count) const;
  // Takes over the waiting stream, once all that was received before is handled.
  void resume(Stream& stream, std::uint32_t client_count);
  std::uint32_t handled_count() const;

  // Before the server ends it while its client is there: asks the client for its count. True once
  // nothing that it sent is under way, and it has acknowledged all that is kept for it.
  bool may_leave();
  // Ends it for good, with a last count of what the client sent: it repeats nothing that is dealt
  // with. Destroys *this.
  void leave(StreamError error);

  // Ends the session for good: the stream (with `error`), presence, channels, the middle's record.
  // Destroys *this.
  void end(StreamError error, std::string_view text = {});
  // True: no client came back for it in time (detached sessions only).
  bool resumption_expired(MonotonicTime now) const;

 private:
  struct Detached;
  using OpenChannel = std::pair<channels::Channel*, std::unique_ptr<channels::ChannelHandler>>;

  void on_management(Element element);
  void enable_management(Element element);
  void on_acknowledged(Element element);
  void write_due_answers();
  void write_answer();
  void request_acknowledgement();
  void cut_off();
  void on_client_state(Element element);
  bool is_own(std::string_view from) const;
  void on_stanza(Element element);
  bool on_channel_stanza(Element stanza, InboundToken token);
  void on_channel_request(channels::ChannelHandler& handler, Element stanza, InboundToken token);
  channels::ChannelHandler* channel(std::string_view name);
  void send_now(std::string_view stanza, std::optional<middle::MessageId> archived);
  void flush_inactive();
  void detach();
  void finish_resumption();
  void refuse_unanswered();
  std::vector<middle::CursorMove> end_readers();
  bool over_limits() const;

  SessionHost& host_;
  SessionHandle handle_;
  Stream* stream_ = nullptr;  // null: detached
  const middle::XmppAccount account_;
  const std::string resource_;
  const middle::SessionNumber number_;
  const middle::Incarnation incarnation_;
  std::vector<OpenChannel> channels_;
  std::unique_ptr<StreamManagement> management_;  // null: not enabled
  std::unique_ptr<Detached> detached_;
  std::unique_ptr<InactiveQueue> inactive_;  // null: active
  std::unique_ptr<std::string> resumption_;  // the name to resume by; null: cannot
  std::unique_ptr<SessionExtension> extension_;
  const bool is_device_;
  std::int64_t under_way_ = 0;  // stanzas of the client that are not dealt with yet
  bool ended_ = false;
};

}  // namespace longwire::xmpp

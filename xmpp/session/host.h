#pragma once

// SessionHost: what all streams and sessions of one loop share. StanzaHandler: who answers stanzas
// (xmpp/im). SessionTable: the sessions of this loop by address.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/environment.h"
#include "channels/channel.h"
#include "middle/middle.h"
#include "xmpp/protocol/xml_engine.h"
#include "xmpp/session/address_limits.h"
#include "xmpp/session/config.h"
#include "xmpp/session/handle_table.h"

namespace longwire::xmpp {

class Session;
class Stream;

using SessionHandle = HandleTable<Session>::Handle;
using StreamHandle = HandleTable<Stream>::Handle;

// A session's number for a stanza it received; given back by Session::handled when it is dealt
// with: stored, answered, or refused.
struct InboundToken {
  SessionHandle session;
  std::uint32_t number = 0;  // 0: nobody counts
};

// What a session keeps for the stanza handler; owned by the session.
class SessionExtension {
 public:
  virtual ~SessionExtension() = default;
};

// Answers what is addressed to the server or to accounts. One per loop. Loop-bound.
class StanzaHandler {
 public:
  virtual ~StanzaHandler() = default;
  // A message, presence or iq that is not for a channel. Calls Session::handled(token) exactly
  // once, now or later; the session may be gone by then. Views do not outlive the call.
  virtual void on_stanza(Session& session, Element stanza, InboundToken token) = 0;
  // From the middle, for this session.
  virtual void on_routed(Session& session, middle::RoutedStanza stanza) = 0;
  // Another session of its account takes no chat any more.
  virtual void on_receiver_gone(Session& session) = 0;
  // Archived messages that the client has for certain (XEP-0198), or was sent (without it). None:
  // it acknowledged others.
  virtual void on_delivered(Session& session, const std::vector<middle::MessageId>& ids) = 0;
  // More may be written again / less should be written.
  virtual void on_writable(Session& session, bool writable) = 0;
  // The session ends for good; its extension is destroyed afterwards. Answers what the middle does
  // not know yet of the session's cursors.
  virtual std::vector<middle::CursorMove> on_ended(Session& session) = 0;
};

// Where a stream goes whose client asks to resume a session of another loop.
class HandOver {
 public:
  virtual ~HandOver() = default;
  // True: the stream was taken away and is destroyed when the current call returns.
  virtual bool hand_over(Stream& stream, std::uint32_t loop_index) = 0;
};

// Owns the sessions of one loop. Loop-bound.
class SessionTable final {
 public:
  SessionTable();
  ~SessionTable();
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  void add(std::unique_ptr<Session> session);
  // Out of the table; the caller destroys it.
  std::unique_ptr<Session> take(Session& session);
  Session* find(const middle::XmppAccount& account, std::string_view resource) const;
  Session* find(SessionHandle handle) const { return handles_.find(handle); }
  std::vector<Session*> of(const middle::XmppAccount& account) const;
  std::size_t count_of(const middle::XmppAccount& account) const;
  std::size_t size() const { return handles_.size(); }
  HandleTable<Session>& handles() { return handles_; }

  // By the name under which a client may resume (XEP-0198).
  void name_resumption(const std::string& name, SessionHandle session);
  void forget_resumption(const std::string& name);
  Session* find_resumption(const std::string& name) const;

 private:
  std::unordered_map<std::string, std::vector<std::unique_ptr<Session>>> accounts_;
  std::unordered_map<std::string, SessionHandle> resumptions_;
  HandleTable<Session> handles_;
};

struct XmppMetrics {
  Counter& logins;
  Counter& login_failures;
  Counter& resumptions;
  Counter& stanzas_in;
  Counter& stanzas_out;
  Counter& pushes_out;
  Counter& bytes_in;
  Counter& bytes_out;
  Gauge& connections;
  Gauge& sessions;
};
XmppMetrics make_xmpp_metrics(Metrics& metrics);

// References outlive all streams and sessions. Loop-bound.
struct SessionHost {
  const XmppConfig& config;
  Environment environment;
  middle::NodeId node;
  std::uint32_t loop_index = 0;
  std::string domain;    // prepared
  Bytes unknown_secret;  // for the salts of accounts that do not exist
  AddressLimits& addresses;
  Executor& keys;  // derives keys from passwords, on a thread that may take its time
  XmppMetrics metrics;
  middle::Service* service = nullptr;
  middle::FollowHub* feeds = nullptr;
  channels::ChannelTable* channels = nullptr;
  StanzaHandler* handler = nullptr;
  HandOver* hand_over = nullptr;  // null: resumptions are for this loop only

  XmlEngine xml{};
  SessionTable sessions{};
  HandleTable<Stream> streams{};
  std::size_t closes_under_way = 0;  // of the middle's records of sessions
  // Run by the next sweep, about a second later; dropped when the server stops.
  std::vector<Task> at_next_sweep{};
  bool stopping = false;
  bool draining = false;  // nobody comes here any more: a session without connection ends

  const Clock& clock() const { return environment.clock; }
  Random& random() const { return environment.random; }
};

}  // namespace longwire::xmpp

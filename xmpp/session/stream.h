#pragma once

// Stream: one connection's XML stream, from its first byte to the bound session:
//
//   header -> features -> STARTTLS -> header -> features -> SASL -> header -> features -> bind
//                                                                                or resume
//
// and, bound, the pipe between the connection and its Session, which may outlive it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "middle/service.h"
#include "xmpp/protocol/errors.h"
#include "xmpp/protocol/stream_reader.h"
#include "xmpp/sasl/sasl_server.h"
#include "xmpp/session/host.h"
#include "xmpp/session/transport.h"

namespace longwire::xmpp {

// Loop-bound. Its owner destroys it when the transport is closed.
class Stream final {
 public:
  enum class Phase : std::uint8_t {
    kPlainHeader,          // waits for a header, no TLS yet
    kPlain,                // only STARTTLS
    kSecuredHeader,        // waits for a header, inside TLS
    kSecured,              // SASL
    kAuthenticatedHeader,  // waits for the header after SASL
    kAuthenticated,        // bind or resume
    kBound,
    kClosed,
  };

  // `secured`: TLS is there from the start.
  Stream(SessionHost& host, Transport& transport, bool secured);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void on_data(BytesView bytes);
  void on_writable(bool writable);
  // The connection is gone, or about to be: the session is told. Last call.
  void on_closed();
  // False once: time to log in is over. True: still within its rights.
  bool login_in_time(MonotonicTime now);
  bool was_bound() const { return login_ == nullptr; }
  // Asks the client whether it is there.
  void ping();

  // Ends the stream: the error (kNone: none), the closing tag, then the connection.
  void close(StreamError error, std::string_view text = {}, std::string_view extra = {});
  void write(BytesView bytes) { transport_.write(bytes); }
  bool blocked() const { return transport_.blocked(); }
  void set_reading(bool reading) { transport_.set_reading(reading); }

  Phase phase() const { return phase_; }
  StreamHandle handle() const { return handle_; }
  Session* session() const { return session_; }
  const middle::XmppAccount& account() const { return account_; }
  // A session was resumed on it: login is over.
  void become_bound();
  // A resumption that waits for the session's stanzas under way is done.
  void continue_reading();

  // For another loop: all that the stream is (authenticated, asked to resume). `finish` there.
  struct Moved {
    middle::XmppAccount account;
    StreamReader::Moved reader;
    std::string resumption;
    std::uint32_t client_count = 0;
  };
  Moved move_out();
  void move_in(Moved moved);

 private:
  friend class Session;
  struct Login;

  void run();
  void read_pieces();
  void wait();
  PieceLimits limits() const;
  void on_header();
  StreamError check_header(const StreamHeader& header) const;
  void write_header(std::string_view to);
  void write_features();
  void on_element(Element element);
  void on_plain_element(Element element);
  void on_sasl_element(Element element);
  void on_authenticated_element(Element element);
  void on_end();

  void sasl_start(Element auth);
  void sasl_step(SaslStep step);
  void sasl_failed(SaslFailure failure);
  void sasl_succeeded(const SaslSuccess& success);
  bool attempts_login() const;
  void answer_sasl(SaslStep step);
  void look_up(const std::string& account);
  void derive(SaslNeedsKeys needs);

  void bind(Element iq);
  void open_session(std::string id, std::string resource);
  void session_opened(const std::string& id, const std::string& resource,
                      Result<middle::OpenedSession> opened);
  void resume(Element element);
  void resume_here(const std::string& name, std::uint32_t client_count);
  void resume_failed(StanzaError why);

  SessionHost& host_;
  Transport& transport_;
  StreamReader reader_;
  StreamHandle handle_;
  Session* session_ = nullptr;    // bound
  std::unique_ptr<Login> login_;  // null once bound
  middle::XmppAccount account_;   // authenticated; empty before
  Phase phase_;
  bool running_ = false;  // inside run()
  bool waiting_ = false;  // an answer from the middle is awaited; input is held
};

}  // namespace longwire::xmpp

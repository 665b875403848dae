#pragma once

// StreamManagement: the counting of XEP-0198 (urn:xmpp:sm:3), both directions, without I/O.
//
// Incoming stanzas are handled in any order, some much later (a chat message when it is durable);
// the number we acknowledge is that of the last one before which all are handled. Outgoing stanzas
// are kept until acknowledged; some (pushes, which are read again from their feeds) are counted and
// not kept.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "middle/model/ids.h"

namespace longwire::xmpp {

// An "h" attribute: digits and nothing else.
std::optional<std::uint32_t> read_count(std::string_view text);

// Loop-bound.
class StreamManagement final {
 public:
  // ---- what the client sends

  std::uint32_t received() { return ++received_; }
  // Stanza number `number` is dealt with.
  void handled(std::uint32_t number);
  std::uint32_t handled_count() const { return handled_; }
  std::uint32_t unhandled_count() const { return received_ - handled_; }
  // The client asks for our count: it is due once all received so far is handled.
  void ask_answer() { answers_due_.push_back(received_); }
  // True once for each answer that is due now.
  bool take_answer();

  // ---- what we send

  struct Kept {
    std::string stanza;  // empty: `count` stanzas that are not kept
    std::uint32_t count = 1;
    std::optional<middle::MessageId> archived;
  };
  void sent(std::string_view stanza, std::optional<middle::MessageId> archived);
  void sent_unkept();
  // The client has `count` (modulo 2^32) of ours. Empty: more than we sent, or fewer than it had
  // before; otherwise the archived messages among those newly acknowledged.
  std::optional<std::vector<middle::MessageId>> acknowledged(std::uint32_t count);
  bool could_acknowledge(std::uint32_t count) const { return count - acked_ <= sent_ - acked_; }
  // Of a count that could not be: it goes back (otherwise it is too high).
  bool goes_back(std::uint32_t count) const { return count < acked_; }
  std::uint32_t sent_count() const { return sent_; }
  std::size_t kept_stanzas() const { return kept_.size() - first_; }
  std::size_t kept_bytes() const { return kept_bytes_; }
  // True where we should ask the client for its count; then it counts as asked.
  bool wants_request();

  // A new connection took the session up: stanzas that were not kept are no longer counted.
  // Answers what is to be sent again, in order.
  std::vector<std::string> resumed();

 private:
  void drop_first(std::vector<middle::MessageId>& archived);

  std::uint32_t received_ = 0;
  std::uint32_t handled_ = 0;
  std::vector<bool> done_;  // of handled_ + 1, …; empty while all is handled in order
  std::vector<std::uint32_t> answers_due_;

  std::uint32_t sent_ = 0;
  std::uint32_t acked_ = 0;
  std::vector<Kept> kept_;
  std::size_t first_ = 0;  // of kept_: the ones before are gone
  std::size_t kept_bytes_ = 0;
  bool asked_ = false;
};

}  // namespace longwire::xmpp

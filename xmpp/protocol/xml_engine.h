#pragma once

// XmlEngine: the XML parser of one loop. Stanzas arrive whole (framer.h), so one parser serves
// every connection: between stanzas it stands inside a stream header, the common one, and holds
// nothing of anybody. A connection whose header declared namespaces of its own names them as its
// context, and the parser is put there first.

#include <memory>
#include <string>
#include <string_view>

#include "xmpp/protocol/errors.h"
#include "xmpp/protocol/stanza.h"

namespace longwire::xmpp {

struct StreamHeader {
  std::string to;
  std::string from;
  std::string lang;
  std::string version;  // empty: not given
  // The header to stand in for later stanzas; empty: the common one.
  std::string context;
};

// Loop-bound.
class XmlEngine final {
 public:
  XmlEngine();
  ~XmlEngine();
  XmlEngine(const XmlEngine&) = delete;
  XmlEngine& operator=(const XmlEngine&) = delete;

  // From the first byte of a stream to the header's '>'. kNone: `header` is filled. With another
  // error than a malformed one `header.to` is filled as far as known.
  StreamError parse_header(std::string_view bytes, StreamHeader& header);

  // One whole stanza. kNone: document() holds it until the next call.
  StreamError parse_stanza(std::string_view context, std::string_view bytes);
  const Document& document() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longwire::xmpp

#include "xmpp/protocol/xml_engine.h"

#include <expat.h>

#include <utility>
#include <vector>

#include "base/check.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"

// Weak: an expat from before the reparse deferral (2.6, and what distributions brought back into
// 2.5) has no such function, and needs none.
extern "C" [[gnu::weak]] XML_Bool XML_SetReparseDeferralEnabled(XML_Parser parser,
                                                                XML_Bool enabled);

namespace longwire::xmpp {
namespace {

// After so much input a parser is made anew: expat keeps every name it has ever seen.
constexpr std::size_t kRenewAfterBytes = 4 * 1024 * 1024;
constexpr std::size_t kDocumentBytesMax = 128 * 1024;

// The parser hands over each name with its whole namespace, and so it is written out again: a few
// bytes of prefix stand for as many as the namespace is long. Those that XMPP knows are short.
constexpr std::size_t kNamespaceBytesMax = 256;
constexpr std::size_t kNameBytesMax = 1024 * 1024;  // of all names of one piece, so expanded

constexpr std::string_view kCommonHeader =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

StreamError error_of(XML_Error error) {
  switch (error) {
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_RECURSIVE_ENTITY_REF:
    case XML_ERROR_ASYNC_ENTITY:
    case XML_ERROR_EXTERNAL_ENTITY_HANDLING:
    case XML_ERROR_ENTITY_DECLARED_IN_PE:
      return StreamError::kRestrictedXml;
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
      return StreamError::kUnsupportedEncoding;
    case XML_ERROR_NO_MEMORY:
      return StreamError::kInternalServerError;
    default:
      return StreamError::kNotWellFormed;
  }
}

std::string_view text_of(const XML_Char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool is_utf8_name(std::string_view encoding) {
  if (encoding.size() != 5) return false;
  constexpr std::string_view kName = "utf-8";
  for (std::size_t i = 0; i < kName.size(); ++i)
    if ((encoding[i] | (kName[i] & 0x20)) != kName[i]) return false;
  return true;
}

}  // namespace

struct XmlEngine::State {
  XML_Parser parser = nullptr;
  Document document;
  int depth = 0;
  StreamError refused = StreamError::kNone;
  bool collecting = false;  // inside a stanza
  bool in_context = false;  // the parser stands inside `context`
  std::string context;
  std::size_t fed = 0;
  std::size_t name_bytes = 0;                                 // of this piece
  std::vector<std::pair<std::string, std::string>> declared;  // (prefix, namespace) of a header

  ~State() {
    if (parser != nullptr) XML_ParserFree(parser);
  }

  // A parser that was stopped may call its handlers a few times more.
  bool takes() const { return collecting && refused == StreamError::kNone; }

  void refuse(StreamError error) {
    if (refused == StreamError::kNone) refused = error;
    XML_StopParser(parser, XML_FALSE);
  }

  void open(const XML_Char* name, const XML_Char** attributes);
  void declare(std::string_view prefix, std::string_view uri);
  void count_name(std::string_view name);
  void renew();
  StreamError feed(std::string_view bytes);
  void enter(std::string_view wanted);
  void set_handlers();
};

void XmlEngine::State::count_name(std::string_view name) {
  name_bytes += name.size();
  if (name_bytes > kNameBytesMax) refuse(StreamError::kPolicyViolation);
}

void XmlEngine::State::open(const XML_Char* name, const XML_Char** attributes) {
  ++depth;
  if (!takes()) return;
  count_name(name);
  document.open(name);
  for (; *attributes != nullptr; attributes += 2) {
    count_name(attributes[0]);
    document.add_attribute(attributes[0], attributes[1]);
  }
}

void XmlEngine::State::declare(std::string_view prefix, std::string_view uri) {
  if (uri.size() > kNamespaceBytesMax) refuse(StreamError::kPolicyViolation);
  if (depth == 0) declared.emplace_back(prefix, uri);
}

void XmlEngine::State::set_handlers() {
  XML_SetUserData(parser, this);
  XML_SetElementHandler(
      parser,
      [](void* user, const XML_Char* name, const XML_Char** attributes) {
        static_cast<State*>(user)->open(name, attributes);
      },
      [](void* user, const XML_Char*) {
        State& state = *static_cast<State*>(user);
        --state.depth;
        if (state.takes() && state.depth >= 1) state.document.close();
      });
  XML_SetCharacterDataHandler(parser, [](void* user, const XML_Char* text, int size) {
    State& state = *static_cast<State*>(user);
    if (state.takes())
      state.document.add_text(std::string_view(text, static_cast<std::size_t>(size)));
  });
  XML_SetNamespaceDeclHandler(
      parser,
      [](void* user, const XML_Char* prefix, const XML_Char* uri) {
        static_cast<State*>(user)->declare(text_of(prefix), text_of(uri));
      },
      nullptr);
  XML_SetStartDoctypeDeclHandler(
      parser, [](void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        static_cast<State*>(user)->refuse(StreamError::kRestrictedXml);
      });
  XML_SetCommentHandler(parser, [](void* user, const XML_Char*) {
    static_cast<State*>(user)->refuse(StreamError::kRestrictedXml);
  });
  XML_SetProcessingInstructionHandler(parser, [](void* user, const XML_Char*, const XML_Char*) {
    static_cast<State*>(user)->refuse(StreamError::kRestrictedXml);
  });
  // XMPP is XML 1.0 (RFC 6120 section 11); expat reads any other version as if it were.
  XML_SetXmlDeclHandler(parser,
                        [](void* user, const XML_Char* version, const XML_Char* encoding, int) {
                          State& state = *static_cast<State*>(user);
                          if (version != nullptr && text_of(version) != "1.0")
                            state.refuse(StreamError::kNotWellFormed);
                          if (encoding != nullptr && !is_utf8_name(encoding))
                            state.refuse(StreamError::kUnsupportedEncoding);
                        });
}

void XmlEngine::State::renew() {
  if (parser == nullptr || fed > kRenewAfterBytes) {
    if (parser != nullptr) XML_ParserFree(parser);
    parser = XML_ParserCreateNS("UTF-8", '\n');
    CHECK(parser != nullptr);
    fed = 0;
  } else {
    XML_ParserReset(parser, "UTF-8");
  }
  // Pieces are fed whole: waiting for more would only hold a stanza back.
  if (XML_SetReparseDeferralEnabled != nullptr) XML_SetReparseDeferralEnabled(parser, XML_FALSE);
  set_handlers();
  depth = 0;
  refused = StreamError::kNone;
  collecting = false;
  in_context = false;
  declared.clear();
}

StreamError XmlEngine::State::feed(std::string_view bytes) {
  fed += bytes.size();
  if (XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), XML_FALSE) == XML_STATUS_OK)
    return StreamError::kNone;
  in_context = false;
  if (refused != StreamError::kNone) return refused;
  return error_of(XML_GetErrorCode(parser));
}

void XmlEngine::State::enter(std::string_view wanted) {
  if (in_context && context == wanted && fed <= kRenewAfterBytes) return;
  renew();
  context = wanted;
  const StreamError error = feed(wanted.empty() ? kCommonHeader : wanted);
  CHECK(error == StreamError::kNone);
  in_context = true;
}

XmlEngine::XmlEngine() : state_(std::make_unique<State>()) {}
XmlEngine::~XmlEngine() = default;

const Document& XmlEngine::document() const { return state_->document; }

namespace {

// The header's namespaces: what was declared beyond the common ones makes a context of its own.
StreamError context_of(const std::vector<std::pair<std::string, std::string>>& declared,
                       std::string& context) {
  bool common = declared.size() == 2;
  bool has_client = false;
  bool has_streams = false;
  std::string header = "<stream:stream";
  for (const auto& [prefix, uri] : declared) {
    if (prefix.empty()) {
      if (uri != ns::kClient) return StreamError::kInvalidNamespace;
      has_client = true;
    } else if (prefix == "stream") {
      if (uri != ns::kStreams) return StreamError::kInvalidNamespace;
      has_streams = true;
    } else {
      common = false;
    }
    append_attribute(prefix.empty() ? "xmlns" : "xmlns:" + prefix, uri, header);
  }
  if (!has_streams) return StreamError::kBadNamespacePrefix;
  if (!has_client) return StreamError::kInvalidNamespace;
  header.push_back('>');
  context = common ? std::string() : header;
  return StreamError::kNone;
}

}  // namespace

StreamError XmlEngine::parse_header(std::string_view bytes, StreamHeader& header) {
  State& state = *state_;
  state.renew();
  state.document.clear();
  state.name_bytes = 0;
  state.collecting = true;
  const StreamError error = state.feed(bytes);
  state.collecting = false;
  if (error != StreamError::kNone) return error;
  if (state.depth != 1) return StreamError::kNotWellFormed;

  const Element root = state.document.root();
  header.to = root.attribute_or_empty("to");
  header.from = root.attribute_or_empty("from");
  header.lang = root.attribute_or_empty("xml:lang");
  header.version = root.attribute_or_empty("version");
  if (root.ns() != ns::kStreams) return StreamError::kInvalidNamespace;
  if (root.name() != "stream") return StreamError::kBadFormat;
  return context_of(state.declared, header.context);
}

StreamError XmlEngine::parse_stanza(std::string_view context, std::string_view bytes) {
  State& state = *state_;
  state.enter(context);
  if (state.document.capacity_bytes() > kDocumentBytesMax) state.document = Document();
  state.document.clear();
  state.name_bytes = 0;
  state.collecting = true;
  const StreamError error = state.feed(bytes);
  state.collecting = false;
  if (error != StreamError::kNone) return error;
  if (state.depth == 1 && state.document.root()) return StreamError::kNone;
  // The framer saw one whole element and the parser did not: do not guess.
  state.in_context = false;
  return StreamError::kNotWellFormed;
}

}  // namespace longwire::xmpp

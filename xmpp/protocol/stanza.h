#pragma once

// Document: one parsed stanza, in two arrays and one buffer, so that a parser can fill the same one
// again and again without allocating. Element: a place in it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longwire::xmpp {

class Document;

// A borrowed view; valid until its document is cleared or destroyed. A value; a null one stands for
// "not there" and may be asked everything (it has nothing).
class Element {
 public:
  Element() = default;
  explicit operator bool() const { return document_ != nullptr; }

  std::string_view name() const;
  std::string_view ns() const;
  bool is(std::string_view name, std::string_view ns) const;
  // Attributes without namespace; "xml:lang" is the one with.
  std::optional<std::string_view> attribute(std::string_view name) const;
  // The same, empty where absent.
  std::string_view attribute_or_empty(std::string_view name) const;
  struct Attribute {
    std::string_view ns;
    std::string_view name;
    std::string_view value;
  };
  std::size_t attribute_count() const;
  Attribute attribute_at(std::size_t index) const;
  // The first run of text (all of it, unless children stand in between).
  std::string_view text() const;

  Element first_child() const;  // elements only
  Element next() const;         // the next sibling element
  Element child(std::string_view name, std::string_view ns) const;

 private:
  friend class Document;
  friend class ElementWriter;
  Element(const Document* document, std::uint32_t node) : document_(document), node_(node) {}
  Element from(std::uint32_t node) const;

  const Document* document_ = nullptr;
  std::uint32_t node_ = 0;
};

// Built by the parser in document order. Loop-bound.
class Document final {
 public:
  Element root() const { return nodes_.empty() ? Element() : Element(this, 0); }

  void clear();
  // Bytes held; a parser lets go of a document that one large stanza has blown up.
  std::size_t capacity_bytes() const;

  // Building. A name is "namespace\nlocal", or "local" without namespace.
  void open(std::string_view qualified_name);
  void add_attribute(std::string_view qualified_name, std::string_view value);
  void add_text(std::string_view text);
  void close();

 private:
  friend class Element;
  friend class ElementWriter;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct Node {
    bool is_text = false;
    Span ns;
    Span name;  // or the text
    std::uint32_t attributes_begin = 0;
    std::uint32_t attributes_count = 0;
    std::uint32_t parent = kNone;
    std::uint32_t first_child = kNone;
    std::uint32_t last_child = kNone;
    std::uint32_t next = kNone;
  };
  struct Attribute {
    Span ns;
    Span name;
    Span value;
  };

  std::string_view view(Span span) const {
    return std::string_view(text_).substr(span.begin, span.size);
  }
  Span keep(std::string_view text);
  void keep_name(std::string_view qualified, Span& ns, Span& name);
  void append_node(Node node);

  std::string text_;
  std::vector<Node> nodes_;
  std::vector<Attribute> attributes_;
  Span last_ns_;
  std::uint32_t current_ = kNone;
};

// How an element is written out again.
struct WriteOptions {
  std::string_view default_ns;  // in force where it is written
  // Attributes of the element itself (not of its children) to leave out or to set.
  std::string_view set_from = {};
  std::string_view set_to = {};
  bool drop_to = false;
  // Children of the element itself that are left out: (name, namespace) pairs.
  bool (*drop_child)(Element child) = nullptr;
  // Written before the closing tag, as it stands.
  std::string_view append = {};
};
void append_element(Element element, const WriteOptions& options, std::string& out);

}  // namespace longwire::xmpp

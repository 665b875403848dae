#include "xmpp/protocol/stanza.h"

#include "base/check.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"

namespace longwire::xmpp {

Element Element::from(std::uint32_t node) const {
  while (node != Document::kNone && document_->nodes_[node].is_text)
    node = document_->nodes_[node].next;
  return node == Document::kNone ? Element() : Element(document_, node);
}

std::string_view Element::name() const {
  return document_ == nullptr ? std::string_view() : document_->view(document_->nodes_[node_].name);
}

std::string_view Element::ns() const {
  return document_ == nullptr ? std::string_view() : document_->view(document_->nodes_[node_].ns);
}

bool Element::is(std::string_view wanted_name, std::string_view wanted_ns) const {
  return document_ != nullptr && name() == wanted_name && ns() == wanted_ns;
}

std::optional<std::string_view> Element::attribute(std::string_view wanted) const {
  if (document_ == nullptr) return std::nullopt;
  const bool xml = wanted == "xml:lang";
  if (xml) wanted = "lang";
  const Document::Node& node = document_->nodes_[node_];
  for (std::uint32_t i = 0; i < node.attributes_count; ++i) {
    const Document::Attribute& attribute = document_->attributes_[node.attributes_begin + i];
    if (document_->view(attribute.name) != wanted) continue;
    const std::string_view attribute_ns = document_->view(attribute.ns);
    if (xml ? attribute_ns == ns::kXml : attribute_ns.empty())
      return document_->view(attribute.value);
  }
  return std::nullopt;
}

std::string_view Element::attribute_or_empty(std::string_view wanted) const {
  return attribute(wanted).value_or(std::string_view());
}

std::size_t Element::attribute_count() const {
  return document_ == nullptr ? 0 : document_->nodes_[node_].attributes_count;
}

Element::Attribute Element::attribute_at(std::size_t index) const {
  CHECK(index < attribute_count());
  const Document::Attribute& attribute =
      document_->attributes_[document_->nodes_[node_].attributes_begin + index];
  return {document_->view(attribute.ns), document_->view(attribute.name),
          document_->view(attribute.value)};
}

std::string_view Element::text() const {
  if (document_ == nullptr) return {};
  std::uint32_t child = document_->nodes_[node_].first_child;
  while (child != Document::kNone) {
    const Document::Node& node = document_->nodes_[child];
    if (node.is_text) return document_->view(node.name);
    child = node.next;
  }
  return {};
}

Element Element::first_child() const {
  return document_ == nullptr ? Element() : from(document_->nodes_[node_].first_child);
}

Element Element::next() const {
  return document_ == nullptr ? Element() : from(document_->nodes_[node_].next);
}

Element Element::child(std::string_view wanted_name, std::string_view wanted_ns) const {
  for (Element child = first_child(); child; child = child.next())
    if (child.is(wanted_name, wanted_ns)) return child;
  return {};
}

void Document::clear() {
  text_.clear();
  nodes_.clear();
  attributes_.clear();
  last_ns_ = {};
  current_ = kNone;
}

std::size_t Document::capacity_bytes() const {
  return text_.capacity() + nodes_.capacity() * sizeof(Node) +
         attributes_.capacity() * sizeof(Attribute);
}

Document::Span Document::keep(std::string_view text) {
  const Span span{static_cast<std::uint32_t>(text_.size()),
                  static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return span;
}

void Document::keep_name(std::string_view qualified, Span& ns, Span& name) {
  const std::size_t separator = qualified.find('\n');
  if (separator == std::string_view::npos) {
    name = keep(qualified);
    return;
  }
  const std::string_view uri = qualified.substr(0, separator);
  if (view(last_ns_) != uri) last_ns_ = keep(uri);  // most are the same as the one before
  ns = last_ns_;
  name = keep(qualified.substr(separator + 1));
}

void Document::append_node(Node node) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  node.parent = current_;
  nodes_.push_back(node);
  if (current_ == kNone) return;
  Node& parent = nodes_[current_];
  if (parent.last_child == kNone) {
    parent.first_child = index;
  } else {
    nodes_[parent.last_child].next = index;
  }
  parent.last_child = index;
}

void Document::open(std::string_view qualified_name) {
  Node node;
  keep_name(qualified_name, node.ns, node.name);
  node.attributes_begin = static_cast<std::uint32_t>(attributes_.size());
  append_node(node);
  current_ = static_cast<std::uint32_t>(nodes_.size() - 1);
}

void Document::add_attribute(std::string_view qualified_name, std::string_view value) {
  CHECK(current_ != kNone);
  Attribute attribute;
  keep_name(qualified_name, attribute.ns, attribute.name);
  attribute.value = keep(value);
  attributes_.push_back(attribute);
  ++nodes_[current_].attributes_count;
}

void Document::add_text(std::string_view text) {
  if (current_ == kNone || text.empty()) return;
  const std::uint32_t last = nodes_[current_].last_child;
  if (last != kNone && nodes_[last].is_text) {
    // Text comes in pieces; nothing else was kept since the last one.
    nodes_[last].name.size += static_cast<std::uint32_t>(text.size());
    text_.append(text);
    return;
  }
  Node node;
  node.is_text = true;
  node.name = keep(text);
  append_node(node);
}

void Document::close() {
  CHECK(current_ != kNone);
  current_ = nodes_[current_].parent;
}

// Writes with default namespaces only; an attribute with a namespace gets a prefix of its own.
class ElementWriter {
 public:
  static void write(Element element, const WriteOptions& options, std::string& out) {
    out.push_back('<');
    out.append(element.name());
    if (element.ns() != options.default_ns) append_attribute("xmlns", element.ns(), out);
    write_attributes(element, options, out);
    const std::size_t before_content = out.size();
    out.push_back('>');
    write_children(element, options, out);
    out.append(options.append);
    if (out.size() == before_content + 1) {
      out.back() = '/';
      out.push_back('>');
      return;
    }
    out.append("</");
    out.append(element.name());
    out.push_back('>');
  }

 private:
  static bool replaced(std::string_view name, const WriteOptions& options) {
    if (name == "from") return !options.set_from.empty();
    if (name == "to") return options.drop_to || !options.set_to.empty();
    return false;
  }

  static void write_attributes(Element element, const WriteOptions& options, std::string& out) {
    if (!options.set_from.empty()) append_attribute("from", options.set_from, out);
    if (!options.set_to.empty()) append_attribute("to", options.set_to, out);
    const Document& document = *element.document_;
    const Document::Node& node = document.nodes_[element.node_];
    for (std::uint32_t i = 0; i < node.attributes_count; ++i) {
      const Document::Attribute& attribute = document.attributes_[node.attributes_begin + i];
      const std::string_view name = document.view(attribute.name);
      const std::string_view attribute_ns = document.view(attribute.ns);
      if (attribute_ns.empty()) {
        if (!replaced(name, options)) append_attribute(name, document.view(attribute.value), out);
        continue;
      }
      std::string prefix = "xml";
      if (attribute_ns != ns::kXml) {
        prefix = "a" + std::to_string(i);
        append_attribute("xmlns:" + prefix, attribute_ns, out);
      }
      prefix.append(":").append(name);
      append_attribute(prefix, document.view(attribute.value), out);
    }
  }

  static void write_children(Element element, const WriteOptions& options, std::string& out) {
    const Document& document = *element.document_;
    WriteOptions inner;
    inner.default_ns = element.ns();
    for (std::uint32_t child = document.nodes_[element.node_].first_child; child != Document::kNone;
         child = document.nodes_[child].next) {
      if (document.nodes_[child].is_text) {
        append_escaped(document.view(document.nodes_[child].name), out);
        continue;
      }
      const Element element_child(&document, child);
      if (options.drop_child != nullptr && options.drop_child(element_child)) continue;
      write(element_child, inner, out);
    }
  }
};

void append_element(Element element, const WriteOptions& options, std::string& out) {
  if (element) ElementWriter::write(element, options, out);
}

}  // namespace longwire::xmpp

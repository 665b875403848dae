#include "tests/script/match.h"

#include <string_view>

#include "base/encoding.h"
#include "xmpp/protocol/xml_engine.h"

namespace longwire::test {
namespace {

using xmpp::Element;

bool value_matches(std::string_view expected, std::string_view actual, Memory& memory) {
  if (expected == "{any}") return !actual.empty();
  const bool name = expected.size() > 2 && expected.front() == '{' && expected.back() == '}';
  if (!name) return expected == actual;
  const auto [place, fresh] =
      memory.try_emplace(std::string(expected.substr(1, expected.size() - 2)), actual);
  return fresh || place->second == actual;
}

bool matches(Element expected, Element actual, Memory& memory);

bool attributes_match(Element expected, Element actual, Memory& memory) {
  if (expected.attribute_count() != actual.attribute_count()) return false;
  for (std::size_t i = 0; i < expected.attribute_count(); ++i) {
    const Element::Attribute wanted = expected.attribute_at(i);
    bool found = false;
    for (std::size_t k = 0; k < actual.attribute_count() && !found; ++k) {
      const Element::Attribute is = actual.attribute_at(k);
      found = is.name == wanted.name && is.ns == wanted.ns &&
              value_matches(wanted.value, is.value, memory);
    }
    if (!found) return false;
  }
  return true;
}

bool matches(Element expected, Element actual, Memory& memory) {
  if (expected.name() != actual.name() || expected.ns() != actual.ns()) return false;
  if (!attributes_match(expected, actual, memory)) return false;
  // "{any}" as the only text of an element without children stands for whatever it holds.
  if (expected.text() == "{any}" && !expected.first_child())
    return !actual.text().empty() || actual.first_child();
  if (!value_matches(expected.text(), actual.text(), memory)) return false;
  Element wanted = expected.first_child();
  Element is = actual.first_child();
  for (; wanted && is; wanted = wanted.next(), is = is.next())
    if (!matches(wanted, is, memory)) return false;
  return !wanted && !is;
}

}  // namespace

std::string match(const std::string& expected, const std::string& actual, Memory& memory) {
  const std::string came = "came: " + actual;
  const std::string wanted = fill_in(expected, memory);
  if (wanted == actual) return {};
  if (wanted == "<stream>" || wanted == "</stream>" || actual.substr(0, 2) == "</" ||
      actual == "<stream>")
    return came;
  xmpp::XmlEngine expected_engine;
  xmpp::XmlEngine actual_engine;
  if (expected_engine.parse_stanza("", wanted) != xmpp::StreamError::kNone)
    return "what is expected is no XML";
  if (actual_engine.parse_stanza("", actual) != xmpp::StreamError::kNone) return came;
  Memory trial = memory;
  if (!matches(expected_engine.document().root(), actual_engine.document().root(), trial))
    return came;
  memory = std::move(trial);
  return {};
}

std::string fill_in(const std::string& text, const Memory& memory) {
  std::string out = text;
  for (const auto& [name, value] : memory) {
    const std::string place = "{" + name + "}";
    for (std::size_t at = out.find(place); at != std::string::npos; at = out.find(place, at))
      out.replace(at, place.size(), value);
  }
  return out;
}

}  // namespace longwire::test

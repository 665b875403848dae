#include "http_front/protocol/json.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace longwire::http {
namespace {

using Json = nlohmann::json;

// Takes the string members of the outer object as they pass; builds no document.
class StringMembers final {
 public:
  std::map<std::string, std::string> members;

  bool null() { return scalar(); }
  bool boolean(bool) { return scalar(); }
  bool number_integer(Json::number_integer_t) { return scalar(); }
  bool number_unsigned(Json::number_unsigned_t) { return scalar(); }
  bool number_float(Json::number_float_t, const Json::string_t&) { return scalar(); }
  bool binary(Json::binary_t&) { return false; }
  bool string(Json::string_t& value) {
    if (depth_ == 1) members[name_] = std::move(value);
    return scalar();
  }
  bool start_object(std::size_t) { return ++depth_ <= kJsonDepthMax; }
  bool end_object() { return depth_-- > 0; }
  bool start_array(std::size_t) { return depth_ > 0 && ++depth_ <= kJsonDepthMax; }
  bool end_array() { return depth_-- > 0; }
  bool key(Json::string_t& name) {
    if (depth_ != 1) return true;
    name_ = std::move(name);
    return members.count(name_) == 0;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  bool scalar() const { return depth_ > 0; }
  std::size_t depth_ = 0;
  std::string name_;
};

}  // namespace

Result<std::map<std::string, std::string>> parse_json_strings(BytesView text) {
  StringMembers reader;
  if (!is_utf8(text) || !Json::sax_parse(text.begin(), text.end(), &reader)) {
    return Error{ErrorCode::kInvalidArgument, "the body is not a JSON object"};
  }
  return std::move(reader.members);
}

void JsonWriter::separate() {
  if (!first_) out_.push_back(',');
  first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_.push_back('"');
  out_ += name;
  out_ += "\":";
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  append_json_string(value, out_);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  std::array<char, 24> text{};
  out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
  return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  separate();
  std::array<char, 24> text{};
  out_.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

void append_json_string(std::string_view value, Bytes& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool good = is_utf8(value);
  out.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    } else if (byte >= 0x80 && !good) {
      out += "\xef\xbf\xbd";
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace longwire::http

#pragma once

// JSON as the API needs it: a flat object of strings in, text out.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::http {

inline constexpr std::size_t kJsonDepthMax = 16;

// The string members of one JSON object; members of other types, and what is in them, are checked
// and skipped. kInvalidArgument: no JSON, no object, not UTF-8, a member twice, or too deep.
Result<std::map<std::string, std::string>> parse_json_strings(BytesView text);

// Writes one document; the caller keeps its shape right. Not thread-safe.
class JsonWriter final {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);  // plain ASCII
  JsonWriter& string(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  JsonWriter& boolean(bool value);

  Bytes take() && { return std::move(out_); }

 private:
  void separate();
  Bytes out_;
  bool first_ = true;  // nothing stands before in this object or array
};

// With quotes. Bytes that are no UTF-8 are written as U+FFFD.
void append_json_string(std::string_view value, Bytes& out);

}  // namespace longwire::http

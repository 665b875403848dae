#include "http_front/protocol/form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace longwire::http {
namespace {

// Names that Java's clients repeat without "&" where they stand first in a body.
constexpr std::array<std::string_view, 13> kListNames{
    "registration_id",
    "registration_ids",
    "alias",
    "aliases",
    "user_account",
    "user_accounts",
    "restricted_package_name",
    "topics",
    "msg_ids",
    "job_keys",
    "miids",
    "imeimd5s",
    "region",
};

bool is_list_name(std::string_view name) {
  return std::find(kListNames.begin(), kListNames.end(), name) != kListNames.end();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_blank_character(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank_character(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank_character(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view strip_python_literal(std::string_view query) {
  if (query.size() < 3 || query.substr(0, 2) != "b'" || query.back() != '\'') return query;
  return query.substr(2, query.size() - 3);
}

}  // namespace

Result<Form> Form::parse(BytesView body, BytesView query) {
  Form form;
  form.text_.resize(body.size() + query.size());
  form.fields_.reserve(16);
  if (!form.take(body, true) || !form.take(strip_python_literal(query), false)) {
    return Error{ErrorCode::kInvalidArgument, "too many parameters"};
  }
  return form;
}

bool Form::take(BytesView text, bool is_body) {
  bool first = is_body;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trim(pair).empty()) continue;
    if (!take_pair(pair, first)) return false;
    first = false;
  }
  return true;
}

bool Form::take_pair(std::string_view pair, bool first_of_body) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  const std::string_view raw_name = pair.substr(0, equals);
  std::string_view rest = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
  const std::string_view name = decode(raw_name);
  if (name.empty()) return true;
  if (first_of_body && is_list_name(name)) {
    // A "=" inside a value would have come as %3D: a raw one betrays the next repetition.
    const std::string mark = std::string(raw_name) + "=";
    for (std::size_t at = rest.find(mark); at != std::string_view::npos; at = rest.find(mark)) {
      if (!add(name, decode(rest.substr(0, at)))) return false;
      rest.remove_prefix(at + mark.size());
    }
  }
  return add(name, decode(rest));
}

bool Form::add(std::string_view name, std::string_view value) {
  if (fields_.size() >= kFieldsMax) return false;
  fields_.push_back({name, value});
  return true;
}

std::string_view Form::decode(std::string_view raw) {
  char* const begin = text_.data() + text_used_;
  char* out = begin;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '%' && i + 2 < raw.size() && hex_value(raw[i + 1]) >= 0 &&
        hex_value(raw[i + 2]) >= 0) {
      *out++ = static_cast<char>(hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]));
      i += 2;
    } else {
      *out++ = c == '+' ? ' ' : c;
    }
  }
  const auto size = static_cast<std::size_t>(out - begin);
  text_used_ += size;
  return {begin, size};
}

std::optional<std::string_view> Form::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name && !field.value.empty()) return field.value;
  }
  return std::nullopt;
}

bool Form::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [name](const Field& field) { return field.name == name; });
}

void split_list(std::string_view list, std::vector<std::string_view>& items) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::string_view item = trim(list.substr(0, end));
    if (!item.empty()) items.push_back(item);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

bool is_blank(std::string_view text) { return trim(text).empty(); }

std::optional<std::int64_t> parse_number(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  if (result.ec == std::errc()) return value;
  if (result.ec != std::errc::result_out_of_range) return std::nullopt;
  return text.front() == '-' ? std::numeric_limits<std::int64_t>::min()
                             : std::numeric_limits<std::int64_t>::max();
}

}  // namespace longwire::http

#include "storage/zookeeper/member_node.h"

#include <charconv>
#include <utility>

namespace longwire::storage::zookeeper {
namespace {

constexpr std::string_view kFormat = "1";
constexpr std::size_t kTextMax = 256;

bool is_text(std::string_view value) {
  return value.size() <= kTextMax && value.find('\n') == std::string_view::npos;
}

bool is_format(std::string_view text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && number >= 1;
}

// The text up to the next line feed, which is taken away with it; nothing at the end.
std::optional<std::string_view> take_line(std::optional<std::string_view>& rest) {
  if (!rest) return std::nullopt;
  const auto end = rest->find('\n');
  const std::string_view line = rest->substr(0, end);
  rest = end == std::string_view::npos ? std::nullopt : std::optional(rest->substr(end + 1));
  return line;
}

}  // namespace

std::string members_path(std::string_view path) { return std::string(path) + "/members"; }

std::string node_path(std::string_view path, std::string_view address) {
  return members_path(path) + "/" + std::string(address);
}

Status check(const middle::Member& member) {
  const std::string& address = member.address;
  const bool good = !address.empty() && address.size() <= kTextMax && address.front() != '.' &&
                    address.find('/') == std::string::npos && is_text(member.life) &&
                    is_text(member.version) && is_text(address) && !member.life.empty();
  if (good) return {};
  return Error{ErrorCode::kInvalidArgument, "\"" + address + "\" cannot be a member's address"};
}

Bytes encode_member(const middle::Member& member) {
  Bytes data(kFormat);
  data += "\n" + member.life + "\n" + member.version;
  return data;
}

std::optional<middle::Member> decode_member(std::string_view address, std::string_view data) {
  std::optional<std::string_view> rest = data;
  const auto format = take_line(rest);
  const auto life = take_line(rest);
  const auto version = take_line(rest);
  if (!version || life->empty() || !is_format(*format)) return std::nullopt;
  return middle::Member{std::string(address), std::string(*life), std::string(*version)};
}

}  // namespace longwire::storage::zookeeper

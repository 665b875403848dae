#include "storage/redis/redirect.h"

#include <charconv>
#include <optional>
#include <string>

#include "storage/redis/node_address.h"
#include "storage/redis/slot.h"

namespace longwire::storage::redis {
namespace {

using Kind = Redirect::Kind;

// The part before the next space; `rest` keeps what follows it.
std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return word;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "ip:port", where an IPv6 address has no brackets: the last colon divides.
std::optional<net::Address> parse_target(std::string_view text, const net::Address& from) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0) return std::nullopt;
  const std::string host(text.substr(0, colon));
  if (host.empty()) return net::Address{from.ip, *port};
  return numeric_address(host, *port).value_or(net::Address{"", *port});
}

Redirect parse_target_of(Kind kind, std::string_view rest, const net::Address& from) {
  const auto slot = parse_number<std::uint16_t>(take_word(rest));
  const auto target = parse_target(take_word(rest), from);
  if (!slot || *slot >= kSlots || !target) return {};
  return {kind, *slot, *target};
}

}  // namespace

Redirect parse_redirect(std::string_view error, const net::Address& from) {
  std::string_view rest = error;
  const auto word = take_word(rest);
  if (word == "MOVED") return parse_target_of(Kind::kMoved, rest, from);
  if (word == "ASK") return parse_target_of(Kind::kAsk, rest, from);
  for (const std::string_view later : {"TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN"}) {
    if (word == later) return {.kind = Kind::kLater, .slot = 0, .to = {}};
  }
  return {};
}

}  // namespace longwire::storage::redis

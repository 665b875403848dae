#include "middle/model/ids.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kHomeHexChars = 4;
constexpr std::size_t kDeviceRandomBytes = 10;  // 20 hex characters
constexpr std::size_t kRegIdRandomBytes = 15;   // 20 base64url characters
constexpr std::size_t kIdRandomChars = 20;

std::string home_hex(std::uint16_t home) { return hex_encode(ByteWriter().u16(home).bytes()); }

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The home hash written in an id, or the hash of the whole where it is none of ours: a foreign name
// then has a home as well, where it will not be found.
std::uint16_t written_home(std::string_view hex, std::string_view whole) {
  if (hex.size() != kHomeHexChars || !is_lower_hex(hex)) return home_hash(whole);
  const std::optional<Bytes> bytes = hex_decode(hex);
  return ByteReader(*bytes).u16();
}

std::string_view after_colon(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
}

std::string scoped_name(std::string_view kind, const AppId& app, std::string_view name) {
  std::string text(kind);
  return text.append(app.value()).append(":").append(name);
}

}  // namespace

Timestamp MessageId::time() const {
  const std::uint64_t high = ByteReader(view()).u64();
  return {static_cast<std::int64_t>(high >> 22)};
}

std::uint16_t MessageId::home() const {
  return static_cast<std::uint16_t>(ByteReader(view()).u64() >> 6);
}

std::string MessageId::to_string() const { return hex_encode(view()); }

std::optional<MessageId> parse_message_id(std::string_view text) {
  MessageId id;
  if (text.size() != 2 * id.bytes.size() || !is_lower_hex(text)) return std::nullopt;
  const std::optional<Bytes> bytes = hex_decode(text);
  if (!bytes) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
  return id;
}

MessageId make_message_id(Timestamp now, std::uint16_t home, Random& random) {
  const std::uint64_t chance = random.next_u64();
  const std::uint64_t high = (static_cast<std::uint64_t>(now.ms) << 22) |
                             (static_cast<std::uint64_t>(home) << 6) | ((chance >> 32) & 0x3f);
  ByteWriter writer;
  const Bytes& bytes = writer.u64(high).u32(static_cast<std::uint32_t>(chance)).bytes();
  MessageId id;
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

DeviceId make_device_id(Random& random) {
  const std::string chance = hex_encode(random.bytes(kDeviceRandomBytes));
  return DeviceId("d" + home_hex(home_hash(chance)) + chance);
}

bool is_device_id(std::string_view localpart) {
  static_assert(kDeviceIdBytes == 1 + kHomeHexChars + kIdRandomChars);
  return localpart.size() == kDeviceIdBytes && localpart.front() == 'd' &&
         is_lower_hex(localpart.substr(1));
}

RegId make_reg_id(const DeviceId& device, Random& random) {
  return RegId(home_hex(home_of(device)) + base64url_encode(random.bytes(kRegIdRandomBytes)));
}

std::optional<RegId> parse_reg_id(std::string_view text) {
  if (text.size() != kHomeHexChars + kIdRandomChars) return std::nullopt;
  if (!is_lower_hex(text.substr(0, kHomeHexChars))) return std::nullopt;
  if (!base64url_decode(text.substr(kHomeHexChars))) return std::nullopt;
  return RegId(std::string(text));
}

FeedId inbox_feed(const RegId& registration) { return FeedId("inbox:" + registration.value()); }
FeedId topic_feed(const AppId& app, const Tag& tag) {
  return FeedId(scoped_name("topic:", app, tag.value()));
}
FeedId app_feed(const AppId& app) { return FeedId("app:" + app.value()); }
FeedId archive_feed(const XmppAccount& account) { return FeedId("archive:" + account.value()); }

FeedKind feed_kind(const FeedId& feed) {
  const std::string_view text = feed.value();
  if (text.starts_with("topic:")) return FeedKind::kTopic;
  if (text.starts_with("app:")) return FeedKind::kApp;
  if (text.starts_with("archive:")) return FeedKind::kArchive;
  return FeedKind::kInbox;
}

std::uint16_t home_of(const DeviceId& device) {
  const std::string_view text = device.value();
  return written_home(text.size() > kHomeHexChars ? text.substr(1, kHomeHexChars) : "", text);
}

std::uint16_t home_of(const RegId& registration) {
  const std::string_view text = registration.value();
  return written_home(text.substr(0, kHomeHexChars), text);
}

std::uint16_t home_of(const FeedId& feed) {
  const std::string_view name = after_colon(feed.value());
  switch (feed_kind(feed)) {
    case FeedKind::kInbox:
      return home_of(RegId(std::string(name)));
    case FeedKind::kArchive:
      if (is_device_id(name)) return home_of(DeviceId(std::string(name)));
      break;
    case FeedKind::kTopic:
    case FeedKind::kApp:
      break;
  }
  return home_hash(feed.value());
}

std::uint16_t home_of_alias(const AppId& app, const Alias& alias) {
  return home_hash(scoped_name("alias:", app, alias.value()));
}
std::uint16_t home_of_account(const AppId& app, const UserAccount& account) {
  return home_hash(scoped_name("account:", app, account.value()));
}
std::uint16_t home_of(const XmppAccount& account) { return home_of(archive_feed(account)); }

PartitionId partition_of(std::uint16_t home, std::uint16_t count) {
  return static_cast<PartitionId>((static_cast<std::uint32_t>(home) * count) >> 16);
}

}  // namespace longwire::middle

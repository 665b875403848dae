#pragma once

// The names of things. All are values. Ids of devices, registrations and messages are made by the
// server and never reused; the first two carry the hash of their home, so that who has the id finds
// the partition without a look-up (design: "ids carry the hash of their home").

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/named_type.h"
#include "base/random.h"

namespace longwire::middle {

using AppId = NamedType<std::string, struct AppIdTag>;    // decimal text, e.g. "2882303761517"
using AppKey = NamedType<std::string, struct AppKeyTag>;  // for devices
using PackageName = NamedType<std::string, struct PackageNameTag>;
using DeviceId =
    NamedType<std::string, struct DeviceIdTag>;  // "d" + hex(home hash) + 20 hex; a JID localpart
using RegId = NamedType<std::string, struct RegIdTag>;  // hex(home hash) + 20 base64url
using Alias = NamedType<std::string, struct AliasTag>;  // a name an app gives registrations
using UserAccount =
    NamedType<std::string, struct UserAccountTag>;  // likewise, "account" in the send API
using Tag = NamedType<std::string, struct TagTag>;  // the send API says "topic"
using XmppAccount =
    NamedType<std::string, struct XmppAccountTag>;  // localpart of a user or device account
using FeedNumber = std::uint64_t;                   // 1, 2, 3, …; 0 is "before all"
using SessionNumber = std::uint64_t;                // rises with each bind; see OpenedSession
using PartitionId = std::uint16_t;
using NodeId = NamedType<std::string, struct NodeIdTag>;  // one front end's event loop
using Incarnation =
    NamedType<std::string, struct IncarnationTag>;  // hex of 8 random bytes, see design section 3

// 96 bits: 42 of milliseconds, 16 of home hash, 38 of randomness. Also the nonce of a sealed push.
struct MessageId {
  std::array<std::uint8_t, 12> bytes{};
  friend auto operator<=>(const MessageId&, const MessageId&) = default;

  Timestamp time() const;
  std::uint16_t home() const;
  std::string to_string() const;  // 24 hex characters
  BytesView view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};
std::optional<MessageId> parse_message_id(std::string_view text);
MessageId make_message_id(Timestamp now, std::uint16_t home, Random& random);

inline constexpr std::size_t kDeviceIdBytes = 25;
DeviceId make_device_id(Random& random);
bool is_device_id(std::string_view localpart);
// A registration lives in its device's partition: its id carries the device's home hash.
RegId make_reg_id(const DeviceId& device, Random& random);
std::optional<RegId> parse_reg_id(std::string_view text);  // form only

// A feed's name: "inbox:<regId>", "topic:<app>:<tag>", "app:<app>", "archive:<account>".
using FeedId = NamedType<std::string, struct FeedIdTag>;
enum class FeedKind : std::uint8_t { kInbox, kTopic, kApp, kArchive };
FeedId inbox_feed(const RegId& registration);
FeedId topic_feed(const AppId& app, const Tag& tag);
FeedId app_feed(const AppId& app);
FeedId archive_feed(const XmppAccount& account);
FeedKind feed_kind(const FeedId& feed);

// Home hashes (base/hash.h home_hash, version 1): where a thing lives for good.
std::uint16_t home_of(const DeviceId& device);
std::uint16_t home_of(const RegId& registration);
std::uint16_t home_of(const FeedId& feed);
std::uint16_t home_of_alias(const AppId& app, const Alias& alias);
std::uint16_t home_of_account(const AppId& app, const UserAccount& account);
std::uint16_t home_of(
    const XmppAccount& account);  // as archive_feed(account); a device account as its device
// The partition of a hash where there are `count` partitions.
PartitionId partition_of(std::uint16_t home, std::uint16_t count);

}  // namespace longwire::middle

#pragma once

// The rows of devices, registrations and names.

#include <optional>
#include <vector>

#include "base/result.h"
#include "middle/model/registry.h"
#include "middle/partition/transaction.h"
#include "middle/ports/directory.h"

namespace longwire::middle {

struct DeviceRow {
  Credentials credentials;
  Timestamp created;
  std::optional<Timestamp> last_contact;  // empty: never logged in
  SessionNumber session = 0;              // of the last bind
  std::vector<RegId> registrations;
};

struct RegistrationRow {
  Registration registration;
  std::vector<Timestamp> tag_ended;  // by tag interval: when it was ended; 0: still carried
};

enum class NameKind : std::uint8_t { kAlias = 1, kUserAccount = 2 };

struct NameRow {
  std::vector<RegId> holders;  // the last to set it is last
};

// A change for the directory's index of topics, until it is applied there.
struct TopicChangeRow {
  TopicChange change;
};

Bytes device_key(const DeviceId& device);
Bytes registration_key(const RegId& registration);
Bytes name_key(NameKind kind, const AppId& app, std::string_view name);
// Devices in the order of when to look at their last contact.
Bytes contact_key(Timestamp look_at, const DeviceId& device);
Bytes topic_change_key(Position position, const RegId& registration, const Tag& tag);

Bytes encode(const DeviceRow& row);
Bytes encode(const RegistrationRow& row);
Bytes encode(const NameRow& row);
Bytes encode(const TopicChangeRow& row);
Status decode(BytesView bytes, DeviceRow& row);
Status decode(BytesView bytes, RegistrationRow& row);
Status decode(BytesView bytes, NameRow& row);
Status decode(BytesView bytes, TopicChangeRow& row);

}  // namespace longwire::middle

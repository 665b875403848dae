#pragma once

// Devices: accounts of installations, with their sessions and their life.

#include "middle/partition/transaction.h"
#include "middle/registry/registry_rows.h"

namespace longwire::middle {

struct DeviceLife {
  std::chrono::milliseconds unused_expiry{};        // an account that never logs in
  std::chrono::milliseconds registration_expiry{};  // without contact
};

Result<DeviceRow> find_device(Transaction& transaction, const DeviceId& device);

Status add_device(Transaction& transaction, const DeviceId& device, const Credentials& credentials,
                  const DeviceLife& life);
// Raises the session number; kPermissionDenied where it is banned.
Result<DeviceRow> begin_session(Transaction& transaction, const DeviceId& device);
// The number of its last session; 0: there is no such device.
struct DeviceStanding {
  bool known = false;
  bool banned = false;
  SessionNumber last_session = 0;
};
Result<DeviceStanding> standing_of(Transaction& transaction, const DeviceId& device);
// Marks the last contact, unless a newer session has begun.
Status end_session(Transaction& transaction, const DeviceId& device, SessionNumber session);
Status set_banned(Transaction& transaction, const DeviceId& device, bool banned);
// With its registrations, which are answered.
Result<std::vector<RegId>> remove_device(Transaction& transaction, const DeviceId& device);

// Looks at a device whose time may be over (see contact_key), and ends what is: the account where
// it never logged in, its registrations where it was not heard of for registration_expiry (at most
// a 30th more). Marks the contact of one that is online. Answers those ended.
Result<std::vector<RegId>> check_contact(Transaction& transaction, const Bytes& contact,
                                         bool online, const DeviceLife& life);

}  // namespace longwire::middle

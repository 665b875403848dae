#include "middle/registry/devices.h"

#include <utility>

#include "middle/partition/rows.h"
#include "middle/registry/registrations.h"

namespace longwire::middle {
namespace {

// How often a device is looked at within registration_expiry; one that is connected is marked as
// heard of then. With 30 days: once a day.
constexpr int kLooksPerExpiry = 30;

void look_again(Transaction& transaction, const DeviceId& device, Timestamp when) {
  transaction.put(contact_key(when, device), Bytes());
}

Result<std::vector<RegId>> end_all(Transaction& transaction, const DeviceRow& device) {
  for (const RegId& id : device.registrations) {
    auto row = read_row<RegistrationRow>(transaction, registration_key(id));
    if (!row) return row.error();
    if (*row) TRY(end_registration(transaction, **row));
  }
  return device.registrations;
}

}  // namespace

Result<DeviceRow> find_device(Transaction& transaction, const DeviceId& device) {
  auto row = read_row<DeviceRow>(transaction, device_key(device));
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::kNotFound, "no such device"};
  return std::move(**row);
}

Status add_device(Transaction& transaction, const DeviceId& device, const Credentials& credentials,
                  const DeviceLife& life) {
  DeviceRow row;
  row.credentials = credentials;
  row.created = transaction.now();
  transaction.put(device_key(device), encode(row));
  look_again(transaction, device, transaction.now() + life.unused_expiry);
  return {};
}

Result<DeviceRow> begin_session(Transaction& transaction, const DeviceId& device) {
  auto row = find_device(transaction, device);
  if (!row) return row.error();
  if (row->credentials.banned) return Error{ErrorCode::kPermissionDenied, "the device is banned"};
  ++row->session;
  row->last_contact = transaction.now();
  transaction.put(device_key(device), encode(*row));
  return row;
}

Result<DeviceStanding> standing_of(Transaction& transaction, const DeviceId& device) {
  auto row = read_row<DeviceRow>(transaction, device_key(device));
  if (!row) return row.error();
  if (!*row) return DeviceStanding{};
  return DeviceStanding{true, (*row)->credentials.banned, (*row)->session};
}

Status end_session(Transaction& transaction, const DeviceId& device, SessionNumber session) {
  auto row = find_device(transaction, device);
  if (!row) return row.error();
  if (row->session != session) return {};
  row->last_contact = transaction.now();
  transaction.put(device_key(device), encode(*row));
  return {};
}

Status set_banned(Transaction& transaction, const DeviceId& device, bool banned) {
  auto row = find_device(transaction, device);
  if (!row) return row.error();
  row->credentials.banned = banned;
  transaction.put(device_key(device), encode(*row));
  return {};
}

Result<std::vector<RegId>> remove_device(Transaction& transaction, const DeviceId& device) {
  auto row = find_device(transaction, device);
  if (!row) return row.error();
  auto ended = end_all(transaction, *row);
  transaction.remove(device_key(device));
  return ended;
}

Result<std::vector<RegId>> check_contact(Transaction& transaction, const Bytes& contact,
                                         bool online, const DeviceLife& life) {
  constexpr std::size_t kPrefix = 1 + sizeof(std::uint64_t);
  if (contact.size() <= kPrefix) return Error{ErrorCode::kCorrupt, "contact row without a device"};
  const DeviceId device(contact.substr(kPrefix));
  transaction.remove(contact);
  auto row = read_row<DeviceRow>(transaction, device_key(device));
  if (!row) return row.error();
  if (!*row) return std::vector<RegId>();
  if (!(*row)->last_contact && !online) {
    // Removed together with what it may have registered over HTTPS meanwhile: nothing.
    return remove_device(transaction, device);
  }
  const Timestamp now = transaction.now();
  const std::chrono::milliseconds step = life.registration_expiry / kLooksPerExpiry;
  if (online) {
    (*row)->last_contact = now;
    transaction.put(device_key(device), encode(**row));
  }
  // A step more: so old may the mark be of one whose connection had no orderly end.
  const bool over = *(*row)->last_contact + life.registration_expiry + step <= now;
  look_again(transaction, device, now + (over ? life.registration_expiry : step));
  return over ? end_all(transaction, **row) : std::vector<RegId>();
}

}  // namespace longwire::middle

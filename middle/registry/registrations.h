#pragma once

// Registrations: one app on one device. All of a device's lie in the device's partition, with their
// inboxes, cursors and tags.

#include "middle/partition/transaction.h"
#include "middle/registry/registry_rows.h"
#include "middle/service.h"

namespace longwire::middle {

// A registration as stored, with its cursors; `incarnations[i]` is that of feeds[i]'s cursor: a
// shared feed's owner may know a newer one, then the cursor counts as 0.
struct StoredView {
  RegistrationView view;
  std::vector<Incarnation> incarnations;
  bool inbox_reset = false;  // its cursor proved that storage went back: it begins anew
};

// kNotFound where there is none, or it is another device's (empty: anybody's).
Result<RegistrationRow> find_registration(Transaction& transaction, const RegId& registration,
                                          const DeviceId& device = {});
void store_registration(Transaction& transaction, const RegistrationRow& row);

// The device's registration of this app and package, if it has one.
Result<std::optional<RegistrationRow>> registration_of(Transaction& transaction,
                                                       const RegisterRequest& request);
// A repeat answers with the same registration. `app_tail`: last number of the app's feed,
// confirmed.
Result<RegistrationRow> add_registration(Transaction& transaction, const RegisterRequest& request,
                                         FeedNumber app_tail, std::size_t registrations_max);
// Ends it with its cursors, tags, names and inbox. kUnavailable: a lane is full.
Status end_registration(Transaction& transaction, const RegistrationRow& row);

Result<StoredView> view_registration(Transaction& transaction, const RegistrationRow& row);

// Feeds that a registration reads, each once.
std::vector<FeedId> feeds_of(const Registration& registration);

}  // namespace longwire::middle

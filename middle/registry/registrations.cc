#include "middle/registry/registrations.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "middle/feed/feed.h"
#include "middle/partition/rows.h"
#include "middle/registry/registry_lanes.h"
#include "middle/registry/tags.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIncarnationBytes = 8;
constexpr std::chrono::milliseconds kLaneRetry{500};

Error no_such_registration() { return {ErrorCode::kNotFound, "no such registration"}; }

Result<FeedPosition> position_of(Transaction& transaction, const Registration& registration,
                                 FeedPosition position, Incarnation& incarnation) {
  auto row = read_row<CursorRow>(transaction, cursor_key(registration.id.value(), position.feed));
  if (!row) return row.error();
  if (*row) {
    position.cursor = (*row)->number;
    incarnation = (*row)->incarnation;
  }
  return position;
}

// A cursor that we stored above our own tail proves that storage went back. Both are of this
// partition, so the tail needs no further confirmation.
Status check_inbox(Transaction& transaction, StoredView& stored) {
  FeedPosition& inbox = stored.view.feeds.front();
  auto incarnation = feed_incarnation(transaction, inbox.feed);
  if (!incarnation) return incarnation.error();
  if (*incarnation != stored.incarnations.front()) inbox.cursor = 0;
  auto tail = feed_tail(transaction, inbox.feed);
  if (!tail) return tail.error();
  if (inbox.cursor <= *tail) return {};
  stored.inbox_reset = true;
  inbox.cursor = 0;
  const Incarnation anew(hex_encode(transaction.random().bytes(kIncarnationBytes)));
  return reset_feed(transaction, inbox.feed, anew);
}

Status release_names(Transaction& transaction, const Registration& registration, NameKind kind) {
  for (std::string& name : listed_names(registration, kind)) {
    const NameId id{kind, registration.app, std::move(name)};
    const PartitionId owner = transaction.home(home_of(id));
    if (!transaction.lane_has_room(owner)) {
      return Error{ErrorCode::kUnavailable, "too much waits between partitions", kLaneRetry};
    }
    transaction.send(owner, encode_lane(DropHolder{id, registration.id}));
  }
  return {};
}

}  // namespace

Result<RegistrationRow> find_registration(Transaction& transaction, const RegId& registration,
                                          const DeviceId& device) {
  auto row = read_row<RegistrationRow>(transaction, registration_key(registration));
  if (!row) return row.error();
  if (!*row) return no_such_registration();
  if (!device.empty() && (*row)->registration.device != device) return no_such_registration();
  return std::move(**row);
}

void store_registration(Transaction& transaction, const RegistrationRow& row) {
  transaction.put(registration_key(row.registration.id), encode(row));
}

Result<std::optional<RegistrationRow>> registration_of(Transaction& transaction,
                                                       const RegisterRequest& request) {
  auto device = read_row<DeviceRow>(transaction, device_key(request.device));
  if (!device) return device.error();
  if (!*device) return Error{ErrorCode::kNotFound, "no such device"};
  for (const RegId& id : (*device)->registrations) {
    auto row = read_row<RegistrationRow>(transaction, registration_key(id));
    if (!row) return row.error();
    if (!*row) continue;
    const Registration& registration = (*row)->registration;
    if (registration.app == request.app && registration.package == request.package) return row;
  }
  return std::optional<RegistrationRow>();
}

Result<RegistrationRow> add_registration(Transaction& transaction, const RegisterRequest& request,
                                         FeedNumber app_tail, std::size_t registrations_max) {
  auto present = registration_of(transaction, request);
  if (!present) return present.error();
  if (*present) {
    RegistrationRow row = std::move(**present);
    if (row.registration.app_version == request.app_version) return row;
    row.registration.app_version = request.app_version;
    store_registration(transaction, row);
    return row;
  }
  auto device = read_row<DeviceRow>(transaction, device_key(request.device));
  if (!device) return device.error();
  if (!*device) return Error{ErrorCode::kNotFound, "no such device"};
  if ((*device)->registrations.size() >= registrations_max)
    return Error{ErrorCode::kResourceExhausted, "too many registrations on this device"};
  RegistrationRow row;
  row.registration = {.id = make_reg_id(request.device, transaction.random()),
                      .device = request.device,
                      .app = request.app,
                      .package = request.package,
                      .secret = transaction.random().bytes(kSecretBytes),
                      .app_version = request.app_version,
                      .created = transaction.now(),
                      .app_since = app_tail + 1,
                      .tags = {},
                      .aliases = {},
                      .accounts = {}};
  (*device)->registrations.push_back(row.registration.id);
  transaction.put(device_key(request.device), encode(**device));
  store_registration(transaction, row);
  // The empty tag stands for "every registration of the app": trace of a broadcast asks for it.
  note_topic_change(transaction, row.registration, Tag(), app_tail + 1, std::nullopt);
  return row;
}

Status end_registration(Transaction& transaction, const RegistrationRow& row) {
  const Registration& registration = row.registration;
  auto device = read_row<DeviceRow>(transaction, device_key(registration.device));
  if (!device) return device.error();
  if (*device) {
    auto& list = (*device)->registrations;
    list.erase(std::remove(list.begin(), list.end(), registration.id), list.end());
    transaction.put(device_key(registration.device), encode(**device));
  }
  TRY(release_names(transaction, registration, NameKind::kAlias));
  TRY(release_names(transaction, registration, NameKind::kUserAccount));
  for (const TagInterval& tag : registration.tags) {
    if (!tag.topic_until) end_topic_change(transaction, registration, tag.tag, tag.topic_since);
  }
  end_topic_change(transaction, registration, Tag(), registration.app_since);
  for (const FeedId& feed : feeds_of(registration))
    transaction.remove(cursor_key(registration.id.value(), feed));
  // Its entries go when they expire. Its number need not be kept: a regId never comes back.
  transaction.remove(feed_key(inbox_feed(registration.id)));
  transaction.remove(registration_key(registration.id));
  return {};
}

std::vector<FeedId> feeds_of(const Registration& registration) {
  std::vector<FeedId> feeds{inbox_feed(registration.id), app_feed(registration.app)};
  for (const TagInterval& tag : registration.tags) {
    FeedId feed = topic_feed(registration.app, tag.tag);
    if (std::find(feeds.begin(), feeds.end(), feed) == feeds.end())
      feeds.push_back(std::move(feed));
  }
  return feeds;
}

Result<StoredView> view_registration(Transaction& transaction, const RegistrationRow& row) {
  const Registration& registration = row.registration;
  std::vector<FeedPosition> wanted;
  wanted.push_back({inbox_feed(registration.id), 0, 1, std::nullopt});
  wanted.push_back({app_feed(registration.app), 0, registration.app_since, std::nullopt});
  for (const TagInterval& tag : registration.tags) {
    wanted.push_back({topic_feed(registration.app, tag.tag), 0, tag.topic_since, tag.topic_until});
  }
  StoredView stored;
  stored.view.registration = registration;
  stored.incarnations.resize(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto position =
        position_of(transaction, registration, std::move(wanted[i]), stored.incarnations[i]);
    if (!position) return position.error();
    stored.view.feeds.push_back(std::move(*position));
  }
  TRY(check_inbox(transaction, stored));
  return stored;
}

}  // namespace longwire::middle

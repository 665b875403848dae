#include "middle/registry/names.h"

#include <algorithm>
#include <utility>

#include "middle/feed/feed.h"
#include "middle/model/control.h"
#include "middle/partition/rows.h"
#include "middle/registry/registry_lanes.h"

namespace longwire::middle {
namespace {

constexpr std::chrono::milliseconds kLaneRetry{500};

Error lane_full() {
  return {ErrorCode::kUnavailable, "too much waits between partitions", kLaneRetry};
}

Result<NameRow> load_name(Transaction& transaction, const NameId& name) {
  auto row = read_row<NameRow>(transaction, name_key(name.kind, name.app, name.name));
  if (!row) return row.error();
  return row->value_or(NameRow{});
}

void store_name(Transaction& transaction, const NameId& name, const NameRow& row) {
  Bytes key = name_key(name.kind, name.app, name.name);
  if (row.holders.empty()) return transaction.remove(std::move(key));
  transaction.put(std::move(key), encode(row));
}

LaneNumber notify(Transaction& transaction, const NameNotice& notice) {
  return transaction.send(transaction.home(home_of(notice.registration)), encode_lane(notice));
}

template <typename Name>
bool change_list(std::vector<Name>& list, const std::string& name, bool carried) {
  auto found = std::find(list.begin(), list.end(), Name(name));
  if (carried == (found != list.end())) return false;
  if (carried)
    list.push_back(Name(name));
  else
    list.erase(found);
  return true;
}

Status tell_device(Transaction& transaction, const NameNotice& notice,
                   std::chrono::milliseconds kept) {
  Entry entry;
  entry.kind = EntryKind::kControl;
  const RegId& registration = notice.registration;
  entry.id = make_message_id(transaction.now(), home_of(registration), transaction.random());
  entry.app = notice.name.app;
  entry.accepted = transaction.now();
  entry.expires = transaction.now() + kept;
  entry.body = encode_control({notice.name.kind == NameKind::kAlias ? ControlKind::kAliasRemoved
                                                                    : ControlKind::kAccountRemoved,
                               notice.name.name});
  auto number =
      append_entry(transaction, inbox_feed(registration), std::move(entry), BodyPlace::kEntry);
  if (!number) return number.error();
  return {};
}

}  // namespace

std::uint16_t home_of(const NameId& name) {
  return name.kind == NameKind::kAlias ? home_of_alias(name.app, Alias(name.name))
                                       : home_of_account(name.app, UserAccount(name.name));
}

Result<std::vector<RegId>> name_holders(Transaction& transaction, const NameId& name) {
  auto row = load_name(transaction, name);
  if (!row) return row.error();
  return std::move(row->holders);
}

Result<NameChanged> set_name(Transaction& transaction, const NameId& name, const RegId& holder,
                             std::size_t holders_max) {
  auto row = load_name(transaction, name);
  if (!row) return row.error();
  auto& holders = row->holders;
  if (auto found = std::find(holders.begin(), holders.end(), holder); found != holders.end()) {
    holders.erase(found);
  }
  holders.push_back(holder);
  const PartitionId to = transaction.home(home_of(holder));
  if (!transaction.lane_has_room(to)) return lane_full();
  const LaneNumber number = notify(transaction, {holder, name, true, false});
  while (holders.size() > holders_max) {
    if (!transaction.lane_has_room(transaction.home(home_of(holders.front())))) return lane_full();
    notify(transaction, {holders.front(), name, false, true});
    holders.erase(holders.begin());
  }
  store_name(transaction, name, *row);
  return NameChanged{to, number};
}

Result<NameChanged> unset_name(Transaction& transaction, const NameId& name, const RegId& holder,
                               bool evicted) {
  TRY(drop_holder(transaction, name, holder));
  const PartitionId to = transaction.home(home_of(holder));
  if (!transaction.lane_has_room(to)) return lane_full();
  return NameChanged{to, notify(transaction, {holder, name, false, evicted})};
}

Status drop_holder(Transaction& transaction, const NameId& name, const RegId& holder) {
  auto row = load_name(transaction, name);
  if (!row) return row.error();
  auto found = std::find(row->holders.begin(), row->holders.end(), holder);
  if (found == row->holders.end()) return {};
  row->holders.erase(found);
  store_name(transaction, name, *row);
  return {};
}

Status apply_notice(Transaction& transaction, const NameNotice& notice,
                    std::chrono::milliseconds control_kept) {
  Bytes key = registration_key(notice.registration);
  auto row = read_row<RegistrationRow>(transaction, key);
  if (!row) return row.error();
  if (!*row) return {};
  Registration& registration = (*row)->registration;
  const bool changed = notice.name.kind == NameKind::kAlias
                           ? change_list(registration.aliases, notice.name.name, notice.carried)
                           : change_list(registration.accounts, notice.name.name, notice.carried);
  if (!changed) return {};
  transaction.put(std::move(key), encode(**row));
  return notice.evicted ? tell_device(transaction, notice, control_kept) : Status();
}

std::vector<std::string> listed_names(const Registration& registration, NameKind kind) {
  std::vector<std::string> names;
  if (kind == NameKind::kAlias) {
    for (const Alias& alias : registration.aliases) names.push_back(alias.value());
  } else {
    for (const UserAccount& account : registration.accounts) names.push_back(account.value());
  }
  return names;
}

}  // namespace longwire::middle

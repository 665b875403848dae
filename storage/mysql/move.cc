#include "storage/mysql/move.h"

#include <algorithm>
#include <utility>

#include "storage/columns/list_columns.h"
#include "storage/mysql/people.h"

namespace longwire::storage::mysql {
namespace {

using middle::CounterRow;
using middle::DirectoryRows;
using middle::RosterItem;
using middle::TopicRow;

// Written out where SQL has (a, b) > (?, ?): MariaDB does not look that up in an index.
constexpr char kRosterAfter[] =
    "SELECT owner, contact, name, group_names, subscription, ask, pending_in, pending_stanza,"
    " version FROM roster WHERE owner > ? OR (owner = ? AND contact > ?)"
    " ORDER BY owner, contact LIMIT ?";
constexpr char kTopicsAfter[] =
    "SELECT app, tag, registration, since_number, until_number FROM topic_carriers"
    " WHERE app > ? OR (app = ? AND tag > ?) OR (app = ? AND tag = ? AND registration > ?)"
    " ORDER BY app, tag, registration LIMIT ?";
constexpr char kCountersAfter[] =
    "SELECT app, day, name, total FROM counters"
    " WHERE app > ? OR (app = ? AND day > ?) OR (app = ? AND day = ? AND name > ?)"
    " ORDER BY app, day, name LIMIT ?";

Status store_user(Connection& connection, const middle::User& user) {
  const auto replaced = replace_user(connection, user);
  if (!replaced || *replaced) return replaced ? Status() : Status(replaced.error());
  const auto created = create_user(connection, user);
  return created ? Status() : Status(created.error());
}

Status store_item(Connection& connection, const RosterItem& item) {
  const Bytes groups = encode_groups(item.groups);
  auto query = connection.query(
      "REPLACE INTO roster (owner, contact, name, group_names, subscription, ask, pending_in,"
      " pending_stanza, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(item.owner.value()).bind(item.contact).bind(item.name).bind(groups);
  query.bind(std::uint64_t{item.subscription}).bind(std::uint64_t{item.ask});
  query.bind(std::uint64_t{item.pending_in}).bind(item.pending_stanza).bind(item.version);
  return query.run();
}

Status store_topic(Connection& connection, const TopicRow& row) {
  auto query = connection.query(
      "REPLACE INTO topic_carriers (app, tag, registration, since_number, until_number)"
      " VALUES (?, ?, ?, ?, ?)");
  query.bind(row.app.value()).bind(row.tag.value()).bind(row.carrier.registration.value());
  return query.bind(row.carrier.since).bind(row.carrier.until).run();
}

Status store_counter(Connection& connection, const CounterRow& row) {
  auto query =
      connection.query("REPLACE INTO counters (app, day, name, total) VALUES (?, ?, ?, ?)");
  return query.bind(row.app.value()).bind(row.day).bind(row.name).bind(row.total).run();
}

// A row of that version, made and removed, raises the table's AUTO_INCREMENT for good; IGNORE: an
// item that has it has raised it.
Status raise_roster_version(Connection& connection, std::uint64_t version) {
  if (version == 0) return {};
  auto made = connection.query(
      "INSERT IGNORE INTO roster (owner, contact, name, group_names, subscription, ask, pending_in,"
      " pending_stanza, version) VALUES ('', '', '', '', 0, 0, 0, '', ?)");
  TRY(made.bind(version).run());
  auto removed = connection.query("DELETE FROM roster WHERE owner = '' AND contact = ''");
  return removed.run();
}

}  // namespace

Result<std::vector<RosterItem>> list_roster(Connection& connection, const RosterItem& after,
                                            std::size_t limit) {
  auto query = connection.query(kRosterAfter);
  query.bind(after.owner.value()).bind(after.owner.value()).bind(after.contact);
  query.bind(std::uint64_t{limit});
  std::vector<RosterItem> items;
  while (query.next()) {
    auto item = read_roster_item(query);
    if (!item) return std::move(item).error();
    items.push_back(std::move(*item));
  }
  TRY(query.status());
  return items;
}

Result<std::vector<TopicRow>> list_topics(Connection& connection, const TopicRow& after,
                                          std::size_t limit) {
  auto query = connection.query(kTopicsAfter);
  query.bind(after.app.value()).bind(after.app.value()).bind(after.tag.value());
  query.bind(after.app.value()).bind(after.tag.value());
  query.bind(after.carrier.registration.value()).bind(std::uint64_t{limit});
  std::vector<TopicRow> rows;
  while (query.next()) {
    rows.push_back({middle::AppId(query.bytes(0)),
                    middle::Tag(query.bytes(1)),
                    {middle::RegId(query.bytes(2)), query.number(3), query.optional_number(4)}});
  }
  TRY(query.status());
  return rows;
}

Result<std::vector<CounterRow>> list_counters(Connection& connection, const CounterRow& after,
                                              std::size_t limit) {
  auto query = connection.query(kCountersAfter);
  query.bind(after.app.value()).bind(after.app.value()).bind(after.day);
  query.bind(after.app.value()).bind(after.day).bind(after.name).bind(std::uint64_t{limit});
  std::vector<CounterRow> rows;
  while (query.next()) {
    rows.push_back(
        {middle::AppId(query.bytes(0)), query.bytes(1), query.bytes(2), query.number(3)});
  }
  TRY(query.status());
  return rows;
}

Result<std::uint64_t> roster_version(Connection& connection) {
  auto query = connection.query(
      "SELECT COALESCE(auto_increment, 1) - 1 FROM information_schema.tables"
      " WHERE table_schema = DATABASE() AND table_name = 'roster'");
  const std::uint64_t last = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return last;
}

Status load_rows(Connection& connection, const DirectoryRows& rows) {
  TRY(raise_roster_version(connection, rows.roster_version));
  for (const auto& app : rows.apps) TRY(put_app(connection, app));
  for (const auto& user : rows.users) TRY(store_user(connection, user));
  for (const auto& item : rows.roster) TRY(store_item(connection, item));
  for (const auto& row : rows.topics) TRY(store_topic(connection, row));
  for (const auto& row : rows.counters) TRY(store_counter(connection, row));
  return {};
}

}  // namespace longwire::storage::mysql

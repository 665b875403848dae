#include "storage/embedded/directory_move.h"

#include <algorithm>
#include <utility>

#include "storage/embedded/directory_people.h"

namespace longwire::storage {
namespace {

using middle::CounterRow;
using middle::DirectoryRows;
using middle::RosterItem;
using middle::TopicRow;

Status store_user(SqliteConnection& connection, const middle::User& user) {
  const auto created = create_user(connection, user);
  if (!created || *created) return created ? Status() : Status(created.error());
  const auto replaced = replace_user(connection, user);
  return replaced ? Status() : Status(replaced.error());
}

Status store_topic(SqliteConnection& connection, const TopicRow& row) {
  auto query = connection.query("INSERT OR REPLACE INTO topic_carriers VALUES (?, ?, ?, ?, ?)");
  query.bind(row.app.value()).bind(row.tag.value()).bind(row.carrier.registration.value());
  return query.bind(row.carrier.since).bind(row.carrier.until).run();
}

Status store_counter(SqliteConnection& connection, const CounterRow& row) {
  auto query = connection.query("INSERT OR REPLACE INTO counters VALUES (?, ?, ?, ?)");
  return query.bind(row.app.value()).bind(row.day).bind(row.name).bind(row.total).run();
}

std::uint64_t last_version(const DirectoryRows& rows) {
  std::uint64_t last = rows.roster_version;
  for (const RosterItem& item : rows.roster) last = std::max(last, item.version);
  return last;
}

}  // namespace

Result<std::vector<RosterItem>> list_roster(SqliteConnection& connection, const RosterItem& after,
                                            std::size_t limit) {
  auto query = connection.query(
      "SELECT * FROM roster WHERE (owner, contact) > (?, ?) ORDER BY owner, contact LIMIT ?");
  query.bind(after.owner.value()).bind(after.contact).bind(std::uint64_t{limit});
  std::vector<RosterItem> items;
  while (query.next()) {
    auto item = read_roster_item(query);
    if (!item) return std::move(item).error();
    items.push_back(std::move(*item));
  }
  TRY(query.status());
  return items;
}

Result<std::vector<TopicRow>> list_topics(SqliteConnection& connection, const TopicRow& after,
                                          std::size_t limit) {
  auto query = connection.query(
      "SELECT app, tag, registration, since, until FROM topic_carriers"
      " WHERE (app, tag, registration) > (?, ?, ?) ORDER BY app, tag, registration LIMIT ?");
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

Result<std::vector<CounterRow>> list_counters(SqliteConnection& connection, const CounterRow& after,
                                              std::size_t limit) {
  auto query = connection.query(
      "SELECT app, day, name, total FROM counters WHERE (app, day, name) > (?, ?, ?)"
      " ORDER BY app, day, name LIMIT ?");
  query.bind(after.app.value()).bind(after.day).bind(after.name).bind(std::uint64_t{limit});
  std::vector<CounterRow> rows;
  while (query.next()) {
    rows.push_back(
        {middle::AppId(query.bytes(0)), query.bytes(1), query.bytes(2), query.number(3)});
  }
  TRY(query.status());
  return rows;
}

Result<std::uint64_t> roster_version(SqliteConnection& connection) {
  auto query = connection.query("SELECT last FROM roster_version");
  const std::uint64_t last = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return last;
}

Status load_rows(SqliteConnection& connection, const DirectoryRows& rows) {
  auto raised = connection.query("UPDATE roster_version SET last = MAX(last, ?)");
  TRY(raised.bind(last_version(rows)).run());
  for (const auto& app : rows.apps) TRY(put_app(connection, app));
  for (const auto& user : rows.users) TRY(store_user(connection, user));
  for (const auto& item : rows.roster) TRY(store_roster_item(connection, item));
  for (const auto& row : rows.topics) TRY(store_topic(connection, row));
  for (const auto& row : rows.counters) TRY(store_counter(connection, row));
  return {};
}

}  // namespace longwire::storage

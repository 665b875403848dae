#include "storage/embedded/directory_topics.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace longwire::storage {
namespace {

using middle::PartitionId;
using middle::Position;
using middle::TopicCarrier;
using middle::TopicChange;

Status apply_topic_change(SqliteConnection& connection, const TopicChange& change) {
  if (!change.carried) {
    auto query = connection.query(
        "DELETE FROM topic_carriers WHERE app = ? AND tag = ? AND registration = ?");
    query.bind(change.app.value()).bind(change.tag.value()).bind(change.registration.value());
    return query.run();
  }
  auto query = connection.query("INSERT OR REPLACE INTO topic_carriers VALUES (?, ?, ?, ?, ?)");
  query.bind(change.app.value()).bind(change.tag.value()).bind(change.registration.value());
  query.bind(change.since).bind(change.until);
  return query.run();
}

}  // namespace

Result<Position> topics_applied(SqliteConnection& connection, PartitionId partition) {
  auto query = connection.query("SELECT position FROM topics_applied WHERE partition = ?");
  query.bind(std::uint64_t{partition});
  const Position position = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return position;
}

Status apply_topic_changes(SqliteConnection& connection, PartitionId partition, Position position,
                           const std::vector<TopicChange>& changes) {
  const auto applied = topics_applied(connection, partition);
  if (!applied) return applied.error();
  if (position <= *applied) return {};
  for (const TopicChange& change : changes) TRY(apply_topic_change(connection, change));
  auto query = connection.query("INSERT OR REPLACE INTO topics_applied VALUES (?, ?)");
  return query.bind(std::uint64_t{partition}).bind(position).run();
}

Result<std::vector<TopicCarrier>> topic_carriers(SqliteConnection& connection,
                                                 const CarrierQuery& request) {
  auto query = connection.query(
      "SELECT registration, since, until FROM topic_carriers"
      " WHERE app = ? AND tag = ? AND registration > ? ORDER BY registration LIMIT ?");
  query.bind(request.app.value()).bind(request.tag.value()).bind(request.after.value());
  query.bind(std::min<std::uint64_t>(request.limit, std::numeric_limits<std::int64_t>::max()));
  std::vector<TopicCarrier> carriers;
  while (query.next()) {
    carriers.push_back({middle::RegId(query.bytes(0)), query.number(1), query.optional_number(2)});
  }
  TRY(query.status());
  return carriers;
}

Result<std::uint64_t> count_topic_carriers(SqliteConnection& connection, const middle::AppId& app,
                                           const middle::Tag& tag, middle::FeedNumber number) {
  auto query = connection.query(
      "SELECT COUNT(*) FROM topic_carriers WHERE app = ? AND tag = ? AND since <= ?"
      " AND (until IS NULL OR until > ?)");
  query.bind(app.value()).bind(tag.value()).bind(number).bind(number);
  const std::uint64_t count = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return count;
}

Result<std::uint64_t> add_to_counter(SqliteConnection& connection, const CounterAdd& add) {
  auto query = connection.query(
      "INSERT INTO counters VALUES (?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET total = total + excluded.total RETURNING total");
  query.bind(add.app.value()).bind(add.day).bind(add.name).bind(add.amount);
  const std::uint64_t total = query.next() ? query.number(0) : 0;
  TRY(query.run());
  return total;
}

}  // namespace longwire::storage

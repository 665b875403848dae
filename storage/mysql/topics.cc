#include "storage/mysql/topics.h"

#include <array>
#include <map>
#include <span>
#include <tuple>
#include <utility>

namespace longwire::storage::mysql {
namespace {

using middle::PartitionId;
using middle::Position;
using middle::TopicCarrier;
using middle::TopicChange;

// Rows of one statement. Few sizes, since each is prepared once a connection.
constexpr std::array<std::size_t, 3> kSizes = {100, 10, 1};

using Changes = std::span<const TopicChange* const>;

// One statement a size: `head`, `row` as often as the size says, `tail`.
struct Statements {
  Statements(const std::string& head, const std::string& row, const std::string& tail) {
    const std::string separator = head.starts_with("INSERT") ? ", " : " OR ";
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      by_size[i] = head;
      for (std::size_t j = 0; j < kSizes[i]; ++j) by_size[i] += (j > 0 ? separator : "") + row;
      by_size[i] += tail;
    }
  }
  std::array<std::string, kSizes.size()> by_size;
};

const Statements& carry_statements() {
  static const Statements statements(
      "INSERT INTO topic_carriers (app, tag, registration, since_number, until_number) VALUES ",
      "(?, ?, ?, ?, ?)",
      " ON DUPLICATE KEY UPDATE since_number = VALUES(since_number),"
      " until_number = VALUES(until_number)");
  return statements;
}

const Statements& give_up_statements() {
  static const Statements statements("DELETE FROM topic_carriers WHERE ",
                                     "(app = ? AND tag = ? AND registration = ?)", "");
  return statements;
}

void bind_change(Query& query, const TopicChange& change) {
  query.bind(change.app.value()).bind(change.tag.value()).bind(change.registration.value());
  if (change.carried) query.bind(change.since).bind(change.until);
}

Status write_changes(Connection& connection, const Statements& statements, Changes changes) {
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    while (changes.size() >= kSizes[i]) {
      auto query = connection.query(statements.by_size[i].c_str());
      for (const TopicChange* change : changes.first(kSizes[i])) bind_change(query, *change);
      TRY(query.run());
      changes = changes.subspan(kSizes[i]);
    }
  }
  return {};
}

Result<bool> raise_position(Connection& connection, PartitionId partition, Position position) {
  auto query = connection.query(
      "UPDATE topics_applied SET position = ? WHERE partition_id = ? AND position < ?");
  TRY(query.bind(position).bind(std::uint64_t{partition}).bind(position).run());
  return query.changes() > 0;
}

// false: it was applied already. Holds the partition's row from here to the end of the transaction.
Result<bool> claim_position(Connection& connection, PartitionId partition, Position position) {
  auto raised = raise_position(connection, partition, position);
  if (!raised || *raised) return raised;
  auto query = connection.query(
      "INSERT INTO topics_applied (partition_id, position) VALUES (?, 0)"
      " ON DUPLICATE KEY UPDATE position = position");
  TRY(query.bind(std::uint64_t{partition}).run());
  return raise_position(connection, partition, position);
}

}  // namespace

Result<Position> topics_applied(Connection& connection, PartitionId partition) {
  auto query = connection.query("SELECT position FROM topics_applied WHERE partition_id = ?");
  query.bind(std::uint64_t{partition});
  const Position position = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return position;
}

Status apply_topic_changes(Connection& connection, const TopicChanges& batch) {
  const auto claimed = claim_position(connection, batch.partition, batch.position);
  if (!claimed) return claimed.error();
  if (!*claimed) return {};
  // The last change of a row is all that is left of it. In the order of keys: two that write the
  // same rows wait for each other instead of locking each other out.
  using Key = std::tuple<middle::AppId, middle::Tag, middle::RegId>;
  std::map<Key, const TopicChange*> last;
  for (const TopicChange& change : batch.changes) {
    last[{change.app, change.tag, change.registration}] = &change;
  }
  std::vector<const TopicChange*> carried;
  std::vector<const TopicChange*> given_up;
  for (const auto& [key, change] : last) {
    (change->carried ? carried : given_up).push_back(change);
  }
  TRY(write_changes(connection, carry_statements(), carried));
  return write_changes(connection, give_up_statements(), given_up);
}

Result<std::vector<TopicCarrier>> topic_carriers(Connection& connection,
                                                 const CarrierQuery& request) {
  auto query = connection.query(
      "SELECT registration, since_number, until_number FROM topic_carriers"
      " WHERE app = ? AND tag = ? AND registration > ? ORDER BY registration LIMIT ?");
  query.bind(request.app.value()).bind(request.tag.value()).bind(request.after.value());
  query.bind(std::uint64_t{request.limit});
  std::vector<TopicCarrier> carriers;
  while (query.next()) {
    carriers.push_back({middle::RegId(query.bytes(0)), query.number(1), query.optional_number(2)});
  }
  TRY(query.status());
  return carriers;
}

Result<std::uint64_t> count_topic_carriers(Connection& connection, const middle::AppId& app,
                                           const middle::Tag& tag, middle::FeedNumber number) {
  auto query = connection.query(
      "SELECT COUNT(*) FROM topic_carriers WHERE app = ? AND tag = ? AND since_number <= ?"
      " AND (until_number IS NULL OR until_number > ?)");
  query.bind(app.value()).bind(tag.value()).bind(number).bind(number);
  const std::uint64_t count = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return count;
}

Result<std::uint64_t> add_to_counter(Connection& connection, const CounterAdd& add) {
  auto change = connection.query(
      "INSERT INTO counters (app, day, name, total) VALUES (?, ?, ?, ?)"
      " ON DUPLICATE KEY UPDATE total = total + VALUES(total)");
  TRY(change.bind(add.app.value()).bind(add.day).bind(add.name).bind(add.amount).run());
  // Our own transaction holds the row.
  auto query =
      connection.query("SELECT total FROM counters WHERE app = ? AND day = ? AND name = ?");
  query.bind(add.app.value()).bind(add.day).bind(add.name);
  const std::uint64_t total = query.next() ? query.number(0) : 0;
  TRY(query.status());
  return total;
}

}  // namespace longwire::storage::mysql

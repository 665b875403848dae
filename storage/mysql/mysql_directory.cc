#include "storage/mysql/mysql_directory.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "storage/mysql/move.h"
#include "storage/mysql/people.h"
#include "storage/mysql/placement.h"
#include "storage/mysql/schema.h"
#include "storage/mysql/shard.h"
#include "storage/mysql/shard_table.h"
#include "storage/mysql/topics.h"

namespace longwire::storage::mysql {
namespace {

using middle::App;
using middle::AppId;
using middle::CounterRow;
using middle::DirectoryRows;
using middle::FeedNumber;
using middle::PartitionId;
using middle::Position;
using middle::RegId;
using middle::RosterItem;
using middle::Tag;
using middle::TopicCarrier;
using middle::TopicChange;
using middle::TopicRow;
using middle::User;
using middle::XmppAccount;

class MySqlDirectory final : public middle::Directory {
 public:
  MySqlDirectory(ShardTable table, Surroundings around) : table_(std::move(table)) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      shards_.push_back(std::make_unique<Shard>(table_.options(i), around));
    }
  }

  // A call goes from the last of its shards to main: in that order they end.
  ~MySqlDirectory() override {
    while (!shards_.empty()) shards_.pop_back();
  }
  MySqlDirectory(const MySqlDirectory&) = delete;
  MySqlDirectory& operator=(const MySqlDirectory&) = delete;

  // Where an app lies, a shard without tables is lost, not new.
  Status open() {
    TRY(main().open(table_.options(0).create));
    auto at_main = connect(main());
    if (!at_main) return at_main.error();
    TRY(claim_name(**at_main, table_.name(0)));
    TRY(check_placement(**at_main, table_));
    for (std::size_t i = 1; i < table_.size(); ++i) {
      const auto used = holds_apps(**at_main, table_.name(i));
      if (!used) return used.error();
      TRY(shards_[i]->open(!*used));
      auto there = connect(*shards_[i]);
      if (!there) return there.error();
      TRY(claim_name(**there, table_.name(i)));
    }
    return {};
  }

  void list_apps(Callback<std::vector<App>> done) override {
    main().read(std::move(done), [](auto& c) { return mysql::list_apps(c); });
  }

  void put_app(App app, Callback<void> done) override {
    const std::string key = app.id.value();
    const std::string shard = table_.name(table_.shard_of(app.id));
    main().write(key, std::move(done), [app = std::move(app), shard](auto& c) -> Status {
      TRY(place_app(c, app.id, shard));
      return mysql::put_app(c, app);
    });
  }

  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    main().read(std::move(done),
                [account = std::move(account)](auto& c) { return mysql::get_user(c, account); });
  }

  void create_user(User user, Callback<bool> done) override {
    const std::string key = user.account.value();
    main().write(key, std::move(done),
                 [user = std::move(user)](auto& c) { return mysql::create_user(c, user); });
  }

  void replace_user(User user, Callback<bool> done) override {
    const std::string key = user.account.value();
    main().write(key, std::move(done),
                 [user = std::move(user)](auto& c) { return mysql::replace_user(c, user); });
  }

  void remove_user(XmppAccount account, Callback<bool> done) override {
    const std::string key = account.value();
    main().write(key, std::move(done), [account = std::move(account)](auto& c) {
      return mysql::remove_user(c, account);
    });
  }

  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    main().read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_users(c, after, limit);
    });
  }

  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    main().read(std::move(done),
                [owner = std::move(owner)](auto& c) { return mysql::get_roster(c, owner); });
  }

  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    main().read(std::move(done), [owner = std::move(owner), contact = std::move(contact)](auto& c) {
      return mysql::get_roster_item(c, owner, contact);
    });
  }

  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    const std::string key = item.owner.value();
    main().write(key, std::move(done),
                 [item = std::move(item)](auto& c) { return mysql::put_roster_item(c, item); });
  }

  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    const std::string key = owner.value();
    main().write(key, std::move(done),
                 [owner = std::move(owner), contact = std::move(contact)](auto& c) {
                   return mysql::remove_roster_item(c, owner, contact);
                 });
  }

  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    std::map<std::size_t, std::vector<TopicChange>> by_shard;
    std::vector<TopicChange>& of_main = by_shard[0];
    if (shards_.size() == 1) {
      of_main = std::move(changes);
    } else {
      for (TopicChange& change : changes) {
        by_shard[table_.shard_of(change.app)].push_back(std::move(change));
      }
    }
    write_last_shard_first<std::vector<TopicChange>>(
        std::to_string(partition), std::move(by_shard), std::move(done),
        [partition, position](auto& c, const std::vector<TopicChange>& part) {
          return mysql::apply_topic_changes(c, {partition, position, part});
        });
  }

  void topics_applied(PartitionId partition, Callback<Position> done) override {
    main().read(std::move(done),
                [partition](auto& c) { return mysql::topics_applied(c, partition); });
  }

  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    Shard& shard = shard_of(app);
    CarrierQuery request{std::move(app), std::move(tag), std::move(after), limit};
    shard.read(std::move(done), [request = std::move(request)](auto& c) {
      return mysql::topic_carriers(c, request);
    });
  }

  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    Shard& shard = shard_of(app);
    shard.read(std::move(done), [app = std::move(app), tag = std::move(tag), number](auto& c) {
      return mysql::count_topic_carriers(c, app, tag, number);
    });
  }

  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    CounterAdd add{std::move(app), std::move(day), std::move(name), amount};
    const std::string key = add.app.value() + add.day + add.name;
    Shard& shard = shard_of(add.app);
    shard.write(key, std::move(done),
                [add = std::move(add)](auto& c) { return mysql::add_to_counter(c, add); });
  }

  void list_roster(RosterItem after, std::size_t limit,
                   Callback<std::vector<RosterItem>> done) override {
    main().read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_roster(c, after, limit);
    });
  }

  void list_topics(TopicRow after, std::size_t limit,
                   Callback<std::vector<TopicRow>> done) override {
    list_all<TopicRow>({}, 0, limit, std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_topics(c, after, limit);
    });
  }

  void list_counters(CounterRow after, std::size_t limit,
                     Callback<std::vector<CounterRow>> done) override {
    list_all<CounterRow>({}, 0, limit, std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_counters(c, after, limit);
    });
  }

  void roster_version(Callback<std::uint64_t> done) override {
    main().read(std::move(done), [](auto& c) { return mysql::roster_version(c); });
  }

  void load(DirectoryRows rows, Callback<void> done) override {
    std::map<std::size_t, DirectoryRows> by_shard;
    for (TopicRow& row : std::exchange(rows.topics, {}))
      by_shard[table_.shard_of(row.app)].topics.push_back(std::move(row));
    for (CounterRow& row : std::exchange(rows.counters, {}))
      by_shard[table_.shard_of(row.app)].counters.push_back(std::move(row));
    DirectoryRows& of_main = by_shard[0];
    rows.topics = std::move(of_main.topics);
    rows.counters = std::move(of_main.counters);
    of_main = std::move(rows);
    write_last_shard_first<DirectoryRows>(
        "load", std::move(by_shard), std::move(done),
        [this](auto& c, const DirectoryRows& part) -> Status {
          for (const App& app : part.apps)
            TRY(place_app(c, app.id, table_.name(table_.shard_of(app.id))));
          return mysql::load_rows(c, part);
        });
  }

 private:
  Shard& main() { return *shards_[0]; }
  Shard& shard_of(const AppId& app) { return *shards_[table_.shard_of(app)]; }

  static Result<std::unique_ptr<Connection>> connect(const Shard& shard) {
    const auto options = shard.where();
    if (!options) return options.error();
    return Connection::open(*options, Connection::Mode::kReads);
  }

  // Main, which tells what was applied, comes when all others have it. `work` is
  // Status(Connection&, const Part&).
  template <typename Part, typename Work>
  void write_last_shard_first(std::string key, std::map<std::size_t, Part> by_shard,
                              Callback<void> done, Work work) {
    auto part = by_shard.extract(std::prev(by_shard.end()));
    auto then = [this, key, work, rest = std::move(by_shard),
                 done = std::move(done)](Status status) mutable {
      if (!status.ok() || rest.empty()) return done(std::move(status));
      write_last_shard_first<Part>(std::move(key), std::move(rest), std::move(done), work);
    };
    shards_[part.key()]->template write<void>(
        key, std::move(then),
        [part = std::move(part.mapped()), work](auto& c) { return work(c, part); });
  }

  // One page of each shard, and of them all the first.
  template <typename Row, typename Work>
  void list_all(std::vector<Row> found, std::size_t shard, std::size_t limit,
                Callback<std::vector<Row>> done, Work work) {
    auto then = [this, shard, limit, work, found = std::move(found),
                 done = std::move(done)](Result<std::vector<Row>> page) mutable {
      if (!page) return done(std::move(page));
      std::move(page->begin(), page->end(), std::back_inserter(found));
      if (shard + 1 < shards_.size())
        return list_all<Row>(std::move(found), shard + 1, limit, std::move(done), work);
      std::sort(found.begin(), found.end(),
                [](const Row& a, const Row& b) { return key(a) < key(b); });
      found.resize(std::min(limit, found.size()));
      done(std::move(found));
    };
    shards_[shard]->template read<std::vector<Row>>(std::move(then), std::move(work));
  }

  static auto key(const TopicRow& row) {
    return std::tie(row.app.value(), row.tag.value(), row.carrier.registration.value());
  }
  static auto key(const CounterRow& row) { return std::tie(row.app.value(), row.day, row.name); }

  const ShardTable table_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace

Result<std::unique_ptr<middle::Directory>> open_directory(const Options& options,
                                                          Surroundings around) {
  auto table = ShardTable::parse(options);
  if (!table) return table.error();
  auto made = std::make_unique<MySqlDirectory>(std::move(*table), around);
  TRY(made->open());
  return std::unique_ptr<middle::Directory>(std::move(made));
}

Result<std::vector<std::string>> planned_steps(const Options& options) {
  const auto table = ShardTable::parse(options);
  if (!table) return table.error();
  std::vector<std::string> steps;
  for (std::size_t shard = 0; shard < table->size(); ++shard) {
    const auto state = check_schema(table->options(shard));
    if (!state) return state.error();
    const std::string where = shard == 0 ? "" : "shard " + table->name(shard) + ": ";
    for (const std::string& step : state->steps) steps.push_back(where + step);
  }
  return steps;
}

}  // namespace longwire::storage::mysql

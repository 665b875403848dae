#include <algorithm>
#include <utility>

#include "storage/memory/memory_storage.h"
#include "storage/memory/memory_store.h"

namespace longwire::storage {
namespace {

using middle::App;
using middle::AppId;
using middle::CounterRow;
using middle::Directory;
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

class MemoryDirectory final : public Directory {
 public:
  MemoryDirectory(Executor& executor, std::shared_ptr<MemoryStorage> storage)
      : executor_(executor), storage_(std::move(storage)) {}

  void list_apps(Callback<std::vector<App>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<App> apps;
    for (const auto& [id, app] : tables->apps) apps.push_back(app);
    answer<std::vector<App>>(std::move(done), std::move(apps));
  }

  void put_app(App app, Callback<void> done) override {
    storage_->tables.lock()->apps.insert_or_assign(app.id, app);
    answer(std::move(done));
  }

  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    auto tables = storage_->tables.lock();
    const auto it = tables->users.find(account);
    answer<std::optional<User>>(std::move(done), it == tables->users.end()
                                                     ? std::nullopt
                                                     : std::optional<User>(it->second));
  }

  void create_user(User user, Callback<bool> done) override {
    const bool created = storage_->tables.lock()->users.emplace(user.account, user).second;
    answer<bool>(std::move(done), created);
  }

  void replace_user(User user, Callback<bool> done) override {
    auto tables = storage_->tables.lock();
    const auto it = tables->users.find(user.account);
    const bool found = it != tables->users.end();
    if (found) it->second = std::move(user);
    answer<bool>(std::move(done), found);
  }

  void remove_user(XmppAccount account, Callback<bool> done) override {
    auto tables = storage_->tables.lock();
    std::erase_if(tables->roster, [&](const auto& item) { return item.first.first == account; });
    answer<bool>(std::move(done), tables->users.erase(account) > 0);
  }

  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<User> users;
    for (auto it = tables->users.upper_bound(after);
         it != tables->users.end() && users.size() < limit; ++it) {
      users.push_back(it->second);
    }
    answer<std::vector<User>>(std::move(done), std::move(users));
  }

  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<RosterItem> items;
    for (auto it = tables->roster.lower_bound({owner, ""});
         it != tables->roster.end() && it->first.first == owner; ++it) {
      items.push_back(it->second);
    }
    answer<std::vector<RosterItem>>(std::move(done), std::move(items));
  }

  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    auto tables = storage_->tables.lock();
    const auto it = tables->roster.find({owner, contact});
    answer<std::optional<RosterItem>>(std::move(done), it == tables->roster.end()
                                                           ? std::nullopt
                                                           : std::optional<RosterItem>(it->second));
  }

  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    auto tables = storage_->tables.lock();
    const std::pair key(item.owner, item.contact);
    const auto it = tables->roster.find(key);
    const std::uint64_t stored = it == tables->roster.end() ? 0 : it->second.version;
    std::optional<std::uint64_t> version;
    if (stored == item.version) {
      version = item.version = ++tables->roster_version;
      tables->roster.insert_or_assign(key, std::move(item));
    }
    answer<std::optional<std::uint64_t>>(std::move(done), version);
  }

  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    const bool removed = storage_->tables.lock()->roster.erase({owner, contact}) > 0;
    answer<bool>(std::move(done), removed);
  }

  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    apply(storage_->tables.lock()->topics, partition, position, changes);
    answer(std::move(done));
  }

  void topics_applied(PartitionId partition, Callback<Position> done) override {
    auto tables = storage_->tables.lock();
    const auto it = tables->topics.applied.find(partition);
    answer<Position>(std::move(done), it == tables->topics.applied.end() ? 0 : it->second);
  }

  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<TopicCarrier> carriers;
    auto& all = tables->topics.carriers[{app, tag}];
    for (auto it = all.upper_bound(after); it != all.end() && carriers.size() < limit; ++it) {
      carriers.push_back({it->first, it->second.since, it->second.until});
    }
    answer<std::vector<TopicCarrier>>(std::move(done), std::move(carriers));
  }

  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    auto tables = storage_->tables.lock();
    const auto& all = tables->topics.carriers[{app, tag}];
    const auto count = std::count_if(all.begin(), all.end(), [&](const auto& one) {
      return TopicCarrier{one.first, one.second.since, one.second.until}.carries(number);
    });
    answer<std::uint64_t>(std::move(done), static_cast<std::uint64_t>(count));
  }

  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    auto tables = storage_->tables.lock();
    std::uint64_t& total = tables->counters[{std::move(app), std::move(day), std::move(name)}];
    answer<std::uint64_t>(std::move(done), total += amount);
  }

  void list_roster(RosterItem after, std::size_t limit,
                   Callback<std::vector<RosterItem>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<RosterItem> items;
    for (auto it = tables->roster.upper_bound({after.owner, after.contact});
         it != tables->roster.end() && items.size() < limit; ++it) {
      items.push_back(it->second);
    }
    answer<std::vector<RosterItem>>(std::move(done), std::move(items));
  }

  void list_topics(TopicRow after, std::size_t limit,
                   Callback<std::vector<TopicRow>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<TopicRow> rows;
    const std::pair key(after.app, after.tag);
    for (auto topic = tables->topics.carriers.lower_bound(key);
         topic != tables->topics.carriers.end(); ++topic) {
      const auto& all = topic->second;
      auto it = topic->first == key ? all.upper_bound(after.carrier.registration) : all.begin();
      for (; it != all.end() && rows.size() < limit; ++it) {
        rows.push_back({topic->first.first,
                        topic->first.second,
                        {it->first, it->second.since, it->second.until}});
      }
    }
    answer<std::vector<TopicRow>>(std::move(done), std::move(rows));
  }

  void list_counters(CounterRow after, std::size_t limit,
                     Callback<std::vector<CounterRow>> done) override {
    auto tables = storage_->tables.lock();
    std::vector<CounterRow> rows;
    for (auto it = tables->counters.upper_bound({after.app, after.day, after.name});
         it != tables->counters.end() && rows.size() < limit; ++it) {
      const auto& [app, day, name] = it->first;
      rows.push_back({app, day, name, it->second});
    }
    answer<std::vector<CounterRow>>(std::move(done), std::move(rows));
  }

  void roster_version(Callback<std::uint64_t> done) override {
    answer<std::uint64_t>(std::move(done), storage_->tables.lock()->roster_version);
  }

  void load(DirectoryRows rows, Callback<void> done) override {
    store_as_they_are(*storage_->tables.lock(), std::move(rows));
    answer(std::move(done));
  }

 private:
  static void apply(MemoryTopics& topics, PartitionId partition, Position position,
                    const std::vector<TopicChange>& changes) {
    Position& applied = topics.applied[partition];
    if (position <= applied) return;
    applied = position;
    for (const TopicChange& change : changes) {
      auto& carriers = topics.carriers[{change.app, change.tag}];
      if (change.carried) {
        carriers.insert_or_assign(change.registration,
                                  MemoryTopics::Interval{change.since, change.until});
      } else {
        carriers.erase(change.registration);
      }
    }
  }

  static void store_as_they_are(MemoryTables& tables, DirectoryRows rows) {
    tables.roster_version = std::max(tables.roster_version, rows.roster_version);
    for (App& app : rows.apps) tables.apps.insert_or_assign(app.id, app);
    for (User& user : rows.users) tables.users.insert_or_assign(user.account, user);
    for (RosterItem& item : rows.roster) {
      tables.roster_version = std::max(tables.roster_version, item.version);
      tables.roster.insert_or_assign({item.owner, item.contact}, item);
    }
    for (TopicRow& row : rows.topics) {
      tables.topics.carriers[{row.app, row.tag}].insert_or_assign(
          row.carrier.registration, MemoryTopics::Interval{row.carrier.since, row.carrier.until});
    }
    for (CounterRow& row : rows.counters) tables.counters[{row.app, row.day, row.name}] = row.total;
  }

  template <typename T>
  void answer(Callback<T> done, Result<T> result) {
    executor_.post([done = std::move(done), result = std::move(result)]() mutable {
      done(std::move(result));
    });
  }
  void answer(Callback<void> done) { answer<void>(std::move(done), Status()); }

  Executor& executor_;
  std::shared_ptr<MemoryStorage> storage_;
};

}  // namespace

std::unique_ptr<middle::Directory> make_memory_directory(Executor& executor,
                                                         std::shared_ptr<MemoryStorage> storage) {
  return std::make_unique<MemoryDirectory>(executor, std::move(storage));
}

std::unique_ptr<middle::Directory> make_memory_directory(Executor& executor) {
  return make_memory_directory(executor, make_memory_storage({}));
}

}  // namespace longwire::storage

#include "storage/mysql/mysql_directory.h"

#include <utility>

#include "base/hash.h"
#include "storage/mysql/line.h"
#include "storage/mysql/move.h"
#include "storage/mysql/people.h"
#include "storage/mysql/schema.h"
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
  MySqlDirectory(Options options, const Clock& clock, Random& random, LogSink& log)
      : options_(std::move(options)), health_(log, options_.address) {
    const SessionParts parts{options_, clock, random, health_, stop_};
    for (std::int64_t i = 0; i < options_.write_connections; ++i) {
      writers_.push_back(std::make_unique<Line>(
          parts, Connection::Mode::kWrites,
          Line::Size{.threads = 1, .queued_max = options_.writes_queued_max}));
    }
    readers_ = std::make_unique<Line>(
        parts, Connection::Mode::kReads,
        Line::Size{.threads = options_.read_connections, .queued_max = options_.reads_queued_max});
  }
  ~MySqlDirectory() override { stop_.stop(); }

  void list_apps(Callback<std::vector<App>> done) override {
    read(std::move(done), [](auto& c) { return mysql::list_apps(c); });
  }

  void put_app(App app, Callback<void> done) override {
    Line& line = line_of(app.id.value());
    write(line, std::move(done),
          [app = std::move(app)](auto& c) { return mysql::put_app(c, app); });
  }

  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    read(std::move(done),
         [account = std::move(account)](auto& c) { return mysql::get_user(c, account); });
  }

  void create_user(User user, Callback<bool> done) override {
    Line& line = line_of(user.account.value());
    write(line, std::move(done),
          [user = std::move(user)](auto& c) { return mysql::create_user(c, user); });
  }

  void replace_user(User user, Callback<bool> done) override {
    Line& line = line_of(user.account.value());
    write(line, std::move(done),
          [user = std::move(user)](auto& c) { return mysql::replace_user(c, user); });
  }

  void remove_user(XmppAccount account, Callback<bool> done) override {
    Line& line = line_of(account.value());
    write(line, std::move(done),
          [account = std::move(account)](auto& c) { return mysql::remove_user(c, account); });
  }

  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    read(std::move(done),
         [after = std::move(after), limit](auto& c) { return mysql::list_users(c, after, limit); });
  }

  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    read(std::move(done),
         [owner = std::move(owner)](auto& c) { return mysql::get_roster(c, owner); });
  }

  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    read(std::move(done), [owner = std::move(owner), contact = std::move(contact)](auto& c) {
      return mysql::get_roster_item(c, owner, contact);
    });
  }

  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    Line& line = line_of(item.owner.value());
    write(line, std::move(done),
          [item = std::move(item)](auto& c) { return mysql::put_roster_item(c, item); });
  }

  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    Line& line = line_of(owner.value());
    write(line, std::move(done), [owner = std::move(owner), contact = std::move(contact)](auto& c) {
      return mysql::remove_roster_item(c, owner, contact);
    });
  }

  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    TopicChanges batch{partition, position, std::move(changes)};
    write(line_of(std::to_string(partition)), std::move(done),
          [batch = std::move(batch)](auto& c) { return mysql::apply_topic_changes(c, batch); });
  }

  void topics_applied(PartitionId partition, Callback<Position> done) override {
    read(std::move(done), [partition](auto& c) { return mysql::topics_applied(c, partition); });
  }

  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    CarrierQuery request{std::move(app), std::move(tag), std::move(after), limit};
    read(std::move(done),
         [request = std::move(request)](auto& c) { return mysql::topic_carriers(c, request); });
  }

  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    read(std::move(done), [app = std::move(app), tag = std::move(tag), number](auto& c) {
      return mysql::count_topic_carriers(c, app, tag, number);
    });
  }

  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    CounterAdd add{std::move(app), std::move(day), std::move(name), amount};
    Line& line = line_of(add.app.value() + add.day + add.name);
    write(line, std::move(done),
          [add = std::move(add)](auto& c) { return mysql::add_to_counter(c, add); });
  }

  void list_roster(RosterItem after, std::size_t limit,
                   Callback<std::vector<RosterItem>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_roster(c, after, limit);
    });
  }

  void list_topics(TopicRow after, std::size_t limit,
                   Callback<std::vector<TopicRow>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_topics(c, after, limit);
    });
  }

  void list_counters(CounterRow after, std::size_t limit,
                     Callback<std::vector<CounterRow>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_counters(c, after, limit);
    });
  }

  void roster_version(Callback<std::uint64_t> done) override {
    read(std::move(done), [](auto& c) { return mysql::roster_version(c); });
  }

  void load(DirectoryRows rows, Callback<void> done) override {
    write(*writers_.front(), std::move(done),
          [rows = std::move(rows)](auto& c) { return mysql::load_rows(c, rows); });
  }

 private:
  // `work` is Result<T>(Connection&), and may run several times.
  template <typename T, typename Work>
  void read(Callback<T> done, Work work) {
    readers_->submit(
        [done = std::move(done), work = std::move(work)](Result<Session*> session) mutable {
          if (!session) return done(std::move(session).error());
          done((*session)->template read<T>(std::move(work)));
        });
  }

  // Writes with the same key go through the same connection, one after the other. To be asked for
  // before the key is moved into the work.
  Line& line_of(const std::string& key) { return *writers_[hash64(key) % writers_.size()]; }

  template <typename T, typename Work>
  void write(Line& line, Callback<T> done, Work work) {
    line.submit([done = std::move(done), work = std::move(work)](Result<Session*> session) mutable {
      if (!session) return done(std::move(session).error());
      done((*session)->template write<T>(std::move(work)));
    });
  }

  const Options options_;
  Health health_;
  StopSignal stop_;
  std::vector<std::unique_ptr<Line>> writers_;
  std::unique_ptr<Line> readers_;
};

Status must_be_made(const Options& options) {
  const auto state = check_schema(options);
  if (!state) return state.error();
  if (state->version > 0) return {};
  return Error{ErrorCode::kCorrupt, "the MySQL database " + options.database +
                                        " has no tables: apps, users and rosters of this storage "
                                        "are lost; restore from a backup"};
}

}  // namespace

Result<std::unique_ptr<middle::Directory>> open_directory(Options options, const Clock& clock,
                                                          Random& random, LogSink& log) {
  if (!options.create) TRY(must_be_made(options));
  const auto prepared = prepare_schema(options);
  if (!prepared) return prepared.error();
  const Logger logger(log, "mysql");
  for (const std::string& step : prepared->steps) logger.info("schema_changed", {{"step", step}});
  if (const Status status = forget_old_writers(options); !status.ok()) {
    logger.warn("old_writers_stay", {{"error", status.error().message}});
  }
  std::unique_ptr<middle::Directory> made =
      std::make_unique<MySqlDirectory>(std::move(options), clock, random, log);
  return made;
}

}  // namespace longwire::storage::mysql

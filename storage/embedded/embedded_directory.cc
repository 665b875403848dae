#include "storage/embedded/embedded_directory.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/embedded/directory_move.h"
#include "storage/embedded/directory_people.h"
#include "storage/embedded/directory_schema.h"
#include "storage/embedded/directory_topics.h"
#include "storage/embedded/directory_writer.h"
#include "storage/embedded/sqlite.h"
#include "storage/embedded/worker_pool.h"

namespace longwire::storage {
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

class OpenSnapshot final : public DirectorySnapshot {
 public:
  explicit OpenSnapshot(std::unique_ptr<SqliteConnection> connection)
      : connection_(std::move(connection)) {}
  Status copy_to(const std::string& path) override { return connection_->copy_to(path); }

 private:
  std::unique_ptr<SqliteConnection> connection_;  // in a read transaction since it was made
};

// One row of "ok", or one for each thing wrong.
Status check_pages(SqliteConnection& connection, const std::string& path) {
  auto query = connection.query("PRAGMA integrity_check(1)");
  const Bytes found = query.next() ? query.bytes(0) : Bytes();
  TRY(query.status());
  return found == "ok" ? Status() : Status(Error{ErrorCode::kCorrupt, path + ": " + found});
}

class EmbeddedDirectoryImpl final : public EmbeddedDirectory {
 public:
  EmbeddedDirectoryImpl(const EmbeddedDirectoryOptions& options,
                        std::unique_ptr<SqliteConnection> writing,
                        std::unique_ptr<SqliteConnection> reading)
      : path_(options.path),
        writing_(std::move(writing)),
        reading_(std::move(reading)),
        writer_(*writing_, options.writes_queued_max, options.group_max),
        reader_(1, options.reads_queued_max) {}

  Result<std::unique_ptr<DirectorySnapshot>> snapshot() override {
    auto connection = SqliteConnection::open(path_, SqliteConnection::Mode::kReadOnly);
    if (!connection) return std::move(connection).error();
    // A read transaction begins with the first read, not with BEGIN.
    TRY((*connection)->execute("BEGIN; SELECT COUNT(*) FROM sqlite_master;"));
    std::unique_ptr<DirectorySnapshot> made =
        std::make_unique<OpenSnapshot>(std::move(*connection));
    return made;
  }

  Status check() override {
    auto connection = SqliteConnection::open(path_, SqliteConnection::Mode::kReadOnly);
    if (!connection) return std::move(connection).error();
    return check_pages(**connection, path_);
  }

  void list_apps(Callback<std::vector<App>> done) override {
    read(std::move(done), [](auto& connection) { return storage::list_apps(connection); });
  }

  void put_app(App app, Callback<void> done) override {
    writer_.submit<void>([app = std::move(app)](auto& c) { return storage::put_app(c, app); },
                         std::move(done));
  }

  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    read(std::move(done),
         [account = std::move(account)](auto& c) { return storage::get_user(c, account); });
  }

  void create_user(User user, Callback<bool> done) override {
    writer_.submit<bool>(
        [user = std::move(user)](auto& c) { return storage::create_user(c, user); },
        std::move(done));
  }

  void replace_user(User user, Callback<bool> done) override {
    writer_.submit<bool>(
        [user = std::move(user)](auto& c) { return storage::replace_user(c, user); },
        std::move(done));
  }

  void remove_user(XmppAccount account, Callback<bool> done) override {
    writer_.submit<bool>(
        [account = std::move(account)](auto& c) { return storage::remove_user(c, account); },
        std::move(done));
  }

  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return storage::list_users(c, after, limit);
    });
  }

  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    read(std::move(done),
         [owner = std::move(owner)](auto& c) { return storage::get_roster(c, owner); });
  }

  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    read(std::move(done), [owner = std::move(owner), contact = std::move(contact)](auto& c) {
      return storage::get_roster_item(c, owner, contact);
    });
  }

  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    writer_.submit<std::optional<std::uint64_t>>(
        [item = std::move(item)](auto& c) { return storage::put_roster_item(c, item); },
        std::move(done));
  }

  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    writer_.submit<bool>([owner = std::move(owner), contact = std::move(contact)](
                             auto& c) { return storage::remove_roster_item(c, owner, contact); },
                         std::move(done));
  }

  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    writer_.submit<void>(
        [partition, position, changes = std::move(changes)](auto& c) {
          return storage::apply_topic_changes(c, partition, position, changes);
        },
        std::move(done));
  }

  void topics_applied(PartitionId partition, Callback<Position> done) override {
    read(std::move(done), [partition](auto& c) { return storage::topics_applied(c, partition); });
  }

  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    CarrierQuery request{std::move(app), std::move(tag), std::move(after), limit};
    read(std::move(done),
         [request = std::move(request)](auto& c) { return storage::topic_carriers(c, request); });
  }

  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    read(std::move(done), [app = std::move(app), tag = std::move(tag), number](auto& c) {
      return storage::count_topic_carriers(c, app, tag, number);
    });
  }

  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    CounterAdd add{std::move(app), std::move(day), std::move(name), amount};
    writer_.submit<std::uint64_t>(
        [add = std::move(add)](auto& c) { return storage::add_to_counter(c, add); },
        std::move(done));
  }

  void list_roster(RosterItem after, std::size_t limit,
                   Callback<std::vector<RosterItem>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return storage::list_roster(c, after, limit);
    });
  }

  void list_topics(TopicRow after, std::size_t limit,
                   Callback<std::vector<TopicRow>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return storage::list_topics(c, after, limit);
    });
  }

  void list_counters(CounterRow after, std::size_t limit,
                     Callback<std::vector<CounterRow>> done) override {
    read(std::move(done), [after = std::move(after), limit](auto& c) {
      return storage::list_counters(c, after, limit);
    });
  }

  void roster_version(Callback<std::uint64_t> done) override {
    read(std::move(done), [](auto& c) { return storage::roster_version(c); });
  }

  void load(DirectoryRows rows, Callback<void> done) override {
    writer_.submit<void>([rows = std::move(rows)](auto& c) { return storage::load_rows(c, rows); },
                         std::move(done));
  }

 private:
  template <typename T, typename Work>
  void read(Callback<T> done, Work work) {
    reader_.submit([this, done = std::move(done), work = std::move(work)](bool admitted) mutable {
      if (!admitted) {
        return done(Error{ErrorCode::kUnavailable, "too many reads wait", kRetryAfter});
      }
      done(work(*reading_));
    });
  }

  static constexpr std::chrono::milliseconds kRetryAfter{500};

  const std::string path_;
  const std::unique_ptr<SqliteConnection> writing_;
  const std::unique_ptr<SqliteConnection> reading_;
  DirectoryWriter writer_;
  WorkerPool reader_;  // one thread: it owns the reading connection
};

// Before SQLite sees it: it makes a missing file, and drops the write-ahead log of an empty one.
Status must_have_content(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return lost_directory(path + ": " + error.message());
  return size > 0 ? Status() : lost_directory(path + " is empty");
}

}  // namespace

Result<std::unique_ptr<EmbeddedDirectory>> open_embedded_directory(
    const EmbeddedDirectoryOptions& options) {
  if (!options.create) TRY(must_have_content(options.path));
  auto writing = SqliteConnection::open(options.path, SqliteConnection::Mode::kReadWrite);
  if (!writing) return std::move(writing).error();
  TRY(prepare_directory_schema(**writing, options.sync, options.create));
  auto reading = SqliteConnection::open(options.path, SqliteConnection::Mode::kReadOnly);
  if (!reading) return std::move(reading).error();
  std::unique_ptr<EmbeddedDirectory> made =
      std::make_unique<EmbeddedDirectoryImpl>(options, std::move(*writing), std::move(*reading));
  return made;
}

}  // namespace longwire::storage

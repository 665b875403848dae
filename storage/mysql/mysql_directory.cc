#include "storage/mysql/mysql_directory.h"

#include <utility>

#include "storage/mysql/people.h"
#include "storage/mysql/shard.h"
#include "storage/mysql/topics.h"

namespace longwire::storage::mysql {
namespace {

using middle::App;
using middle::AppId;
using middle::FeedNumber;
using middle::PartitionId;
using middle::Position;
using middle::RegId;
using middle::RosterItem;
using middle::Tag;
using middle::TopicCarrier;
using middle::TopicChange;
using middle::User;
using middle::XmppAccount;

class MySqlDirectory final : public middle::Directory {
 public:
  MySqlDirectory(Options options, Surroundings around) : main_(std::move(options), around) {}

  Status open() { return main_.open(); }

  void list_apps(Callback<std::vector<App>> done) override {
    main_.read(std::move(done), [](auto& c) { return mysql::list_apps(c); });
  }

  void put_app(App app, Callback<void> done) override {
    const std::string key = app.id.value();
    main_.write(key, std::move(done),
                [app = std::move(app)](auto& c) { return mysql::put_app(c, app); });
  }

  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    main_.read(std::move(done),
               [account = std::move(account)](auto& c) { return mysql::get_user(c, account); });
  }

  void create_user(User user, Callback<bool> done) override {
    const std::string key = user.account.value();
    main_.write(key, std::move(done),
                [user = std::move(user)](auto& c) { return mysql::create_user(c, user); });
  }

  void replace_user(User user, Callback<bool> done) override {
    const std::string key = user.account.value();
    main_.write(key, std::move(done),
                [user = std::move(user)](auto& c) { return mysql::replace_user(c, user); });
  }

  void remove_user(XmppAccount account, Callback<bool> done) override {
    const std::string key = account.value();
    main_.write(key, std::move(done),
                [account = std::move(account)](auto& c) { return mysql::remove_user(c, account); });
  }

  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    main_.read(std::move(done), [after = std::move(after), limit](auto& c) {
      return mysql::list_users(c, after, limit);
    });
  }

  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    main_.read(std::move(done),
               [owner = std::move(owner)](auto& c) { return mysql::get_roster(c, owner); });
  }

  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    main_.read(std::move(done), [owner = std::move(owner), contact = std::move(contact)](auto& c) {
      return mysql::get_roster_item(c, owner, contact);
    });
  }

  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    const std::string key = item.owner.value();
    main_.write(key, std::move(done),
                [item = std::move(item)](auto& c) { return mysql::put_roster_item(c, item); });
  }

  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    const std::string key = owner.value();
    main_.write(key, std::move(done),
                [owner = std::move(owner), contact = std::move(contact)](auto& c) {
                  return mysql::remove_roster_item(c, owner, contact);
                });
  }

  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    TopicChanges batch{partition, position, std::move(changes)};
    main_.write(std::to_string(partition), std::move(done), [batch = std::move(batch)](auto& c) {
      return mysql::apply_topic_changes(c, batch);
    });
  }

  void topics_applied(PartitionId partition, Callback<Position> done) override {
    main_.read(std::move(done),
               [partition](auto& c) { return mysql::topics_applied(c, partition); });
  }

  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    CarrierQuery request{std::move(app), std::move(tag), std::move(after), limit};
    main_.read(std::move(done), [request = std::move(request)](auto& c) {
      return mysql::topic_carriers(c, request);
    });
  }

  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    main_.read(std::move(done), [app = std::move(app), tag = std::move(tag), number](auto& c) {
      return mysql::count_topic_carriers(c, app, tag, number);
    });
  }

  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    CounterAdd add{std::move(app), std::move(day), std::move(name), amount};
    const std::string key = add.app.value() + add.day + add.name;
    main_.write(key, std::move(done),
                [add = std::move(add)](auto& c) { return mysql::add_to_counter(c, add); });
  }

 private:
  Shard main_;
};

}  // namespace

Result<std::unique_ptr<middle::Directory>> open_directory(Options options, Surroundings around) {
  auto made = std::make_unique<MySqlDirectory>(std::move(options), around);
  TRY(made->open());
  return std::unique_ptr<middle::Directory>(std::move(made));
}

}  // namespace longwire::storage::mysql

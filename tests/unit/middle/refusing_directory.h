#pragma once

// A Directory whose list of apps is refused as often as a test asks for, and whose answers about
// users come when a test says so, in the wrong order.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "middle/ports/directory.h"

namespace longwire::middle {

// Loop-bound.
class RefusingDirectory final : public Directory {
 public:
  RefusingDirectory(Directory& inner, Executor& executor) : inner_(inner), executor_(executor) {}

  void refuse(int times, ErrorCode why) {
    refusals_ = times;
    why_ = why;
  }
  int asked = 0;
  void hold_users() { holds_users_ = true; }
  void release_users_backwards() {
    holds_users_ = false;
    while (!held_users_.empty()) {
      const auto ask = std::move(held_users_.back());
      held_users_.pop_back();
      ask();
    }
  }

  void list_apps(Callback<std::vector<App>> done) override {
    ++asked;
    if (refusals_-- <= 0) return inner_.list_apps(std::move(done));
    executor_.post([d = std::move(done), why = why_]() mutable { d(Error{why, "refused"}); });
  }
  void put_app(App app, Callback<void> done) override {
    inner_.put_app(std::move(app), std::move(done));
  }
  void get_user(XmppAccount account, Callback<std::optional<User>> done) override {
    // Shared: a std::function is copied.
    auto shared = std::make_shared<Callback<std::optional<User>>>(std::move(done));
    auto ask = [this, account = std::move(account), shared] {
      inner_.get_user(account, std::move(*shared));
    };
    if (!holds_users_) return ask();
    held_users_.push_back(std::move(ask));
  }
  void create_user(User user, Callback<bool> done) override {
    inner_.create_user(std::move(user), std::move(done));
  }
  void replace_user(User user, Callback<bool> done) override {
    inner_.replace_user(std::move(user), std::move(done));
  }
  void remove_user(XmppAccount account, Callback<bool> done) override {
    inner_.remove_user(std::move(account), std::move(done));
  }
  void list_users(XmppAccount after, std::size_t limit, Callback<std::vector<User>> done) override {
    inner_.list_users(std::move(after), limit, std::move(done));
  }
  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    inner_.get_roster(std::move(owner), std::move(done));
  }
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    inner_.get_roster_item(std::move(owner), std::move(contact), std::move(done));
  }
  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    inner_.put_roster_item(std::move(item), std::move(done));
  }
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    inner_.remove_roster_item(std::move(owner), std::move(contact), std::move(done));
  }
  void apply_topic_changes(PartitionId partition, Position position,
                           std::vector<TopicChange> changes, Callback<void> done) override {
    inner_.apply_topic_changes(partition, position, std::move(changes), std::move(done));
  }
  void topics_applied(PartitionId partition, Callback<Position> done) override {
    inner_.topics_applied(partition, std::move(done));
  }
  void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                      Callback<std::vector<TopicCarrier>> done) override {
    inner_.topic_carriers(std::move(app), std::move(tag), std::move(after), limit, std::move(done));
  }
  void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                            Callback<std::uint64_t> done) override {
    inner_.count_topic_carriers(std::move(app), std::move(tag), number, std::move(done));
  }
  void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override {
    inner_.add_to_counter(std::move(app), std::move(day), std::move(name), amount, std::move(done));
  }
  void list_roster(RosterItem after, std::size_t limit,
                   Callback<std::vector<RosterItem>> done) override {
    inner_.list_roster(std::move(after), limit, std::move(done));
  }
  void list_topics(TopicRow after, std::size_t limit,
                   Callback<std::vector<TopicRow>> done) override {
    inner_.list_topics(std::move(after), limit, std::move(done));
  }
  void list_counters(CounterRow after, std::size_t limit,
                     Callback<std::vector<CounterRow>> done) override {
    inner_.list_counters(std::move(after), limit, std::move(done));
  }
  void roster_version(Callback<std::uint64_t> done) override {
    inner_.roster_version(std::move(done));
  }
  void load(DirectoryRows rows, Callback<void> done) override {
    inner_.load(std::move(rows), std::move(done));
  }

 private:
  Directory& inner_;
  Executor& executor_;
  std::vector<std::function<void()>> held_users_;
  bool holds_users_ = false;
  int refusals_ = 0;
  ErrorCode why_ = ErrorCode::kUnavailable;
};

}  // namespace longwire::middle

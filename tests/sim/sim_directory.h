#pragma once

// SimDirectory: a Directory that answers late, and now and then with kUnavailable; then nothing was
// done. Over the memory directory, whose data outlives the users.

#include <memory>

#include "middle/ports/directory.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

// Loop-bound to the simulation; `inner` answers on `executor`.
class SimDirectory final : public middle::Directory {
 public:
  SimDirectory(SimWorld& world, Executor& executor, std::unique_ptr<middle::Directory> inner)
      : world_(world), executor_(executor), inner_(std::move(inner)) {}
  void set_refused(double probability) { refused_ = probability; }

  void list_apps(Callback<std::vector<middle::App>> done) override;
  void put_app(middle::App app, Callback<void> done) override;
  void get_user(middle::XmppAccount account, Callback<std::optional<middle::User>> done) override;
  void create_user(middle::User user, Callback<bool> done) override;
  void replace_user(middle::User user, Callback<bool> done) override;
  void remove_user(middle::XmppAccount account, Callback<bool> done) override;
  void list_users(middle::XmppAccount after, std::size_t limit,
                  Callback<std::vector<middle::User>> done) override;
  void get_roster(middle::XmppAccount owner,
                  Callback<std::vector<middle::RosterItem>> done) override;
  void get_roster_item(middle::XmppAccount owner, std::string contact,
                       Callback<std::optional<middle::RosterItem>> done) override;
  void put_roster_item(middle::RosterItem item,
                       Callback<std::optional<std::uint64_t>> done) override;
  void remove_roster_item(middle::XmppAccount owner, std::string contact,
                          Callback<bool> done) override;
  void apply_topic_changes(middle::PartitionId partition, middle::Position position,
                           std::vector<middle::TopicChange> changes, Callback<void> done) override;
  void topics_applied(middle::PartitionId partition, Callback<middle::Position> done) override;
  void topic_carriers(middle::AppId app, middle::Tag tag, middle::RegId after, std::size_t limit,
                      Callback<std::vector<middle::TopicCarrier>> done) override;
  void count_topic_carriers(middle::AppId app, middle::Tag tag, middle::FeedNumber number,
                            Callback<std::uint64_t> done) override;
  void add_to_counter(middle::AppId app, std::string day, std::string name, std::uint64_t amount,
                      Callback<std::uint64_t> done) override;
  void list_roster(middle::RosterItem after, std::size_t limit,
                   Callback<std::vector<middle::RosterItem>> done) override;
  void list_topics(middle::TopicRow after, std::size_t limit,
                   Callback<std::vector<middle::TopicRow>> done) override;
  void list_counters(middle::CounterRow after, std::size_t limit,
                     Callback<std::vector<middle::CounterRow>> done) override;
  void roster_version(Callback<std::uint64_t> done) override;
  void load(middle::DirectoryRows rows, Callback<void> done) override;

 private:
  // True: the call was refused, and `done` will hear so.
  template <typename T>
  bool refuse(Callback<T>& done);

  SimWorld& world_;
  Executor& executor_;
  std::unique_ptr<middle::Directory> inner_;
  double refused_ = 0;
};

}  // namespace longwire::sim

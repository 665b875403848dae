#include "tests/sim/sim_directory.h"

#include <utility>

namespace longwire::sim {

using middle::AppId;
using middle::PartitionId;
using middle::Position;
using middle::RegId;
using middle::RosterItem;
using middle::Tag;
using middle::TopicCarrier;
using middle::TopicChange;
using middle::User;
using middle::XmppAccount;

template <typename T>
bool SimDirectory::refuse(Callback<T>& done) {
  if (!world_.random().chance(refused_)) return false;
  executor_.post([done = std::move(done)]() mutable {
    done(Error{ErrorCode::kUnavailable, "simulated: directory refused"});
  });
  return true;
}

void SimDirectory::list_apps(Callback<std::vector<middle::App>> done) {
  if (!refuse(done)) inner_->list_apps(std::move(done));
}
void SimDirectory::put_app(middle::App app, Callback<void> done) {
  if (!refuse(done)) inner_->put_app(std::move(app), std::move(done));
}
void SimDirectory::get_user(XmppAccount account, Callback<std::optional<User>> done) {
  if (!refuse(done)) inner_->get_user(std::move(account), std::move(done));
}
void SimDirectory::create_user(User user, Callback<bool> done) {
  if (!refuse(done)) inner_->create_user(std::move(user), std::move(done));
}
void SimDirectory::replace_user(User user, Callback<bool> done) {
  if (!refuse(done)) inner_->replace_user(std::move(user), std::move(done));
}
void SimDirectory::remove_user(XmppAccount account, Callback<bool> done) {
  if (!refuse(done)) inner_->remove_user(std::move(account), std::move(done));
}
void SimDirectory::list_users(XmppAccount after, std::size_t limit,
                              Callback<std::vector<User>> done) {
  if (!refuse(done)) inner_->list_users(std::move(after), limit, std::move(done));
}
void SimDirectory::get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) {
  if (!refuse(done)) inner_->get_roster(std::move(owner), std::move(done));
}
void SimDirectory::get_roster_item(XmppAccount owner, std::string contact,
                                   Callback<std::optional<RosterItem>> done) {
  if (refuse(done)) return;
  inner_->get_roster_item(std::move(owner), std::move(contact), std::move(done));
}
void SimDirectory::put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) {
  if (!refuse(done)) inner_->put_roster_item(std::move(item), std::move(done));
}
void SimDirectory::remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) {
  if (refuse(done)) return;
  inner_->remove_roster_item(std::move(owner), std::move(contact), std::move(done));
}
void SimDirectory::apply_topic_changes(PartitionId partition, Position position,
                                       std::vector<TopicChange> changes, Callback<void> done) {
  if (refuse(done)) return;
  inner_->apply_topic_changes(partition, position, std::move(changes), std::move(done));
}
void SimDirectory::topics_applied(PartitionId partition, Callback<Position> done) {
  if (!refuse(done)) inner_->topics_applied(partition, std::move(done));
}
void SimDirectory::topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                                  Callback<std::vector<TopicCarrier>> done) {
  if (refuse(done)) return;
  inner_->topic_carriers(std::move(app), std::move(tag), std::move(after), limit, std::move(done));
}
void SimDirectory::count_topic_carriers(AppId app, Tag tag, middle::FeedNumber number,
                                        Callback<std::uint64_t> done) {
  if (refuse(done)) return;
  inner_->count_topic_carriers(std::move(app), std::move(tag), number, std::move(done));
}
void SimDirectory::add_to_counter(AppId app, std::string day, std::string name,
                                  std::uint64_t amount, Callback<std::uint64_t> done) {
  if (refuse(done)) return;
  inner_->add_to_counter(std::move(app), std::move(day), std::move(name), amount, std::move(done));
}
void SimDirectory::list_roster(RosterItem after, std::size_t limit,
                               Callback<std::vector<RosterItem>> done) {
  if (!refuse(done)) inner_->list_roster(std::move(after), limit, std::move(done));
}
void SimDirectory::list_topics(middle::TopicRow after, std::size_t limit,
                               Callback<std::vector<middle::TopicRow>> done) {
  if (!refuse(done)) inner_->list_topics(std::move(after), limit, std::move(done));
}
void SimDirectory::list_counters(middle::CounterRow after, std::size_t limit,
                                 Callback<std::vector<middle::CounterRow>> done) {
  if (!refuse(done)) inner_->list_counters(std::move(after), limit, std::move(done));
}
void SimDirectory::roster_version(Callback<std::uint64_t> done) {
  if (!refuse(done)) inner_->roster_version(std::move(done));
}
void SimDirectory::load(middle::DirectoryRows rows, Callback<void> done) {
  if (!refuse(done)) inner_->load(std::move(rows), std::move(done));
}

}  // namespace longwire::sim

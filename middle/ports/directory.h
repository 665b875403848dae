#pragma once

// Directory: the small relational part: apps, users, rosters, the index of who carries a topic,
// quotas. Embedded: SQLite. Cluster: the MySQL protocol.
//
// The topic index is derived from partition logs and guarded by their position: changes of a batch
// that was applied already are ignored, so that applying is idempotent and a late writer cannot
// bring back the old.
//
// Threads: calls from any thread; callbacks on a thread of the directory's choosing, never inside
// the call. Errors: kUnavailable and kDeadlineExceeded may be retried; losing a race is in the
// type, not an error.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/function.h"
#include "middle/model/ids.h"
#include "middle/model/registry.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

struct User {
  XmppAccount account;
  Credentials credentials;
  Timestamp created;
};

struct TopicChange {
  AppId app;
  Tag tag;
  RegId registration;
  bool carried = true;   // false: given up, or the registration ended
  FeedNumber since = 1;  // of the topic's feed
  std::optional<FeedNumber> until;
};

struct TopicCarrier {
  RegId registration;
  FeedNumber since = 1;
  std::optional<FeedNumber> until;
  bool carries(FeedNumber number) const { return number >= since && (!until || number < *until); }
};

// A row of the index of topics.
struct TopicRow {
  AppId app;
  Tag tag;
  TopicCarrier carrier;
};

struct CounterRow {
  AppId app;
  std::string day;
  std::string name;
  std::uint64_t total = 0;
};

// Rows as they were in another directory, versions and totals too.
struct DirectoryRows {
  std::vector<App> apps;
  std::vector<User> users;
  std::vector<RosterItem> roster;
  std::vector<TopicRow> topics;
  std::vector<CounterRow> counters;
  std::uint64_t roster_version = 0;  // the last that was given there
};

// Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;

  virtual void list_apps(Callback<std::vector<App>> done) = 0;
  // Creates or replaces.
  virtual void put_app(App app, Callback<void> done) = 0;

  virtual void get_user(XmppAccount account, Callback<std::optional<User>> done) = 0;
  // false: exists already (create) or does not exist (replace); nothing was changed.
  virtual void create_user(User user, Callback<bool> done) = 0;
  virtual void replace_user(User user, Callback<bool> done) = 0;
  virtual void remove_user(XmppAccount account, Callback<bool> done) = 0;  // with its roster
  virtual void list_users(XmppAccount after, std::size_t limit,
                          Callback<std::vector<User>> done) = 0;

  virtual void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) = 0;
  virtual void get_roster_item(XmppAccount owner, std::string contact,
                               Callback<std::optional<RosterItem>> done) = 0;
  // Stores `item` if the stored version still is item.version (0: no item); answers the new
  // version, or empty where another was faster.
  virtual void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) = 0;
  virtual void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) = 0;

  // Changes of one committed batch; ignored where `position` was applied for `partition` already.
  virtual void apply_topic_changes(PartitionId partition, Position position,
                                   std::vector<TopicChange> changes, Callback<void> done) = 0;
  // The last position applied; what follows is to be applied again after a start.
  virtual void topics_applied(PartitionId partition, Callback<Position> done) = 0;
  virtual void topic_carriers(AppId app, Tag tag, RegId after, std::size_t limit,
                              Callback<std::vector<TopicCarrier>> done) = 0;
  // How many of them carry it at `number` of the topic's feed.
  virtual void count_topic_carriers(AppId app, Tag tag, FeedNumber number,
                                    Callback<std::uint64_t> done) = 0;

  // Adds to a day's counter of an app ("2026-11-21", "sent") and answers the new total.
  virtual void add_to_counter(AppId app, std::string day, std::string name, std::uint64_t amount,
                              Callback<std::uint64_t> done) = 0;

  // For the move of a storage. All rows of a kind in the order of their keys, in pages: at most
  // `limit` behind the one whose key `after` has; an empty key: from the first.
  virtual void list_roster(RosterItem after, std::size_t limit,
                           Callback<std::vector<RosterItem>> done) = 0;
  virtual void list_topics(TopicRow after, std::size_t limit,
                           Callback<std::vector<TopicRow>> done) = 0;
  virtual void list_counters(CounterRow after, std::size_t limit,
                             Callback<std::vector<CounterRow>> done) = 0;
  // No version above it was given to a roster item, also to one that is gone; the next one is above
  // it.
  virtual void roster_version(Callback<std::uint64_t> done) = 0;
  // Stores `rows` as they are, in the place of those with their keys, or none of them (of several
  // servers: none of one's); roster versions given later are above all of them and above
  // rows.roster_version. May be repeated.
  virtual void load(DirectoryRows rows, Callback<void> done) = 0;
};

}  // namespace longwire::middle

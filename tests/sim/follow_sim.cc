#include "tests/sim/follow_sim.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/sim/sim_network.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

namespace {

using middle::AppId;
using middle::Entry;
using middle::EntryPtr;
using middle::FeedId;
using middle::FeedListener;
using middle::FeedNumber;
using middle::FeedPage;
using middle::FollowHub;
using middle::FollowHubOptions;
using middle::Incarnation;
using middle::InterestTable;
using middle::LocalFeedLink;
using middle::NodeId;
using middle::PartitionId;
using middle::ReadRequest;
using middle::RegId;
using middle::SubscriptionId;
using middle::Tag;
using std::chrono::milliseconds;

constexpr std::uint16_t kPartitions = 3;

struct FeedModel {
  FeedId name;
  std::vector<EntryPtr> entries;  // all ever made in this incarnation
  FeedNumber oldest = 1;
  int incarnation = 1;
  FeedNumber tail() const { return entries.size(); }
};

class Run;

// One subscription and what it saw.
class Reader final : public FeedListener {
 public:
  Reader(Run& run, FeedModel& feed, FeedNumber after) : sim(run), model(feed), next(after + 1) {}
  void on_entries(SubscriptionId subscription, const FeedId& feed,
                  std::span<const EntryPtr> entries) override;
  void on_feed_reset(SubscriptionId subscription, const FeedId& feed,
                     const Incarnation& incarnation) override;

  Run& sim;
  FeedModel& model;
  SubscriptionId id = SubscriptionId::kNone;
  FeedNumber next;
  int incarnation = 0;  // 0: that of the first entry seen
  bool paused = false;
};

struct Node {
  std::unique_ptr<SimExecutor> loop;
  std::unique_ptr<FollowHub> hub;
  std::vector<std::unique_ptr<Reader>> readers;
  NodeId name;
};

class Run {
 public:
  explicit Run(std::uint64_t seed)
      : world_(seed),
        owners_(world_.make_executor()),
        network_(world_),
        link_(*owners_, kPartitions, &network_),
        tables_(kPartitions) {
    for (int i = 0; i < 6; ++i) feeds_.push_back(make_feed(i));
    for (std::uint16_t i = 0; i < kPartitions; ++i) new_owner(i);
    for (std::size_t i = 0; i < 2; ++i) {
      nodes_.emplace_back();
      nodes_[i].name = NodeId("node" + std::to_string(i));
      new_hub(nodes_[i]);
    }
  }

  std::string go() {
    network_.set_faults({luck().chance(0.5) ? 0.1 : 0.0, luck().chance(0.5) ? 0.1 : 0.0,
                         luck().chance(0.5) ? 0.3 : 0.0});
    for (int i = 0; i < 300 && failure_.empty(); ++i) {
      act();
      world_.run_for(
          milliseconds(luck().chance(0.1) ? luck().between(0, 3000) : luck().between(0, 20)));
    }
    network_.set_faults({});
    calm_ = true;
    for (Node& node : nodes_) {
      for (auto& reader : node.readers) {
        reader->paused = false;
        node.hub->resume(reader->id);
      }
    }
    world_.run_for(std::chrono::seconds(90));
    check_end();
    for (Node& node : nodes_) node.hub.reset();
    return failure_;
  }

  void fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }
  SimRandom& luck() { return world_.random(); }

  // What a listener may do from inside its call.
  void meddle(Reader& reader) {
    if (calm_ || !luck().chance(0.1)) return;
    Node& node = nodes_[luck().chance(0.7) ? node_of(reader) : 0];
    if (&node != &nodes_[node_of(reader)]) return;
    act_on(node);
  }

 private:
  FeedModel make_feed(int i) {
    static const AppId app("1");
    FeedModel feed;
    if (i == 0) feed.name = app_feed(app);
    if (i == 1 || i == 2) feed.name = topic_feed(app, Tag("t" + std::to_string(i)));
    if (i > 2) feed.name = inbox_feed(RegId("000" + std::to_string(i) + "AAAAAAAAAAAAAAAAAAAA"));
    for (std::uint64_t n = luck().between(0, 200); n > 0; --n) append(feed);
    return feed;
  }

  static EntryPtr append(FeedModel& feed) {
    auto entry = std::make_shared<Entry>();
    entry->number = feed.tail() + 1;
    entry->body = std::to_string(feed.incarnation);
    feed.entries.push_back(entry);
    return entry;
  }

  PartitionId home(const FeedModel& feed) {
    return middle::partition_of(middle::home_of(feed.name), kPartitions);
  }

  FeedModel* find(const FeedId& name) {
    for (FeedModel& feed : feeds_) {
      if (feed.name == name) return &feed;
    }
    return nullptr;
  }

  static Incarnation incarnation_name(int number) {
    return Incarnation("000000000000000" + std::to_string(number));
  }

  // As the partition reads: at some moment between call and answer, sometimes not at all.
  void read(Executor& loop, ReadRequest request, Callback<FeedPage> done) {
    const bool fails = !calm_ && luck().chance(0.1);
    auto answer = [this, request = std::move(request), fails, done = std::move(done)]() mutable {
      if (fails) return done(Error{ErrorCode::kUnavailable, "simulated"});
      done(page_of(request));
    };
    auto delay = milliseconds(luck().chance(0.3) ? luck().between(0, 100) : 0);
    auto shared = std::make_shared<Task>(std::move(answer));
    world_.at(delay, [&loop, shared] { loop.post([shared] { (*shared)(); }); });
  }

  FeedPage page_of(const ReadRequest& request) {
    FeedModel& feed = *find(request.feed);
    FeedPage page;
    page.tail = feed.tail();
    page.oldest = feed.oldest;
    page.incarnation = incarnation_name(feed.incarnation);
    const std::size_t limit = luck().between(1, request.entries_max);
    for (FeedNumber n = std::max(request.after + 1, feed.oldest); n <= feed.tail(); ++n) {
      if (page.entries.size() == limit) break;
      page.entries.push_back(feed.entries[n - 1]);
    }
    return page;
  }

  void new_owner(PartitionId partition) {
    InterestTable::Options options;
    options.lease = std::chrono::seconds(15);
    options.items_untaken_max = luck().chance(0.3) ? 20 : 4096;
    options.reads_max = luck().between(1, 8);
    tables_[partition] = std::make_unique<InterestTable>(
        partition, world_.environment(*owners_), link_,
        [this](ReadRequest request, Callback<FeedPage> done) {
          read(*owners_, std::move(request), std::move(done));
        },
        options);
    link_.set_owner(partition, tables_[partition].get());
  }

  void new_hub(Node& node) {
    node.hub.reset();
    node.readers.clear();
    if (node.loop == nullptr) node.loop = world_.make_executor();
    FollowHubOptions options;
    options.window_entries = luck().between(4, 64);
    options.delivery_entries_max = luck().between(1, 16);
    options.idle_feeds_max = luck().between(0, 3);
    options.idle_for = milliseconds(luck().between(100, 2000));
    options.reads_max = luck().between(1, 4);
    options.read_entries_max = luck().between(1, 32);
    Executor& loop = *node.loop;
    node.hub = link_.make_hub(
        node.name, world_.environment(loop),
        [this, &loop](ReadRequest request, Callback<FeedPage> done) {
          read(loop, std::move(request), std::move(done));
        },
        options);
  }

  FeedModel& any_feed() { return feeds_[luck().between(0, feeds_.size() - 1)]; }

  void act() {
    const std::uint64_t what = luck().between(0, 99);
    if (what < 45) return publish(any_feed());
    if (what < 47) return trim(any_feed());
    if (what < 48) return reset(any_feed());
    if (what < 49) return tables_[luck().between(0, kPartitions - 1)]->close_all();
    if (what < 50) return new_owner(static_cast<PartitionId>(luck().between(0, kPartitions - 1)));
    if (what < 51) return new_hub(nodes_[luck().between(0, nodes_.size() - 1)]);
    act_on(nodes_[luck().between(0, nodes_.size() - 1)]);
  }

  void act_on(Node& node) {
    const std::uint64_t what = luck().between(0, 9);
    if (what < 4 || node.readers.empty()) return subscribe(node, any_feed());
    const std::size_t index = luck().between(0, node.readers.size() - 1);
    Reader& reader = *node.readers[index];
    if (what < 6) {
      node.hub->unsubscribe(reader.id);
      gone_.push_back(std::move(node.readers[index]));
      gone_.back()->paused = true;
      node.readers.erase(node.readers.begin() + static_cast<std::ptrdiff_t>(index));
    } else if (reader.paused) {
      reader.paused = false;
      node.hub->resume(reader.id);
    } else {
      reader.paused = true;
      node.hub->pause(reader.id);
    }
  }

  void subscribe(Node& node, FeedModel& feed) {
    if (node.readers.size() > 60) return;
    const FeedNumber after = luck().chance(0.5) ? feed.tail() : luck().between(0, feed.tail());
    node.readers.push_back(std::make_unique<Reader>(*this, feed, after));
    Reader& reader = *node.readers.back();
    reader.id = node.hub->subscribe(feed.name, after, reader);
  }

  void publish(FeedModel& feed) {
    std::vector<EntryPtr> entries;
    for (std::uint64_t n = luck().between(1, luck().chance(0.1) ? 80 : 3); n > 0; --n) {
      entries.push_back(append(feed));
    }
    tables_[home(feed)]->published(feed.name, entries);
  }

  void trim(FeedModel& feed) {
    feed.oldest = std::max(feed.oldest, luck().between(1, feed.tail() + 1));
  }

  // Readers whose hub has not heard yet may still be shown the old numbers: see on_entries.
  void reset(FeedModel& feed) {
    ++feed.incarnation;
    feed.entries.clear();
    feed.oldest = 1;
    for (std::uint64_t n = luck().between(0, 20); n > 0; --n) append(feed);
    tables_[home(feed)]->feed_reset(feed.name, incarnation_name(feed.incarnation));
  }

  std::size_t node_of(const Reader& reader) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (const auto& other : nodes_[i].readers) {
        if (other.get() == &reader) return i;
      }
    }
    return 0;
  }

  void check_end() {
    for (const Node& node : nodes_) {
      for (const auto& reader : node.readers) {
        const FeedModel& feed = reader->model;
        if (reader->next > feed.tail() || feed.oldest > feed.tail()) continue;
        fail(node.name.value() + " misses " + feed.name.value() + " from " +
             std::to_string(reader->next) + " to " + std::to_string(feed.tail()));
      }
    }
  }

  SimWorld world_;
  std::unique_ptr<SimExecutor> owners_;
  SimNetwork network_;
  LocalFeedLink link_;
  std::vector<std::unique_ptr<InterestTable>> tables_;
  std::vector<FeedModel> feeds_;
  std::vector<Node> nodes_;
  std::vector<std::unique_ptr<Reader>> gone_;
  bool calm_ = false;
  std::string failure_;
};

void Reader::on_entries(SubscriptionId subscription, const FeedId& feed,
                        std::span<const EntryPtr> entries) {
  if (subscription != id || feed != model.name) return sim.fail("entries for somebody else");
  if (paused) return sim.fail("entries for a paused reader of " + feed.value());
  if (entries.empty()) return sim.fail("no entries");
  for (const EntryPtr& entry : entries) {
    const int of = std::stoi(entry->body);
    if (of < incarnation) return sim.fail("an old incarnation again in " + feed.value());
    // A subscription made under the old incarnation gets numbers of the new one, where the hub
    // itself never heard of the old; the session compares incarnations (OpenedSession).
    incarnation = of;
    const bool jump = entry->number > next && entry->number <= model.oldest;
    if (entry->number != next && !jump && of == model.incarnation) {
      return sim.fail(feed.value() + ": " + std::to_string(entry->number) + " instead of " +
                      std::to_string(next) + ", oldest " + std::to_string(model.oldest));
    }
    next = entry->number + 1;
  }
  sim.meddle(*this);
}

void Reader::on_feed_reset(SubscriptionId subscription, const FeedId& feed,
                           const Incarnation& told) {
  if (subscription != id || feed != model.name) return sim.fail("a reset for somebody else");
  const int of = std::stoi(told.value());
  if (of <= incarnation) return sim.fail("a reset to an old incarnation in " + feed.value());
  incarnation = of;
  next = 1;
  sim.meddle(*this);
}

}  // namespace

std::string run_follow_sim(std::uint64_t seed) { return Run(seed).go(); }

}  // namespace longwire::sim

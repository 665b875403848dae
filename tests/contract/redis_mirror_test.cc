// The mirror of a store's rows on a real Redis: what is read where, and what faults do to it.

#include <atomic>

#include "storage/embedded/embedded_store.h"
#include "storage/mirror/mirror.h"
#include "storage/mirror/mirror_census.h"
#include "storage/mirror/mirror_format.h"
#include "tests/contract/back_ends.h"
#include "tests/contract/redis_fixture.h"
#include "tests/contract/redis_servers.h"

namespace longwire::test {
namespace {

using middle::Batch;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::WriterId;
using std::chrono::milliseconds;
using Values = std::vector<std::optional<Bytes>>;

// Counts the rows that are read of it.
class CountedStore final : public middle::PartitionStore {
 public:
  explicit CountedStore(middle::PartitionStore& store) : store_(store) {}
  int rows_read() const { return rows_read_; }

  const middle::StorageInfo& info() const override { return store_.info(); }
  void open(PartitionId partition, WriterId writer, Callback<Head> done) override {
    store_.open(partition, std::move(writer), std::move(done));
  }
  void commit(PartitionId partition, const WriterId& writer, Position position,
              middle::BatchPtr batch, Callback<CommitOutcome> done) override {
    store_.commit(partition, writer, position, std::move(batch), std::move(done));
  }
  void head(PartitionId partition, Callback<Head> done) override {
    store_.head(partition, std::move(done));
  }
  void get(PartitionId partition, std::vector<Bytes> keys, Callback<Values> done) override {
    rows_read_ += static_cast<int>(keys.size());
    store_.get(partition, std::move(keys), std::move(done));
  }
  void scan(PartitionId partition, middle::ScanRequest request,
            Callback<std::vector<middle::Row>> done) override {
    store_.scan(partition, std::move(request), std::move(done));
  }

 private:
  middle::PartitionStore& store_;
  std::atomic<int> rows_read_{0};
};

bool but_for_x(BytesView key) { return !key.starts_with("x"); }

class RedisMirror : public RedisFixture {
 protected:
  static constexpr PartitionId kPartition = 3;
  static constexpr milliseconds kPause{50};

  RedisMirror() {
    for (const RedisServer& server : servers_) server.ask({"FLUSHALL"});
    options_.nodes = {servers_.front().address()};
    options_.command_timeout = milliseconds(2000);
    mirror_options_.pause = kPause;
    // Halted servers alone are to be late, not busy ones.
    mirror_options_.wait = milliseconds(1000);
    storage::EmbeddedStoreOptions store;
    store.path = where_.path() + "/partitions";
    store.create_with = contract_storage_info();
    store_ = storage::open_embedded_store(std::move(store), system_clock(), null_log()).value();
    counted_ = std::make_unique<CountedStore>(*store_);
    start();
  }
  ~RedisMirror() override { mirror_.reset(); }

  void start() {
    mirror_.reset();
    auto router = make_router(options_, loop_.loop(), environment_);
    ASSERT_TRUE(router.ok());
    mirror_ = storage::mirror::make_mirror(*counted_, std::move(*router), mirror_options_,
                                           but_for_x, environment_);
    take_over(*mirror_);
    // A commit before its copies have begun would make them begin once more.
    ASSERT_TRUE(
        eventually([&] { return metrics_.gauge("longwire_mirror_partitions", "").value() == 1; }));
  }

  void take_over(middle::PartitionStore& store) {
    writer_ = WriterId("writer" + std::to_string(++openings_));
    head_ = call<Head>([&](auto done) { store.open(kPartition, writer_, std::move(done)); });
  }
  void commit_to(middle::PartitionStore& store, std::vector<middle::RowWrite> rows) {
    head_.stamp = head_.stamp + milliseconds(1);
    auto batch = std::make_shared<const Batch>(Batch{head_.stamp, "state", std::move(rows)});
    ASSERT_EQ(call<CommitOutcome>([&](auto done) {
                store.commit(kPartition, writer_, ++head_.position, batch, std::move(done));
              }),
              CommitOutcome::kDone);
  }
  void commit(const Bytes& key, std::optional<Bytes> value) {
    commit_to(*mirror_, {{key, std::move(value), std::nullopt}});
  }
  std::optional<Bytes> read(const Bytes& key) {
    return call<Values>([&](auto done) { mirror_->get(kPartition, {key}, std::move(done)); })
        .front();
  }
  // Whether the store was asked for it.
  bool is_copied(const Bytes& key) {
    const int before = counted_->rows_read();
    (void)read(key);
    return counted_->rows_read() == before;
  }
  std::string seal_there() const {
    return servers_.front().ask_text(
        {"GET", storage::mirror::MirrorKeys(contract_storage_info(), kPartition).seal()});
  }
  storage::mirror::MirrorCensus census() {
    return call<storage::mirror::MirrorCensus>([&](auto done) {
      auto router = make_router(options_, loop_.loop(), environment_).value();
      auto* plain = router.get();
      loop_.call([&] {
        storage::mirror::take_census(
            *plain, contract_storage_info(),
            [d = std::move(done), r = std::move(router), this](auto counted) mutable {
              loop_.loop().post([r = std::move(r)] {});  // not within its own callback
              d(std::move(counted));
            });
      });
    });
  }

  template <typename T, typename Start>
  T call(Start begin) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    begin(Callback<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
    CHECK(answer.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    return answer.get().value();
  }

  std::vector<RedisServer> servers_ = {single_redis()};
  TemporaryDirectory where_;
  storage::mirror::Options mirror_options_;
  std::unique_ptr<storage::EmbeddedStore> store_;
  std::unique_ptr<CountedStore> counted_;
  std::unique_ptr<middle::PartitionStore> mirror_;
  WriterId writer_;
  int openings_ = 0;
  Head head_;
};

TEST_F(RedisMirror, Row_that_was_read_once_is_read_from_Redis) {
  commit("k", "1");
  EXPECT_FALSE(is_copied("k"));
  EXPECT_TRUE(is_copied("k"));
  EXPECT_EQ(read("k"), "1");
}

TEST_F(RedisMirror, Change_reaches_the_copy) {
  commit("k", "1");
  EXPECT_EQ(read("k"), "1");
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  EXPECT_TRUE(is_copied("k"));
  commit("k", std::nullopt);
  EXPECT_EQ(read("k"), std::nullopt);
  EXPECT_TRUE(is_copied("k"));
}

TEST_F(RedisMirror, Absence_is_copied_and_any_byte) {
  const Bytes key("k\0\xff:", 4);
  EXPECT_EQ(read(key), std::nullopt);
  EXPECT_TRUE(is_copied(key));
  const Bytes value("\0=\r\n", 4);
  commit(key, value);
  EXPECT_EQ(read(key), value);
  EXPECT_TRUE(is_copied(key));
  commit(key, "");
  EXPECT_EQ(read(key), "");
}

TEST_F(RedisMirror, Long_rows_and_those_not_worth_it_are_not_copied) {
  const Bytes full(static_cast<std::size_t>(mirror_options_.row_bytes_max), 'v');
  commit_to(*mirror_, {{"x", "1", std::nullopt}, {"long", full, std::nullopt}});
  EXPECT_EQ(read("x"), "1");
  EXPECT_FALSE(is_copied("x"));
  EXPECT_EQ(read("long"), full);
  EXPECT_TRUE(is_copied("long"));
  commit("long", full + "v");
  EXPECT_EQ(read("long"), full + "v");
  EXPECT_FALSE(is_copied("long"));
}

TEST_F(RedisMirror, Restart_finds_its_copies) {
  commit("k", "1");
  (void)read("k");
  commit("k", "2");
  start();
  EXPECT_TRUE(is_copied("k"));
  EXPECT_EQ(read("k"), "2");
}

TEST_F(RedisMirror, Writer_without_a_mirror_makes_the_copies_worthless) {
  commit("k", "1");
  (void)read("k");
  take_over(*store_);
  commit_to(*store_, {{"k", "2", std::nullopt}});
  start();
  EXPECT_EQ(read("k"), "2");
  EXPECT_EQ(counted_->rows_read(), 2);
}

TEST_F(RedisMirror, Wiped_server_is_filled_again) {
  commit("k", "1");
  (void)read("k");
  servers_.front().ask({"FLUSHALL"});
  EXPECT_EQ(read("k"), "1");
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  EXPECT_TRUE(eventually([&] { return is_copied("k"); }));
  EXPECT_EQ(read("k"), "2");
}

TEST_F(RedisMirror, Full_server_is_left_alone_until_there_is_room) {
  commit("k", "1");
  (void)read("k");
  servers_.front().ask({"CONFIG", "SET", "maxmemory", "1"});
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  commit("k", "3");
  EXPECT_EQ(read("k"), "3");
  EXPECT_FALSE(is_copied("k"));
  servers_.front().ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(eventually([&] { return is_copied("k"); }));
  EXPECT_EQ(read("k"), "3");
}

TEST_F(RedisMirror, Halted_server_delays_a_read_and_is_asked_again_later) {
  mirror_options_.wait = milliseconds(50);
  start();
  commit("k", "1");
  (void)read("k");
  servers_.front().signal(SIGSTOP);
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  EXPECT_GE(metrics_.counter("longwire_mirror_late_total", "").value(), 1u);
  servers_.front().signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return is_copied("k"); }));
  EXPECT_EQ(read("k"), "2");
  EXPECT_GE(log_.count("mirror_away"), 1);
  EXPECT_TRUE(eventually([&] { return log_.count("mirror_back") >= 1; }));
}

TEST_F(RedisMirror, Killed_server_slows_reads_only) {
  commit("k", "1");
  (void)read("k");
  servers_.front().signal(SIGKILL);
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  bring_up("redis");
  EXPECT_TRUE(eventually([&] { return is_copied("k"); }));
  EXPECT_EQ(read("k"), "2");
}

TEST_F(RedisMirror, Server_back_from_a_snapshot_is_not_believed) {
  commit("k", "1");
  (void)read("k");
  const std::string seal = seal_there();
  servers_.front().ask({"CONFIG", "SET", "appendonly", "no"});  // what follows is lost
  commit("k", "2");
  EXPECT_EQ(read("k"), "2");
  ASSERT_NE(seal_there(), seal);
  servers_.front().signal(SIGKILL);
  bring_up("redis");
  ASSERT_EQ(seal_there(), seal) << "the server went back in time";
  EXPECT_EQ(read("k"), "2");
  commit("k", "3");
  EXPECT_EQ(read("k"), "3");
  start();
  EXPECT_EQ(read("k"), "3");
}

TEST_F(RedisMirror, Census_tells_copies_from_outdated_ones) {
  commit("k", "1");
  (void)read("k");
  (void)read("l");
  const auto counted = census();
  EXPECT_EQ(counted.partitions, 1u);
  EXPECT_EQ(counted.copies, 2u);
  EXPECT_EQ(counted.outdated, 0u);
  take_over(*store_);
  start();
  (void)read("k");
  EXPECT_TRUE(eventually([&] { return census().copies == 1; }));
  EXPECT_EQ(census().outdated, 2u);
}

class RedisMirrorCluster : public RedisMirror {
 protected:
  RedisMirrorCluster() {
    servers_ = cluster_redis();
    for (const RedisServer& server : servers_) server.ask({"FLUSHALL"});
    options_.nodes = {servers_.front().address()};
    start();
  }

  const RedisServer& master_with_copies() const {
    for (const RedisServer& server : servers_) {
      const bool master =
          server.ask_text({"INFO", "replication"}).find("role:master") != std::string::npos;
      if (master && server.ask_text({"DBSIZE"}) != "0") return server;
    }
    check_failed("no master has copies", __FILE__, __LINE__);
  }
};

TEST_F(RedisMirrorCluster, Killed_master_is_replaced_and_nothing_old_is_read) {
  commit("k", "1");
  (void)read("k");
  const RedisServer killed = master_with_copies();
  killed.signal(SIGKILL);
  for (int i = 2; i < 6; ++i) {
    commit("k", std::to_string(i));
    EXPECT_EQ(read("k"), std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] { return is_copied("k"); }));
  EXPECT_EQ(read("k"), "5");
  bring_up("redis-cluster");
  EXPECT_EQ(read("k"), "5");
}

}  // namespace
}  // namespace longwire::test

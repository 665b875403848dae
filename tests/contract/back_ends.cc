#include "tests/contract/back_ends.h"

#include <cstdlib>
#include <filesystem>

#include "base/encoding.h"
#include "base/net/loop_thread.h"
#include "base/random.h"
#include "storage/embedded/embedded_directory.h"
#include "storage/embedded/embedded_store.h"
#include "storage/embedded/rocks_options.h"
#include "storage/hbase/hbase_store.h"
#include "storage/memory/memory_store.h"
#include "storage/mirror/mirror.h"
#include "storage/mysql/mysql_directory.h"
#include "storage/redis/router.h"
#include "tests/contract/fault_file_system.h"
#include "tests/contract/mysql_database.h"
#include "tests/support/manual_executor.h"

namespace longwire::test {
namespace {

constexpr std::uint64_t kPowerCutSeed = 20260101;

class MemoryBackEnd final : public BackEnd {
 public:
  MemoryBackEnd() { restart(); }
  middle::PartitionStore& store() override { return *store_; }
  middle::Directory& directory() override { return *directory_; }
  void restart() override {
    store_ = storage::make_memory_store(executor_, storage_);
    directory_ = storage::make_memory_directory(executor_, storage_);
  }
  void pump() override { executor_.run_until_idle(); }

 private:
  ManualClock clock_;
  ManualExecutor executor_{clock_};
  std::shared_ptr<storage::MemoryStorage> storage_ =
      storage::make_memory_storage(contract_storage_info());
  std::unique_ptr<middle::PartitionStore> store_;
  std::unique_ptr<middle::Directory> directory_;
};

// With `disk`, a restart is a power cut.
class EmbeddedBackEnd final : public BackEnd {
 public:
  explicit EmbeddedBackEnd(std::shared_ptr<FaultFileSystem> disk) : disk_(std::move(disk)) {
    open();
  }
  middle::PartitionStore& store() override { return *store_; }
  middle::Directory& directory() override { return *directory_; }
  void restart() override {
    if (disk_) disk_->cut_power();
    store_.reset();
    directory_.reset();
    if (disk_) disk_->restore_power();
    open();
  }
  void pump() override {}

 private:
  void open() {
    storage::EmbeddedStoreOptions options;
    options.path = where_.path() + "/partitions";
    options.create_with = contract_storage_info();
    auto store = storage::open_embedded_store_on(disk_, options, system_clock(), null_log());
    CHECK(store.ok());
    store_ = std::move(*store);
    auto directory =
        storage::open_embedded_directory({.path = where_.path() + "/directory.sqlite"});
    CHECK(directory.ok());
    directory_ = std::move(*directory);
  }

  TemporaryDirectory where_;
  std::shared_ptr<FaultFileSystem> disk_;
  std::unique_ptr<middle::PartitionStore> store_;
  std::unique_ptr<middle::Directory> directory_;
};

// Tables of its own on the HBase of hbase_gateway(). A restart is one of the store: servers are
// killed by hbase_test.py.
class HBaseBackEnd final : public BackEnd {
 public:
  HBaseBackEnd() {
    options_ = hbase_test_options();
    options_.create_with = contract_storage_info();
    restart();
  }
  ~HBaseBackEnd() override {
    store_.reset();
    CHECK(storage::hbase::remove_storage(options_, system_clock(), null_log()).ok());
  }
  HBaseBackEnd(const HBaseBackEnd&) = delete;
  HBaseBackEnd& operator=(const HBaseBackEnd&) = delete;
  middle::PartitionStore& store() override { return *store_; }
  middle::Directory& directory() override { check_failed("HBase holds no directory", __FILE__, 0); }
  void restart() override {
    store_.reset();
    auto store = storage::hbase::open_store(options_, system_clock(), null_log(), unseen_metrics());
    CHECK(store.ok());
    store_ = std::move(*store);
  }
  void pump() override {}

 private:
  storage::hbase::Options options_;
  std::unique_ptr<middle::PartitionStore> store_;
};

// Databases of its own on the servers of mysql_test.py. A restart is one of the directory: servers
// are killed by tests of their own.
class MySqlBackEnd final : public BackEnd {
 public:
  using Where = MySqlDatabase::Where;

  explicit MySqlBackEnd(Where where) : database_(where) { restart(); }
  // Half of all apps on a server, the others on a pair.
  struct TwoShards {};
  explicit MySqlBackEnd(TwoShards shards)
      : database_(Where::kServer),
        second_(std::make_unique<MySqlDatabase>(Where::kPair, database_.name())) {
    (void)shards;
    restart();
  }
  middle::PartitionStore& store() override {
    check_failed("MySQL holds no partitions", __FILE__, __LINE__);
  }
  middle::Directory& directory() override { return *directory_; }
  void restart() override {
    storage::mysql::Options options = database_.options();
    if (second_ != nullptr) {
      options = database_.with_shard("second", *second_);
      options.shard_apps = {"hash:32768-65535=second"};
    }
    directory_.reset();
    auto directory = storage::mysql::open_directory(
        options, {system_clock(), system_random(), null_log(), metrics_});
    CHECK(directory.ok());
    directory_ = std::move(*directory);
  }
  void pump() override {}

 private:
  MySqlDatabase database_;
  std::unique_ptr<MySqlDatabase> second_;  // null: there is one shard
  Metrics metrics_;
  std::unique_ptr<middle::Directory> directory_;
};

bool every_row(BytesView) { return true; }

// Another, behind a mirror of all its rows in a real Redis. A restart is one of both; what the
// mirror kept outlives it.
class MirroredBackEnd final : public BackEnd {
 public:
  MirroredBackEnd(std::unique_ptr<BackEnd> back_end, const std::string& node)
      : back_end_(std::move(back_end)) {
    options_.nodes = {node};
    // A busy machine's pauses are not to turn this into a test of the store alone.
    mirror_options_.wait = std::chrono::seconds(5);
    open();
  }
  middle::PartitionStore& store() override { return *mirror_; }
  middle::Directory& directory() override { return back_end_->directory(); }
  void restart() override {
    mirror_.reset();
    back_end_->restart();
    open();
  }
  void pump() override { back_end_->pump(); }

 private:
  void open() {
    auto router = storage::redis::make_router(options_, thread_.loop(), environment_);
    CHECK(router.ok());
    mirror_ = storage::mirror::make_mirror(back_end_->store(), std::move(*router), mirror_options_,
                                           every_row, environment_);
  }

  storage::redis::Options options_;
  storage::mirror::Options mirror_options_;
  Metrics metrics_;
  net::LoopThread thread_{"mirror"};
  const Environment environment_{thread_.loop(), system_clock(), system_random(), null_log(),
                                 metrics_};
  std::unique_ptr<BackEnd> back_end_;
  std::unique_ptr<middle::PartitionStore> mirror_;
};

BackEndKind memory() {
  return {"memory", [] { return std::make_unique<MemoryBackEnd>(); }};
}
BackEndKind embedded() {
  return {"embedded", [] { return std::make_unique<EmbeddedBackEnd>(nullptr); }};
}
BackEndKind embedded_power_cut() {
  return {
      "embedded_power_cut", [] {
        return std::make_unique<EmbeddedBackEnd>(std::make_shared<FaultFileSystem>(kPowerCutSeed));
      }};
}

BackEndKind mysql(const char* name, MySqlDatabase::Where where) {
  return {name, [where] { return std::make_unique<MySqlBackEnd>(where); }};
}

BackEndKind mysql_shards() {
  return {"mysql_shards", [] { return std::make_unique<MySqlBackEnd>(MySqlBackEnd::TwoShards()); }};
}

BackEndKind hbase() {
  return {"hbase", [] { return std::make_unique<HBaseBackEnd>(); }};
}

// A running server, of a cluster any: the first of those named.
std::optional<std::string> redis_node(const char* variable) {
  const char* nodes = std::getenv(variable);
  if (nodes == nullptr) return std::nullopt;
  const std::string all(nodes);
  return all.substr(0, all.find(','));
}

BackEndKind mirrored(const BackEndKind& kind, const std::string& on, const std::string& node) {
  return {kind.name + "_" + on,
          [kind, node] { return std::make_unique<MirroredBackEnd>(kind.make(), node); }};
}

}  // namespace

std::vector<BackEndKind> store_back_ends() {
  std::vector<BackEndKind> kinds = {memory(), embedded(), embedded_power_cut()};
  if (hbase_gateway()) kinds.push_back(hbase());
  const auto redis = redis_node("LONGWIRE_TEST_REDIS");
  if (redis) kinds.push_back(mirrored(hbase_gateway() ? hbase() : embedded(), "redis", *redis));
  const auto cluster = redis_node("LONGWIRE_TEST_REDIS_CLUSTER");
  if (cluster) kinds.push_back(mirrored(embedded(), "redis_cluster", *cluster));
  return kinds;
}

std::optional<std::string> hbase_gateway() {
  const char* gateway = std::getenv("LONGWIRE_TEST_HBASE_GATEWAY");
  if (gateway == nullptr) return std::nullopt;
  return gateway;
}

storage::hbase::Options hbase_test_options() {
  storage::hbase::Options options;
  options.gateways = {hbase_gateway().value()};
  options.table_prefix = "test-" + hex_encode(system_random().bytes(6));
  options.regions = 1;
  options.commit_connections = 4;
  options.read_connections = 2;
  options.derive_connections = 1;
  options.sweep_every = std::chrono::milliseconds(0);
  return options;
}

std::vector<BackEndKind> directory_back_ends() {
  std::vector<BackEndKind> kinds = {memory(), embedded()};
  using Where = MySqlDatabase::Where;
  if (MySqlDatabase::has(Where::kServer)) kinds.push_back(mysql("mysql", Where::kServer));
  if (MySqlDatabase::has(Where::kPair)) {
    kinds.push_back(mysql("mysql_pair", Where::kPair));
    kinds.push_back(mysql_shards());
  }
  return kinds;
}

TemporaryDirectory::TemporaryDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "longwire-test-XXXXXX").string();
  CHECK(::mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

middle::StorageInfo contract_storage_info() {
  middle::StorageInfo info;
  info.partitions = kPartitions;
  info.incarnation = middle::Incarnation("0123456789abcdef");
  return info;
}

}  // namespace longwire::test

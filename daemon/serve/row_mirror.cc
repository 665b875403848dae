#include "daemon/serve/row_mirror.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <utility>

#include "base/net/loop_thread.h"
#include "daemon/serve/wait.h"
#include "middle/registry/hot_rows.h"
#include "storage/mirror/mirror.h"
#include "storage/redis/router.h"

namespace longwire::daemon {
namespace {

using storage::redis::Command;
using storage::redis::Reply;
using storage::redis::Router;

Error no_redis(const StorageConfig& config, const Error& error) {
  return {error.code,
          fmt::format("storage.cache is redis, and redis.nodes ({}) give no answer: {}; on one "
                      "machine `./dev services up redis` starts one",
                      fmt::join(config.redis.nodes, ", "), error.message)};
}

Environment on_loop(net::LoopThread& thread, const Environment& environment) {
  return {thread.loop(), environment.clock, environment.random, environment.log,
          environment.metrics};
}

class MirroredBackEnds final : public BackEnds {
 public:
  MirroredBackEnds(std::unique_ptr<BackEnds> back_ends, const StorageConfig& config)
      : config_(config), back_ends_(std::move(back_ends)) {}

  Status open(const Environment& environment) {
    const Environment own = on_loop(thread_, environment);
    auto router = storage::redis::make_router(config_.redis, thread_.loop(), own);
    if (!router.ok()) return router.error();
    greet(**router, Logger(environment.log, "mirror"));
    mirror_ = storage::mirror::make_mirror(back_ends_->partitions(), std::move(*router),
                                           config_.mirror, middle::is_hot_row, own);
    return {};
  }

  middle::PartitionStore& partitions() override { return *mirror_; }
  middle::Directory& directory() override { return back_ends_->directory(); }
  Status backup(const std::filesystem::path& target) override { return back_ends_->backup(target); }
  Status check_directory() override { return back_ends_->check_directory(); }

 private:
  // Tells whoever starts us that something is missing.
  void greet(Router& router, const Logger& log) {
    const auto answer = wait_on<Reply>(thread_, [&](Callback<Reply> done) {
      router.send({.words = {"PING"}, .key = {}, .repeatable = true}, std::move(done));
    });
    if (!answer.ok())
      log.warn("redis_missing", {{"error", no_redis(config_, answer.error()).message}});
  }

  const StorageConfig& config_;
  net::LoopThread thread_{"mirror"};  // outlives the store, whose answers may come to it
  const std::unique_ptr<BackEnds> back_ends_;
  std::unique_ptr<middle::PartitionStore> mirror_;
};

}  // namespace

Result<std::unique_ptr<BackEnds>> add_row_mirror(std::unique_ptr<BackEnds> back_ends,
                                                 const StorageConfig& config,
                                                 const Environment& environment) {
  auto mirrored = std::make_unique<MirroredBackEnds>(std::move(back_ends), config);
  TRY(mirrored->open(environment));
  return std::unique_ptr<BackEnds>(std::move(mirrored));
}

Result<storage::mirror::MirrorCensus> count_copies(const StorageConfig& config,
                                                   const middle::StorageInfo& info,
                                                   const Environment& environment) {
  using storage::mirror::MirrorCensus;
  net::LoopThread thread("census");
  auto router =
      storage::redis::make_router(config.redis, thread.loop(), on_loop(thread, environment));
  if (!router.ok()) return router.error();
  auto census = wait_on<MirrorCensus>(thread, [&](Callback<MirrorCensus> done) {
    storage::mirror::take_census(**router, info, std::move(done));
  });
  thread.call([&] { router->reset(); });
  if (!census.ok()) return no_redis(config, census.error());
  return census;
}

std::string cache_place(const StorageConfig& config) {
  if (config.cache != kCacheRedis) return "no cache beside the server's own memory";
  return fmt::format("Redis at {}", fmt::join(config.redis.nodes, ", "));
}

}  // namespace longwire::daemon

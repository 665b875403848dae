#include "storage/mysql/shard.h"

#include "storage/mysql/placement.h"
#include "storage/mysql/schema.h"

namespace longwire::storage::mysql {
namespace {

constexpr std::size_t kKeeperBytes = 16;

Status must_be_made(const Options& options) {
  const auto state = check_schema(options);
  if (!state) return state.error();
  if (state->version == 0) {
    return Error{ErrorCode::kCorrupt, "the MySQL database " + options.database +
                                          " has no tables: apps, users and rosters of this "
                                          "storage are lost; restore from a backup"};
  }
  if (options.migrate || state->steps.empty()) return {};
  return Error{ErrorCode::kUnsupported,
               "the tables in the MySQL database " + options.database +
                   " are of an older version: a start, or `longwire storage init`, changes them"};
}

Status must_be_alone(const Options& options) {
  auto connection = Connection::open(options, Connection::Mode::kReads);
  return connection ? must_be_no_pair(**connection) : Status(connection.error());
}

}  // namespace

Shard::Shard(Options options, Surroundings around)
    : options_(std::move(options)), around_(around), metrics_(around.metrics) {
  for (const std::string& address : {options_.address, options_.peer}) {
    if (address.empty()) continue;
    servers_.push_back(std::make_unique<Health>(around_.log, address, metrics_.up(address)));
  }
  if (!options_.peer.empty()) {
    pair_ = std::make_unique<Pair>(PairParts{.options = options_,
                                             .servers = servers_,
                                             .clock = around_.clock,
                                             .me = around_.random.bytes(kKeeperBytes),
                                             .log = around_.log,
                                             .metrics = metrics_});
  }
  const SessionParts parts{options_, around_.clock, around_.random, servers_, pair_.get(), stop_};
  for (std::int64_t i = 0; i < options_.write_connections; ++i) {
    writers_.push_back(
        std::make_unique<Line>(parts, Connection::Mode::kWrites,
                               Line::Size{.threads = 1, .queued_max = options_.writes_queued_max}));
  }
  readers_ = std::make_unique<Line>(
      parts, Connection::Mode::kReads,
      Line::Size{.threads = options_.read_connections, .queued_max = options_.reads_queued_max});
}

Shard::~Shard() { stop_.stop(); }

Result<Options> Shard::where() const {
  if (!pair_) return options_;
  if (const auto holder = pair_->holder()) return options_.at(servers_[*holder]->address());
  return Error{ErrorCode::kUnavailable, "nobody knows which server of the MySQL pair is written to",
               options_.retry_after};
}

Status Shard::open(bool create) {
  if (pair_) TRY(pair_->wait_until_open());
  const auto options = where();
  if (!options) return options.error();
  if (!create) TRY(must_be_made(*options));
  if (!pair_) TRY(must_be_alone(*options));
  const auto prepared = prepare_schema(*options);
  if (!prepared) return prepared.error();
  const Logger logger(around_.log, "mysql");
  for (const std::string& step : prepared->steps) logger.info("schema_changed", {{"step", step}});
  if (const Status status = forget_old_writers(*options); !status.ok()) {
    logger.warn("old_writers_stay", {{"error", status.error().message}});
  }
  return {};
}

}  // namespace longwire::storage::mysql

#include "storage/hbase/hbase_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/hbase/client_pool.h"
#include "storage/hbase/counted_connection.h"
#include "storage/hbase/deriver.h"
#include "storage/hbase/format.h"
#include "storage/hbase/gateway_list.h"
#include "storage/hbase/gateway_probe.h"
#include "storage/hbase/partition_log.h"
#include "storage/hbase/row_reader.h"
#include "storage/hbase/strand.h"
#include "storage/hbase/sweeper.h"
#include "storage/hbase/tables.h"
#include "storage/hbase/thrift_connection.h"

namespace longwire::storage::hbase {
namespace {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Row;
using middle::StorageInfo;
using middle::WriterId;

ConnectGateway connect_within(const Options& options, std::chrono::milliseconds call_timeout) {
  ThriftLimits limits;
  limits.connect_timeout = options.connect_timeout;
  limits.call_timeout = call_timeout;
  limits.value_bytes_max = static_cast<std::int32_t>(options.value_bytes_max);
  limits.items_max = static_cast<std::int32_t>(options.answer_items_max);
  limits.answer_bytes_max = static_cast<std::int32_t>(options.answer_bytes_max);
  return [limits](const std::string& address) { return connect_thrift(address, limits); };
}

// Letters, digits, "_", "-" and "."; the last may not come first: HBase's rule for tables.
bool is_table_prefix(const std::string& prefix) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !prefix.empty() && prefix.size() <= 100 && prefix[0] != '.' && prefix[0] != '-' &&
         std::all_of(prefix.begin(), prefix.end(), allowed);
}

Status check(const Options& options) {
  if (options.gateways.empty()) {
    return Error{ErrorCode::kInvalidArgument, "hbase.gateways names none"};
  }
  if (is_table_prefix(options.table_prefix)) return {};
  return Error{ErrorCode::kInvalidArgument,
               "hbase.table_prefix: letters, digits, _ and - only: " + options.table_prefix};
}

// Runs `work(link)` with a link of its own, whose calls take `call_timeout` at most.
template <typename Work>
auto with_link(Options options, std::chrono::milliseconds call_timeout, const Clock& clock,
               LogSink& log, Work work) -> decltype(work(std::declval<Link&>(), options)) {
  TRY(check(options));
  if (!options.connect) options.connect = connect_within(options, call_timeout);
  GatewayList gateways(options, clock, log, unseen_metrics());
  Link link(options, gateways, clock);
  return work(link, options);
}

// Members are destroyed from the last: first the threads, then what they work on.
class HBaseStore final : public middle::PartitionStore {
 public:
  HBaseStore(Options options, StorageInfo info, const Clock& clock, LogSink& log, Metrics& metrics)
      : options_(std::move(options)),
        info_(std::move(info)),
        gateways_(options_, clock, log, metrics),
        rows_(options_, clock) {
    for (PartitionId id = 0; id < info_.partitions; ++id) {
      logs_.push_back(std::make_unique<PartitionLog>(id, options_, info_, metrics));
    }
    deriver_ = std::make_unique<Deriver>(options_, gateways_, clock, log);
    readers_ = std::make_unique<ClientPool>(
        ClientPool::Size{options_.read_connections, options_.reads_queued_max}, options_, gateways_,
        clock);
    committers_ = std::make_unique<ClientPool>(
        ClientPool::Size{options_.commit_connections, options_.commits_queued_max}, options_,
        gateways_, clock);
    for (PartitionId id = 0; id < info_.partitions; ++id) {
      strands_.push_back(std::make_unique<Strand>(*committers_));
    }
    probe_ = std::make_unique<GatewayProbe>(options_, gateways_);
    sweeper_ = std::make_unique<Sweeper>(options_, gateways_, clock, logs_);
  }
  // The pools answer what is queued, and their jobs use all of the rest. With HBase away each has a
  // call under way that times out: they are waited for together.
  ~HBaseStore() override {
    sweeper_->stop();
    probe_->stop();
    committers_->stop();
    readers_->stop();
    deriver_->stop();
    sweeper_.reset();
    probe_.reset();
    committers_.reset();
    readers_.reset();
    deriver_.reset();
  }
  HBaseStore(const HBaseStore&) = delete;
  HBaseStore& operator=(const HBaseStore&) = delete;

  const StorageInfo& info() const override { return info_; }

  void open(PartitionId partition, WriterId writer, Callback<Head> done) override {
    write<Head>(partition, std::move(done), [writer = std::move(writer)](auto& log, Link& link) {
      return log.open(link, writer);
    });
  }

  void commit(PartitionId partition, const WriterId& writer, middle::Position position,
              middle::BatchPtr batch, Callback<CommitOutcome> done) override {
    write<CommitOutcome>(partition, std::move(done),
                         [writer, position, batch = std::move(batch)](auto& log, Link& link) {
                           return log.commit(link, writer, position, batch);
                         });
  }

  void head(PartitionId partition, Callback<Head> done) override {
    read<Head>(partition, std::move(done), [](PartitionLog& log, Link& link) -> Result<Head> {
      auto stored = log.reader().head(link);
      if (!stored) return std::move(stored).error();
      return std::move(stored->log.head);
    });
  }

  void get(PartitionId partition, std::vector<Bytes> keys, Callback<RowValues> done) override {
    read<RowValues>(partition, std::move(done),
                    [this, keys = std::move(keys)](PartitionLog& log, Link& link) {
                      return rows_.get(link, log, keys);
                    });
  }

  void scan(PartitionId partition, middle::ScanRequest request,
            Callback<std::vector<Row>> done) override {
    read<std::vector<Row>>(partition, std::move(done),
                           [this, request = std::move(request)](PartitionLog& log, Link& link) {
                             return rows_.scan(link, log, request);
                           });
  }

 private:
  template <typename T>
  static void refuse_partition(ClientPool& pool, Callback<T> done) {
    pool.submit([done = std::move(done)](const Result<Link*>&) mutable {
      done(Error{ErrorCode::kInvalidArgument, "no such partition"});
    });
  }

  template <typename T, typename Work>
  void write(PartitionId partition, Callback<T> done, Work work) {
    if (partition >= logs_.size()) return refuse_partition(*committers_, std::move(done));
    PartitionLog& log = *logs_[partition];
    strands_[partition]->submit(
        [this, &log, done = std::move(done), work = std::move(work)](Result<Link*> link) mutable {
          if (!link) return done(std::move(link).error());
          Result<T> result = work(log, **link);
          if (result.ok()) deriver_->wake(log);
          done(std::move(result));
        });
  }

  template <typename T, typename Work>
  void read(PartitionId partition, Callback<T> done, Work work) {
    if (partition >= logs_.size()) return refuse_partition(*readers_, std::move(done));
    PartitionLog& log = *logs_[partition];
    readers_->submit(
        [&log, done = std::move(done), work = std::move(work)](Result<Link*> link) mutable {
          if (!link) return done(std::move(link).error());
          done(work(log, **link));
        });
  }

  const Options options_;
  const StorageInfo info_;
  GatewayList gateways_;
  const RowReader rows_;
  std::vector<std::unique_ptr<PartitionLog>> logs_;
  std::vector<std::unique_ptr<Strand>> strands_;
  std::unique_ptr<Deriver> deriver_;
  std::unique_ptr<ClientPool> readers_;
  std::unique_ptr<ClientPool> committers_;
  std::unique_ptr<GatewayProbe> probe_;
  std::unique_ptr<Sweeper> sweeper_;
};

}  // namespace

Result<std::unique_ptr<middle::PartitionStore>> open_store(Options options, const Clock& clock,
                                                           LogSink& log, Metrics& metrics) {
  auto info = options.create_with ? init_storage(options, *options.create_with, clock, log)
                                  : inspect_storage(options, clock, log);
  if (!info) return std::move(info).error();
  if (!options.connect) options.connect = connect_within(options, options.call_timeout);
  options.connect = count_calls(std::move(options.connect), clock, metrics);
  return std::unique_ptr<middle::PartitionStore>(
      std::make_unique<HBaseStore>(std::move(options), std::move(*info), clock, log, metrics));
}

Result<StorageInfo> init_storage(Options options, const StorageInfo& info, const Clock& clock,
                                 LogSink& log) {
  const auto timeout = options.admin_timeout;
  return with_link(std::move(options), timeout, clock, log, [&](Link& link, const Options& given) {
    return make_storage(link, given, info);
  });
}

Result<std::vector<std::string>> planned_steps(Options options, const StorageInfo& info,
                                               const Clock& clock, LogSink& log) {
  const auto timeout = options.call_timeout;
  return with_link(std::move(options), timeout, clock, log, [&](Link& link, const Options& given) {
    return making_steps(link, given, info);
  });
}

Result<StorageInfo> inspect_storage(Options options, const Clock& clock, LogSink& log) {
  const auto timeout = options.call_timeout;
  return with_link(std::move(options), timeout, clock, log, check_storage);
}

Status replace_info(Options options, const StorageInfo& from, const StorageInfo& to,
                    const Clock& clock, LogSink& log) {
  const auto timeout = options.call_timeout;
  return with_link(std::move(options), timeout, clock, log, [&](Link& link, const Options& given) {
    return replace_info(link, given, from, to);
  });
}

Status remove_storage(Options options, const Clock& clock, LogSink& log) {
  const auto timeout = options.admin_timeout;
  return with_link(std::move(options), timeout, clock, log, drop_storage);
}

}  // namespace longwire::storage::hbase

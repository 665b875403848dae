#pragma once

// MirroredStore: see mirror.h. Private to this folder.

#include <memory>
#include <vector>

#include "base/environment.h"
#include "storage/mirror/mirror.h"
#include "storage/mirror/partition_mirror.h"

namespace longwire::storage::mirror {

// The part on the loop. Shared with answers that may come after the store's end.
class MirrorLoop final : public std::enable_shared_from_this<MirrorLoop> {
 public:
  using Values = std::vector<std::optional<Bytes>>;

  MirrorLoop(middle::PartitionStore& store, std::unique_ptr<redis::Router> router,
             const Options& options, WorthCopying worth_copying, const Environment& environment);

  // On the loop, in the order of the calls; not where it is closed by then. Any thread.
  template <typename Step>
  void tell(middle::PartitionId partition, Step step) {
    executor_.post(make_task(partition, std::move(step)));
  }
  // The same, where it is time enough when another call is told, or read.
  template <typename Step>
  void tell_quietly(middle::PartitionId partition, Step step) {
    executor_.post_quietly(make_task(partition, std::move(step)));
  }

  // Loop-bound.
  void get(middle::PartitionId partition, std::vector<Bytes> keys, Callback<Values> done);
  // Lets go of it once all copies are written, or given up.
  void hold_until_written(const std::shared_ptr<void>& held);
  void close();

 private:
  struct Read;

  template <typename Step>
  Task make_task(middle::PartitionId partition, Step step) {
    return [self = shared_from_this(), partition, s = std::move(step)]() mutable {
      if (self->store_ != nullptr && self->has(partition)) s(*self->mirrors_[partition]);
    };
  }
  // A store refuses those that it does not have.
  bool has(middle::PartitionId partition) const { return partition < mirrors_.size(); }

  void take(const std::shared_ptr<Read>& read, std::vector<Copy> copies);
  void load(const std::shared_ptr<Read>& read);
  void loaded(const std::shared_ptr<Read>& read, Result<Values> values);

  middle::PartitionStore* store_;  // null: closed
  std::unique_ptr<redis::Router> router_;
  const Options options_;
  Executor& executor_;
  MirrorNews news_;
  MirrorMetrics metrics_;
  const MirrorWorld world_;
  std::vector<std::shared_ptr<PartitionMirror>> mirrors_;
};

// Thread-safe.
class MirroredStore final : public middle::PartitionStore {
 public:
  MirroredStore(middle::PartitionStore& store, std::unique_ptr<redis::Router> router,
                const Options& options, WorthCopying worth_copying, const Environment& environment);
  ~MirroredStore() override;
  MirroredStore(const MirroredStore&) = delete;
  MirroredStore& operator=(const MirroredStore&) = delete;

  const middle::StorageInfo& info() const override { return store_.info(); }
  void open(middle::PartitionId partition, middle::WriterId writer,
            Callback<middle::Head> done) override;
  void commit(middle::PartitionId partition, const middle::WriterId& writer,
              middle::Position position, middle::BatchPtr batch,
              Callback<middle::CommitOutcome> done) override;
  void head(middle::PartitionId partition, Callback<middle::Head> done) override;
  void get(middle::PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override;
  void scan(middle::PartitionId partition, middle::ScanRequest request,
            Callback<std::vector<middle::Row>> done) override;

 private:
  middle::PartitionStore& store_;
  const WorthCopying worth_copying_;
  Executor& executor_;
  const std::shared_ptr<MirrorLoop> loop_;  // shared: with answers
};

}  // namespace longwire::storage::mirror

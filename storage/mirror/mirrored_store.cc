#include "storage/mirror/mirrored_store.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace longwire::storage::mirror {
namespace {

using middle::BatchPtr;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::WriterId;

constexpr std::chrono::seconds kWrittenWithin{2};

// Lets go of its future's other half when it is destroyed: whoever waits for a thing to be let go.
class Waited final {
 public:
  std::future<void> future() { return over_.get_future(); }
  ~Waited() { over_.set_value(); }

 private:
  std::promise<void> over_;
};

}  // namespace

// A get() on its way.
struct MirrorLoop::Read {
  PartitionId partition = 0;
  std::vector<Bytes> keys;
  Callback<Values> done;
  Values values;                     // known so far
  std::vector<std::size_t> missing;  // places of the others
  PartitionMirror::Load load;
  bool answered = false;  // by Redis, or for it
  TimerId timer = TimerId::kNone;
};

MirrorLoop::MirrorLoop(middle::PartitionStore& store, std::unique_ptr<redis::Router> router,
                       const Options& options, WorthCopying worth_copying,
                       const Environment& environment)
    : store_(&store),
      router_(std::move(router)),
      options_(options),
      executor_(environment.executor),
      news_(environment.log),
      metrics_(environment.metrics),
      world_{*router_,          options_,           store.info(), worth_copying,
             environment.clock, environment.random, news_,        metrics_} {
  for (PartitionId id = 0; id < store.info().partitions; ++id)
    mirrors_.push_back(std::make_shared<PartitionMirror>(id, world_));
}

void MirrorLoop::get(PartitionId partition, std::vector<Bytes> keys, Callback<Values> done) {
  auto read = std::make_shared<Read>();
  read->partition = partition;
  read->keys = std::move(keys);
  read->done = std::move(done);
  mirrors_[partition]->read(read->keys,
                            [self = shared_from_this(), read](std::vector<Copy> copies) {
                              if (read->answered) return;
                              self->executor_.cancel(read->timer);
                              self->take(read, std::move(copies));
                            });
  if (read->answered) return;
  read->timer = executor_.schedule(options_.wait, [self = shared_from_this(), read] {
    if (read->answered) return;
    self->mirrors_[read->partition]->late();
    self->take(read, std::vector<Copy>(read->keys.size()));
  });
}

void MirrorLoop::take(const std::shared_ptr<Read>& read, std::vector<Copy> copies) {
  read->answered = true;
  read->values.resize(copies.size());
  for (std::size_t i = 0; i < copies.size(); ++i) {
    if (copies[i].known) {
      read->values[i] = std::move(copies[i].value);
    } else {
      read->missing.push_back(i);
    }
  }
  if (read->missing.empty()) return read->done(std::move(read->values));
  load(read);
}

void MirrorLoop::load(const std::shared_ptr<Read>& read) {
  if (store_ == nullptr) return read->done(Error{ErrorCode::kUnavailable, "the storage is closed"});
  std::vector<Bytes> keys;
  for (const std::size_t place : read->missing) keys.push_back(read->keys[place]);
  read->load = mirrors_[read->partition]->begin_load(keys);
  store_->get(read->partition, std::move(keys),
              [self = shared_from_this(), read](Result<Values> values) mutable {
                Executor& executor = self->executor_;
                executor.post([s = std::move(self), read, v = std::move(values)]() mutable {
                  s->loaded(read, std::move(v));
                });
              });
}

void MirrorLoop::loaded(const std::shared_ptr<Read>& read, Result<Values> values) {
  if (store_ != nullptr)
    mirrors_[read->partition]->end_load(read->load, values ? &*values : nullptr);
  if (!values) return read->done(values.error());
  for (std::size_t i = 0; i < read->missing.size(); ++i)
    read->values[read->missing[i]] = std::move((*values)[i]);
  read->done(std::move(read->values));
}

void MirrorLoop::hold_until_written(const std::shared_ptr<void>& held) {
  for (const auto& mirror : mirrors_) mirror->hold_until_written(held);
}

void MirrorLoop::close() {
  for (const auto& mirror : mirrors_) mirror->close();
  store_ = nullptr;
  router_.reset();
}

MirroredStore::MirroredStore(middle::PartitionStore& store, std::unique_ptr<redis::Router> router,
                             const Options& options, WorthCopying worth_copying,
                             const Environment& environment)
    : store_(store),
      worth_copying_(worth_copying),
      executor_(environment.executor),
      loop_(std::make_shared<MirrorLoop>(store, std::move(router), options, worth_copying,
                                         environment)) {}

MirroredStore::~MirroredStore() {
  if (executor_.in_loop()) {
    loop_->close();
    return;
  }
  auto written = std::make_shared<Waited>();  // shared: by all partitions that still write
  auto future = written->future();
  executor_.post([loop = loop_, w = std::move(written)]() mutable { loop->hold_until_written(w); });
  future.wait_for(kWrittenWithin);
  auto closed = std::make_shared<Waited>();
  future = closed->future();
  executor_.post([loop = loop_, c = std::move(closed)] { loop->close(); });
  future.wait();
}

void MirroredStore::open(PartitionId partition, WriterId writer, Callback<Head> done) {
  loop_->tell(partition, [writer](PartitionMirror& mirror) { mirror.opening(writer); });
  store_.open(partition, writer,
              [loop = loop_, partition, writer, d = std::move(done)](Result<Head> head) mutable {
                if (head) {
                  loop->tell(partition, [writer, h = *head](PartitionMirror& mirror) {
                    mirror.opened(writer, h);
                  });
                }
                d(std::move(head));
              });
}

void MirroredStore::commit(PartitionId partition, const WriterId& writer, Position position,
                           BatchPtr batch, Callback<CommitOutcome> done) {
  // Its answer will wake the loop, and a read meanwhile comes behind it: no need to do it twice.
  loop_->tell_quietly(partition, [writer, position, batch](PartitionMirror& mirror) {
    mirror.committing(writer, position, batch);
  });
  store_.commit(partition, writer, position, std::move(batch),
                [loop = loop_, partition, writer, position,
                 d = std::move(done)](Result<CommitOutcome> outcome) mutable {
                  loop->tell(partition, [writer, position, o = outcome](PartitionMirror& mirror) {
                    if (!o) return mirror.in_doubt(writer);
                    if (*o == CommitOutcome::kDeposed) return mirror.deposed(writer);
                    mirror.committed(writer, position);
                  });
                  d(std::move(outcome));
                });
}

void MirroredStore::head(PartitionId partition, Callback<Head> done) {
  store_.head(partition, [loop = loop_, partition, d = std::move(done)](Result<Head> head) mutable {
    if (head) {
      loop->tell(partition, [h = *head](PartitionMirror& mirror) { mirror.head_seen(h); });
    }
    d(std::move(head));
  });
}

void MirroredStore::get(PartitionId partition, std::vector<Bytes> keys,
                        Callback<std::vector<std::optional<Bytes>>> done) {
  const bool any = std::any_of(keys.begin(), keys.end(), worth_copying_);
  if (!any || partition >= info().partitions)
    return store_.get(partition, std::move(keys), std::move(done));
  executor_.post([loop = loop_, partition, k = std::move(keys), d = std::move(done)]() mutable {
    loop->get(partition, std::move(k), std::move(d));
  });
}

void MirroredStore::scan(PartitionId partition, middle::ScanRequest request,
                         Callback<std::vector<middle::Row>> done) {
  store_.scan(partition, std::move(request), std::move(done));
}

std::unique_ptr<middle::PartitionStore> make_mirror(middle::PartitionStore& store,
                                                    std::unique_ptr<redis::Router> router,
                                                    const Options& options,
                                                    WorthCopying worth_copying,
                                                    const Environment& environment) {
  return std::make_unique<MirroredStore>(store, std::move(router), options, worth_copying,
                                         environment);
}

}  // namespace longwire::storage::mirror

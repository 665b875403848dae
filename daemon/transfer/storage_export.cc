#include "daemon/transfer/storage_export.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/transfer/partition_writer.h"
#include "daemon/transfer/patience.h"
#include "daemon/transfer/topic_settling.h"

namespace longwire::daemon {
namespace {

using Rows = std::vector<middle::Row>;

constexpr std::size_t kRowsPerScan = 5000;  // in practice bounded by the bytes of a page
constexpr std::size_t kItemsPerPage = 1000;
const Bytes kBehindAllKeys(4096, '\xff');

// Reads all rows of one storage, in order, into an encoder.
class StorageReader final {
 public:
  StorageReader(BackEnds& back_ends, Environment environment, MoveEncoder& encoder,
                const MoveProgress& progress)
      : store_(back_ends.partitions()),
        directory_(back_ends.directory()),
        environment_(environment),
        encoder_(encoder),
        progress_(progress) {}

  Status read_partition(middle::PartitionId partition) {
    const auto head =
        ask<middle::Head>([&](auto done) { store_.head(partition, std::move(done)); });
    if (!head.ok()) return head.error();
    TRY(encoder_.begin_partition({partition, head->stamp, head->state}));
    Bytes from;
    for (;;) {
      const auto rows = scan(partition, from);
      if (!rows.ok()) return rows.error();
      if (rows->empty()) return encoder_.end_partition();
      for (const middle::Row& row : *rows) {
        if (row.expires && *row.expires < environment_.clock.now()) continue;
        TRY(encoder_.add(row));
      }
      from = rows->back().key + '\0';
      progress_(fmt::format("partition {} of {}, {} rows", partition + 1, store_.info().partitions,
                            encoder_.so_far().all().rows));
    }
  }

  Status read_directory() {
    const auto apps =
        ask<std::vector<middle::App>>([&](auto done) { directory_.list_apps(std::move(done)); });
    if (!apps.ok()) return apps.error();
    for (const middle::App& app : *apps) TRY(encoder_.add(app));
    TRY(read_pages<middle::User>([&](const middle::User& after, auto done) {
      directory_.list_users(after.account, kItemsPerPage, std::move(done));
    }));
    TRY(read_pages<middle::RosterItem>([&](const middle::RosterItem& after, auto done) {
      directory_.list_roster(after, kItemsPerPage, std::move(done));
    }));
    TRY(read_pages<middle::TopicRow>([&](const middle::TopicRow& after, auto done) {
      directory_.list_topics(after, kItemsPerPage, std::move(done));
    }));
    TRY(read_pages<middle::CounterRow>([&](const middle::CounterRow& after, auto done) {
      directory_.list_counters(after, kItemsPerPage, std::move(done));
    }));
    const auto version =
        ask<std::uint64_t>([&](auto done) { directory_.roster_version(std::move(done)); });
    return version.ok() ? encoder_.end_directory(*version) : Status(version.error());
  }

 private:
  template <typename T, typename Start>
  Result<T> ask(Start start) {
    return patiently<T>(environment_.executor, std::move(start));
  }

  Result<Rows> scan(middle::PartitionId partition, const Bytes& from) {
    return ask<Rows>([&](Callback<Rows> done) {
      middle::ScanRequest request;
      request.from = from;
      request.to = kBehindAllKeys;
      request.rows_max = kRowsPerScan;
      store_.scan(partition, std::move(request), std::move(done));
    });
  }

  template <typename Item, typename List>
  Status read_pages(List list) {
    Item after;
    for (;;) {
      const auto page = ask<std::vector<Item>>([&](auto done) { list(after, std::move(done)); });
      if (!page.ok()) return page.error();
      if (page->empty()) return {};
      for (const Item& item : *page) TRY(encoder_.add(item));
      after = page->back();
      progress_(fmt::format("directory, {} rows", encoder_.so_far().directory.rows));
    }
  }

  middle::PartitionStore& store_;
  middle::Directory& directory_;
  Environment environment_;
  MoveEncoder& encoder_;
  const MoveProgress& progress_;
};

}  // namespace

Status write_storage(BackEnds& back_ends, Environment environment, MoveEncoder& encoder,
                     const MoveProgress& progress) {
  StorageReader reader(back_ends, environment, encoder, progress);
  const middle::StorageInfo& info = back_ends.partitions().info();
  TRY(encoder.begin({info, environment.clock.now()}));
  for (std::uint16_t partition = 0; partition < info.partitions; ++partition) {
    const Status read = reader.read_partition(partition);
    if (read.ok()) continue;
    Error error = read.error();
    error.message = fmt::format("partition {}: {}", partition, error.message);
    return error;
  }
  return reader.read_directory();
}

Result<MoveSummary> export_storage(BackEnds& back_ends, Environment environment, ByteSink& sink,
                                   const MoveProgress& progress) {
  auto writers = take_over_all(back_ends.partitions(), environment.executor, environment.random);
  if (!writers.ok()) return writers.error();
  for (std::size_t i = 0; i < writers->size(); ++i) {
    TRY(settle_topics(back_ends.partitions(), back_ends.directory(), environment.executor,
                      static_cast<middle::PartitionId>(i), (*writers)[i]));
  }
  MoveEncoder encoder(sink);
  TRY(write_storage(back_ends, environment, encoder, progress));
  TRY(must_be_ours(*writers));
  return encoder.end();
}

}  // namespace longwire::daemon

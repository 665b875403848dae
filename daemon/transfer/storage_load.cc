#include "daemon/transfer/storage_load.h"

#include <fmt/format.h>

#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/transfer/partition_writer.h"
#include "daemon/transfer/patience.h"
#include "daemon/transfer/topic_settling.h"

namespace longwire::daemon {
namespace {

Error not_empty(const std::string& what) {
  return {ErrorCode::kAlreadyExists,
          fmt::format("the storage is not empty, it holds {}: import into a new one that nothing "
                      "was served from",
                      what)};
}

// Writes records, one after the other.
class StorageLoader final {
 public:
  StorageLoader(BackEnds& back_ends, Environment environment, std::vector<PartitionWriter>& writers)
      : directory_(back_ends.directory()), environment_(environment), writers_(writers) {}

  Status load(MovePartition partition) {
    partition_ = std::move(partition);
    return writer().commit({}, partition_.state, partition_.stamp);
  }

  Status load(MoveRows rows) {
    std::vector<middle::RowWrite> writes;
    writes.reserve(rows.size());
    for (middle::Row& row : rows) {
      if (is_topic_change(row.key)) {
        return Error{ErrorCode::kCorrupt,
                     "the file has changes of topics that are not in its index: it was not made by "
                     "`longwire storage export`"};
      }
      writes.push_back({std::move(row.key), std::move(row.value), row.expires});
    }
    return writer().commit(std::move(writes), partition_.state, partition_.stamp);
  }

  Status load(const middle::DirectoryRows& rows) {
    return patiently<void>(environment_.executor,
                           [&](Callback<void> done) { directory_.load(rows, std::move(done)); });
  }

 private:
  PartitionWriter& writer() { return writers_[partition_.number]; }

  middle::Directory& directory_;
  Environment environment_;
  std::vector<PartitionWriter>& writers_;
  MovePartition partition_;
};

Result<MoveSummary> load_records(StorageLoader& loader, MoveDecoder& decoder,
                                 const MoveProgress& progress) {
  std::uint64_t rows = 0;
  for (;;) {
    auto record = decoder.next();
    if (!record.ok()) return std::move(record).error();
    if (auto* summary = std::get_if<MoveSummary>(&*record)) return std::move(*summary);
    if (const auto* group = std::get_if<MoveRows>(&*record)) rows += group->size();
    TRY(std::visit(
        [&](auto& each) -> Status {
          if constexpr (std::is_same_v<std::decay_t<decltype(each)>, MoveSummary>) {
            return {};
          } else {
            return loader.load(std::move(each));
          }
        },
        *record));
    progress(fmt::format("written: {} rows", rows));
  }
}

Status must_hold(BackEnds& back_ends, Environment environment, const MoveSummary& expected,
                 const MoveProgress& progress) {
  NullSink nothing;
  MoveEncoder encoder(nothing);
  TRY(write_storage(back_ends, environment, encoder,
                    [&](const std::string& text) { progress("read again: " + text); }));
  const auto found = encoder.end();
  if (!found.ok()) return found.error();
  if (*found == expected) return {};
  return Error{ErrorCode::kCorrupt,
               fmt::format("the storage does not hold what the file does: {}; if an import of "
                           "another file had begun in it, remove the storage and import again",
                           difference(expected, *found))};
}

template <typename T, typename List>
Result<bool> has_any(Executor& executor, List list) {
  const auto page = patiently<std::vector<T>>(executor, std::move(list));
  if (!page.ok()) return page.error();
  return !page->empty();
}

template <typename T, typename List>
Status must_have_none(Executor& executor, const char* what, List list) {
  const auto any = has_any<T>(executor, std::move(list));
  if (!any.ok()) return any.error();
  return *any ? Status(not_empty(what)) : Status();
}

Status directory_must_be_empty(middle::Directory& directory, Executor& executor) {
  TRY(must_have_none<middle::App>(executor, "apps",
                                  [&](auto done) { directory.list_apps(std::move(done)); }));
  TRY(must_have_none<middle::User>(
      executor, "users", [&](auto done) { directory.list_users({}, 1, std::move(done)); }));
  TRY(must_have_none<middle::RosterItem>(
      executor, "rosters", [&](auto done) { directory.list_roster({}, 1, std::move(done)); }));
  TRY(must_have_none<middle::TopicRow>(
      executor, "topics", [&](auto done) { directory.list_topics({}, 1, std::move(done)); }));
  return must_have_none<middle::CounterRow>(
      executor, "counters", [&](auto done) { directory.list_counters({}, 1, std::move(done)); });
}

// An index of another storage would ignore the changes of this one as old.
Status index_must_not_be_ahead(BackEnds& back_ends, Executor& executor,
                               middle::PartitionId partition) {
  const auto head = patiently<middle::Head>(
      executor, [&](auto done) { back_ends.partitions().head(partition, std::move(done)); });
  if (!head.ok()) return head.error();
  const auto applied = patiently<middle::Position>(executor, [&](auto done) {
    back_ends.directory().topics_applied(partition, std::move(done));
  });
  if (!applied.ok()) return applied.error();
  return *applied <= head->position ? Status() : Status(not_empty("the topics of another one"));
}

}  // namespace

Status must_be_empty(BackEnds& back_ends, Environment environment) {
  middle::PartitionStore& store = back_ends.partitions();
  for (std::uint16_t partition = 0; partition < store.info().partitions; ++partition) {
    TRY(must_have_none<middle::Row>(environment.executor, "rows", [&](auto done) {
      middle::ScanRequest request;
      request.to = Bytes(1, '\xff');
      request.rows_max = 1;
      store.scan(partition, std::move(request), std::move(done));
    }));
    TRY(index_must_not_be_ahead(back_ends, environment.executor, partition));
  }
  return directory_must_be_empty(back_ends.directory(), environment.executor);
}

Result<MoveSummary> load_storage(BackEnds& back_ends, Environment environment, MoveDecoder& decoder,
                                 const MoveProgress& progress) {
  auto writers = take_over_all(back_ends.partitions(), environment.executor, environment.random);
  if (!writers.ok()) return writers.error();
  StorageLoader loader(back_ends, environment, *writers);
  auto summary = load_records(loader, decoder, progress);
  if (!summary.ok()) return summary;
  TRY(must_hold(back_ends, environment, *summary, progress));
  TRY(must_be_ours(*writers));
  return summary;
}

}  // namespace longwire::daemon

#include "daemon/transfer/storage_import.h"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.h"
#include "daemon/transfer/patience.h"

namespace longwire::daemon {
namespace {

constexpr std::size_t kIncarnationBytes = 8;

using Opened = std::unique_ptr<BackEnds>;

Error other_partitions(std::uint16_t in_file, std::uint16_t here) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("the file has {0} partitions and the storage {1}, and they are for good: "
                      "remove the storage, and import makes one of {0} (as `longwire storage init "
                      "--set storage.partitions={0}` would)",
                      in_file, here)};
}

Status make_storage(const ImportTarget& target, Environment environment, std::uint16_t partitions) {
  StorageConfig config = target.config;
  config.partitions = partitions;
  return init_storage(config, target.paths, environment);
}

// Fit to be filled: new and empty, or marked by an import that did not end. Its info as it is.
Result<middle::StorageInfo> inspect(const ImportTarget& target, Environment environment,
                                    const MoveHeader& header) {
  const auto back_ends = open_for_import(target.config, target.paths, environment);
  if (!back_ends.ok()) return back_ends.error();
  const middle::StorageInfo info = (*back_ends)->partitions().info();
  if (info.partitions != header.info.partitions) {
    return other_partitions(header.info.partitions, info.partitions);
  }
  if (!info.importing) TRY(must_be_empty(**back_ends, environment));
  return info;
}

Status say(const ImportTarget& target, Environment environment, const middle::StorageInfo& from,
           const middle::StorageInfo& to) {
  return patiently<void>(environment.executor, [&](Callback<void> done) {
    done(replace_info(target.config, target.paths, environment, from, to));
  });
}

// Marked, and open.
Result<Opened> prepare(const ImportTarget& target, Environment environment,
                       const MoveHeader& header) {
  const auto there = has_storage(target.config, target.paths, environment);
  if (!there.ok()) return there.error();
  if (!*there) TRY(make_storage(target, environment, header.info.partitions));
  const auto info = inspect(target, environment, header);
  if (!info.ok()) return info.error();
  middle::StorageInfo marked = *info;
  marked.importing = true;
  TRY(say(target, environment, *info, marked));
  return open_for_import(target.config, target.paths, environment);
}

Status check_first(MoveFileReader& file, const MoveProgress& progress) {
  if (!file.rewind()) return {};
  progress("checking the file");
  const auto checked = check_move(file);
  if (!checked.ok()) return checked.error();
  CHECK(file.rewind());
  return {};
}

}  // namespace

Result<Imported> import_storage(const ImportTarget& target, Environment environment,
                                MoveFileReader& file, const MoveProgress& progress) {
  TRY(check_first(file, progress));
  MoveDecoder decoder(file);
  const auto header = decoder.begin();
  if (!header.ok()) return header.error();
  const MomentClock clock(header->moment, environment.clock);
  const Environment then{environment.executor, clock, environment.random, environment.log,
                         environment.metrics};
  auto back_ends = prepare(target, then, *header);
  if (!back_ends.ok()) return back_ends.error();
  const middle::StorageInfo marked = (*back_ends)->partitions().info();
  auto summary = load_storage(**back_ends, then, decoder, progress);
  if (!summary.ok()) return std::move(summary).error();
  back_ends->reset();
  middle::StorageInfo info = header->info;
  if (target.new_incarnation) {
    info.incarnation = middle::Incarnation(hex_encode(environment.random.bytes(kIncarnationBytes)));
  }
  TRY(say(target, then, marked, info));
  return Imported{info, header->moment, std::move(*summary)};
}

}  // namespace longwire::daemon

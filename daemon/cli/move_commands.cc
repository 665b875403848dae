// longwire storage export FILE, longwire storage import FILE

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "daemon/cli/command_line.h"
#include "daemon/cli/human_text.h"
#include "daemon/serve/offline.h"
#include "daemon/transfer/storage_import.h"

namespace longwire::daemon {
namespace {

constexpr std::chrono::milliseconds kProgressEvery{200};
constexpr char kClearLine[] = "\r\033[K";

struct MoveOptions {
  std::string file;
  bool new_incarnation = false;
};

SettingsSources sources_of(const CommandLine& line) { return {line.config, line.set}; }

// One line of a terminal, written anew; nothing where nobody looks.
class ProgressLine final {
 public:
  ProgressLine() : shown_(::isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (shown_) fmt::print(stderr, kClearLine);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text) {
    const MonotonicTime now = system_clock().monotonic();
    if (!shown_ || now < next_) return;
    next_ = now + kProgressEvery;
    fmt::print(stderr, "{}{}", kClearLine, text);
    std::fflush(stderr);
  }

 private:
  const bool shown_;
  MonotonicTime next_{0};
};

Json json_of(const MoveTally& tally) {
  return {{"rows", tally.rows},
          {"bytes", tally.bytes},
          {"checksum", fmt::format("{:016x}", tally.checksum)}};
}

Json json_of(const middle::StorageInfo& info, Timestamp moment, const MoveSummary& summary) {
  Json kinds = Json::object();
  for (const auto& [kind, tally] : summary.kinds) kinds[kind] = json_of(tally);
  return {{"incarnation", info.incarnation.value()},
          {"partitions", info.partitions},
          {"moment", moment.ms},
          {"kinds", std::move(kinds)},
          {"all", json_of(summary.all())}};
}

Result<Json> export_to(const CommandLine& line, const std::string& path) {
  const DataPaths paths(line.data);
  const auto settings = load_settings(sources_of(line), paths);
  if (!settings.ok()) return settings.error();
  TRY(must_have_storage((*settings)->storage, paths));  // before its folder is made
  auto offline = Offline::begin(paths, sources_of(line));
  if (!offline.ok()) return offline.error();
  auto file = MoveFileWriter::open(path);
  if (!file.ok()) return file.error();
  const Environment now = (*offline)->environment();
  const MomentClock clock(now.clock.now(), now.clock);
  const Environment then{now.executor, clock, now.random, now.log, now.metrics};
  auto back_ends = open_existing_storage((*offline)->settings().storage, paths, then);
  if (!back_ends.ok()) return back_ends.error();
  ProgressLine progress;
  const auto summary = export_storage(**back_ends, then, **file,
                                      [&](const std::string& text) { progress.show(text); });
  if (!summary.ok()) return summary.error();
  TRY((*file)->finish());
  return json_of((*back_ends)->partitions().info(), clock.now(), *summary);
}

Result<Json> import_from(const CommandLine& line, const MoveOptions& options) {
  auto file = MoveFileReader::open(options.file);
  if (!file.ok()) return file.error();
  const DataPaths paths(line.data);
  auto offline = Offline::begin(paths, sources_of(line));
  if (!offline.ok()) return offline.error();
  ProgressLine progress;
  const auto imported = import_storage(
      {(*offline)->settings().storage, paths, options.new_incarnation}, (*offline)->environment(),
      **file, [&](const std::string& text) { progress.show(text); });
  if (!imported.ok()) return imported.error();
  return json_of(imported->info, imported->moment, imported->summary);
}

void print_tally(std::FILE* out, const std::string& kind, const Json& tally) {
  fmt::print(out, "{:<16} {:>12} {:>16}  {}\n", kind, tally.at("rows").get<std::uint64_t>(),
             tally.at("bytes").get<std::uint64_t>(), tally.at("checksum").get<std::string>());
}

// Both print the same table, so that people can lay one beside the other.
void print_table(std::FILE* out, const Json& moved) {
  fmt::print(out, "incarnation {}, {} partitions, as of {}\n",
             moved.at("incarnation").get<std::string>(),
             moved.at("partitions").get<std::uint64_t>(), time_text(moved.at("moment")));
  fmt::print(out, "{:<16} {:>12} {:>16}  checksum\n", "kind", "rows", "bytes");
  for (const auto& [kind, tally] : moved.at("kinds").items()) print_tally(out, kind, tally);
  print_tally(out, "all", moved.at("all"));
}

// `out`: where the file itself does not go.
int print_moved(const CommandLine& line, const Result<Json>& moved, std::FILE* out,
                const std::string& sentence) {
  if (!moved.ok()) return print_error(line, moved.error());
  if (line.json) {
    fmt::print(out, "{}\n", moved->dump(2));
  } else {
    print_table(out, *moved);
    fmt::print(out, "{}\n", sentence);
  }
  return 0;
}

int run_export(const CommandLine& line, const MoveOptions& options) {
  const bool piped = options.file == kStandardStream;
  return print_moved(line, export_to(line, options.file), piped ? stderr : stdout,
                     "exported. It holds all secrets. Where the old storage is served again, what "
                     "is sent then is not in it: export again, or import it with "
                     "--new-incarnation");
}

int run_import(const CommandLine& line, const MoveOptions& options) {
  return print_moved(line, import_from(line, options), stdout,
                     "imported, and read again: the storage holds what the file does");
}

}  // namespace

void add_move_commands(CLI::App& storage, CommandLine& line) {
  auto options = std::make_shared<MoveOptions>();  // shared by the callbacks, which CLI copies
  auto* export_command = storage.add_subcommand(
      "export", "Writes all of it into a file, for another back end; all its servers stopped");
  export_command->add_option("file", options->file, "Made by it; - for the standard output")
      ->required();
  export_command->callback(
      [&line, options] { line.action = [&line, options] { return run_export(line, *options); }; });
  auto* import_command = storage.add_subcommand("import", "Makes a new storage of such a file");
  import_command->add_option("file", options->file, "Of an export; - for the standard input")
      ->required();
  import_command->add_flag("--new-incarnation", options->new_incarnation,
                           "Where the old storage was served after the export: devices begin anew");
  import_command->callback(
      [&line, options] { line.action = [&line, options] { return run_import(line, *options); }; });
}

}  // namespace longwire::daemon

#include "storage/mirror/mirror_format.h"

#include <fmt/format.h>

namespace longwire::storage::mirror {
namespace {

constexpr char kPresent = '=';
constexpr char kAbsent = '-';

constexpr std::size_t kFirstKey = 3;  // EVAL script count key …

std::string tenure_text(const Tenure& tenure) {
  return fmt::format(":{}:{}", tenure.position, tenure.writer.value());
}

}  // namespace

Bytes encode_seal(const Generation& generation, const Tenure& tenure) {
  return generation + tenure_text(tenure);
}

Bytes encode_copy(const std::optional<Bytes>& value) {
  return value ? kPresent + *value : Bytes(1, kAbsent);
}

std::optional<std::optional<Bytes>> decode_copy(BytesView copy) {
  if (copy.starts_with(kPresent)) return std::optional<Bytes>(copy.substr(1));
  if (copy.size() == 1 && copy.front() == kAbsent) return std::optional<Bytes>();
  return std::nullopt;
}

MirrorKeys::MirrorKeys(const middle::StorageInfo& info, middle::PartitionId partition)
    : prefix_(fmt::format("longwire:{{{}.{}}}:", info.incarnation.value(), partition)),
      seal_(prefix_ + "seal") {}

Bytes MirrorKeys::row(const Generation& generation, BytesView key) const {
  Bytes name;
  name.reserve(prefix_.size() + generation.size() + 1 + key.size());
  name.append(prefix_).append(generation).append(1, ':').append(key);
  return name;
}

redis::Command begin_command(const MirrorKeys& keys, const Tenure& before, const Tenure& now,
                             const Generation& fresh, std::chrono::milliseconds keep) {
  return {.words = {"EVAL", kBeginScript, "1", keys.seal(), tenure_text(before), tenure_text(now),
                    fresh, std::to_string(fresh.size()), std::to_string(keep.count())},
          .key = kFirstKey};
}

redis::Command read_command(const MirrorKeys& keys, const Generation& generation,
                            const std::vector<Bytes>& rows) {
  redis::Command command{.words = {"MGET", keys.seal()}, .key = 1, .repeatable = true};
  for (const Bytes& row : rows) command.words.add(keys.row(generation, row));
  return command;
}

redis::Command write_command(const MirrorKeys& keys, const Write& write,
                             std::chrono::milliseconds keep) {
  redis::Command command{.words = {"EVAL", kWriteScript}, .key = kFirstKey};
  command.words.add(std::to_string(write.rows.size() + 1)).add(keys.seal());
  for (const CopyWrite& row : write.rows) command.words.add(keys.row(write.generation, row.key));
  command.words.add(write.expected).add(write.next);
  command.words.add(write.mode == WriteMode::kFill ? "NX" : "XX");
  command.words.add(std::to_string(keep.count()));
  for (const CopyWrite& row : write.rows) command.words.add(row.copy);
  return command;
}

}  // namespace longwire::storage::mirror

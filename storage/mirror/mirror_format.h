#pragma once

// What a mirror keeps in Redis, and the commands on it. Private to this folder, but for the layout:
// docs/formats/redis.md.
//
// Per partition one seal, "generation:position:writer", which says of which writer's rows, as of
// which commit, the copies of that generation are. Every write is a script that is refused where
// the seal is not what its writer left: so copies change in the order of the commits or not at all,
// and a server that went back in time is told by its seal. All keys of a partition share a slot.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "middle/ports/partition_store.h"
#include "storage/redis/command.h"

namespace longwire::storage::mirror {

inline constexpr std::size_t kGenerationBytes = 6;
using Generation = std::string;  // hex of so many random bytes

// Whose rows, and as of which commit.
struct Tenure {
  middle::WriterId writer;
  middle::Position position = 0;
};

Bytes encode_seal(const Generation& generation, const Tenure& tenure);

// A row as copied: its value, or that there is none.
Bytes encode_copy(const std::optional<Bytes>& value);
// Empty: it is no copy.
std::optional<std::optional<Bytes>> decode_copy(BytesView copy);

// A value.
class MirrorKeys final {
 public:
  MirrorKeys(const middle::StorageInfo& info, middle::PartitionId partition);
  const Bytes& seal() const { return seal_; }
  Bytes row(const Generation& generation, BytesView key) const;
  // Of all of a partition's keys, for SCAN.
  Bytes pattern() const { return prefix_ + "*"; }

 private:
  Bytes prefix_;
  Bytes seal_;
};

// ---- commands ----------------------------------------------------------------------------------

// KEYS: seal. ARGV: tenure before, tenure now, fresh generation, its length, keep.
inline constexpr std::string_view kBeginScript = R"(
local generation, seal = ARGV[3], redis.call('GET', KEYS[1])
if seal and string.sub(seal, ARGV[4] + 1) == ARGV[1] then
  generation = string.sub(seal, 1, ARGV[4])
end
redis.call('SET', KEYS[1], generation .. ARGV[2], 'PX', ARGV[5])
return generation)";

// KEYS: seal, rows. ARGV: seal expected, next seal, NX or XX, keep, copies. The seal is last: a
// script that fails on its way leaves one that no longer fits its writer.
inline constexpr std::string_view kWriteScript = R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do
  local copy = ARGV[i + 3]
  if copy == '' then redis.call('DEL', KEYS[i])
  else redis.call('SET', KEYS[i], copy, ARGV[3], 'PX', ARGV[4]) end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
return 1)";

// A row to write: an empty copy removes what is there.
struct CopyWrite {
  Bytes key;
  Bytes copy;
};
enum class WriteMode {
  kUpdate,  // only what is there: rows that nobody reads are not copied
  kFill,    // only what is not there
};

// Takes the mirror over: answers with its generation, or with `fresh`, which is empty, where the
// seal is not the one that `before` left.
redis::Command begin_command(const MirrorKeys& keys, const Tenure& before, const Tenure& now,
                             const Generation& fresh, std::chrono::milliseconds keep);
// Answers with the seal, then a copy or nil per row.
redis::Command read_command(const MirrorKeys& keys, const Generation& generation,
                            const std::vector<Bytes>& rows);
// Answers 1, or 0 where the seal is not `expected`: nothing was done.
struct Write {
  Generation generation;
  Bytes expected;  // seals
  Bytes next;
  WriteMode mode = WriteMode::kUpdate;
  std::vector<CopyWrite> rows;
};
redis::Command write_command(const MirrorKeys& keys, const Write& write,
                             std::chrono::milliseconds keep);

}  // namespace longwire::storage::mirror

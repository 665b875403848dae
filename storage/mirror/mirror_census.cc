#include "storage/mirror/mirror_census.h"

#include <memory>
#include <string>
#include <utility>

#include "storage/mirror/mirror_format.h"

namespace longwire::storage::mirror {
namespace {

constexpr char kKeysPerStep[] = "1000";

// Kept by the answers it waits for.
class Counting final : public std::enable_shared_from_this<Counting> {
 public:
  Counting(redis::Router& router, const middle::StorageInfo& info, Callback<MirrorCensus> done)
      : router_(router), info_(info), done_(std::move(done)) {}

  void next_partition() {
    if (partition_ == info_.partitions) return done_(census_);
    const MirrorKeys keys(info_, partition_++);
    seal_key_ = keys.seal();
    pattern_ = keys.pattern();
    ask({.words = {"GET", seal_key_}, .key = 1, .repeatable = true},
        [this](const redis::Reply& reply) {
          const Bytes* seal = reply.bytes();
          if (seal != nullptr) ++census_.partitions;
          // Without a seal no copy counts.
          current_ = seal == nullptr ? seal_key_ : keys_of_generation(*seal);
          scan("0");
        });
  }

 private:
  // The beginning of all keys of the generation that a seal names.
  Bytes keys_of_generation(const Bytes& seal) const {
    return pattern_.substr(0, pattern_.size() - 1) + seal.substr(0, 2 * kGenerationBytes) + ":";
  }

  // The pattern holds the partition's tag, and so names its node, too.
  void scan(const std::string& cursor) {
    ask({.words = {"SCAN", cursor, "MATCH", pattern_, "COUNT", kKeysPerStep},
         .key = 3,
         .repeatable = true},
        [this](const redis::Reply& reply) { scanned(reply); });
  }

  void scanned(const redis::Reply& reply) {
    const redis::Reply::Array* parts = reply.array();
    const Bytes* cursor = parts != nullptr && parts->size() == 2 ? (*parts)[0].bytes() : nullptr;
    const redis::Reply::Array* keys = cursor != nullptr ? (*parts)[1].array() : nullptr;
    if (keys == nullptr) {
      return done_(Error{ErrorCode::kUnavailable, "SCAN: Redis answered " + describe(reply)});
    }
    for (const redis::Reply& each : *keys) {
      const Bytes* key = each.bytes();
      if (key == nullptr || *key == seal_key_) continue;
      ++(key->starts_with(current_) ? census_.copies : census_.outdated);
    }
    if (*cursor == "0") return next_partition();
    scan(*cursor);
  }

  template <typename Handler>
  void ask(redis::Command&& command, Handler handler) {
    router_.send(std::move(command),
                 [self = shared_from_this(), handler](Result<redis::Reply> reply) {
                   if (!reply) return self->done_(reply.error());
                   handler(*reply);
                 });
  }

  redis::Router& router_;
  const middle::StorageInfo info_;
  Callback<MirrorCensus> done_;
  middle::PartitionId partition_ = 0;  // the next one
  Bytes seal_key_;
  Bytes pattern_;
  Bytes current_;
  MirrorCensus census_;
};

}  // namespace

void take_census(redis::Router& router, const middle::StorageInfo& info,
                 Callback<MirrorCensus> done) {
  std::make_shared<Counting>(router, info, std::move(done))->next_partition();
}

}  // namespace longwire::storage::mirror

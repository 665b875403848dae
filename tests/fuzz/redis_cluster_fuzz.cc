// What nodes of a Redis cluster tell of it: the reply to CLUSTER SLOTS, and redirections. The wire
// format below is hiredis's to parse.

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "storage/redis/redirect.h"
#include "storage/redis/slot_map.h"

namespace {

namespace redis = longwire::storage::redis;

const longwire::net::Address kAsked{"10.0.0.9", 7000};
constexpr int kDepthMax = 7;  // hiredis bears no deeper ones

// A reply from any bytes: of each, the first tells what it is.
class ReplyMaker final {
 public:
  explicit ReplyMaker(longwire::BytesView bytes) : left_(bytes) {}

  redis::Reply make(int depth = 0) {
    switch (next() % (depth < kDepthMax ? 6 : 4)) {
      case 0:
        return redis::Reply::Nil{};
      case 1:
        return number();
      case 2:
        return text();
      case 3:
        return redis::Reply::Failure{text()};
      default:
        return array(depth);
    }
  }

 private:
  unsigned next() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  std::int64_t number() {
    const unsigned high = next();
    return static_cast<std::int16_t>(high << 8U | next());
  }
  longwire::Bytes text() {
    const std::size_t size = std::min<std::size_t>(next(), left_.size());
    longwire::Bytes found(left_.substr(0, size));
    left_.remove_prefix(size);
    return found;
  }
  redis::Reply array(int depth) {
    redis::Reply::Array elements;
    for (unsigned count = next() % 8; count > 0; --count) elements.push_back(make(depth + 1));
    return elements;
  }

  longwire::BytesView left_;
};

void check_slot_map(longwire::BytesView input) {
  const auto map = redis::parse_slot_map(ReplyMaker(input).make(), kAsked);
  if (!map.ok()) return;
  CHECK(map->owners.size() == redis::kSlots);
  CHECK(map->nodes.size() <= redis::SlotMap::kNodesMax);
  for (const std::uint16_t owner : map->owners) {
    CHECK(owner == redis::SlotMap::kNobody || owner < map->nodes.size());
  }
  for (const auto& node : map->nodes) CHECK(!node.ip.empty() && node.port != 0);
}

void check_redirect(longwire::BytesView input) {
  using Kind = redis::Redirect::Kind;
  const auto redirect = redis::parse_redirect(input, kAsked);
  CHECK(redirect.slot < redis::kSlots);
  const bool elsewhere = redirect.kind == Kind::kMoved || redirect.kind == Kind::kAsk;
  CHECK(!elsewhere || redirect.to.port != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const longwire::BytesView input(reinterpret_cast<const char*>(data), size);
  check_slot_map(input);
  check_redirect(input);
  return 0;
}

#include "storage/redis/slot_map.h"

#include <algorithm>
#include <optional>
#include <string>

#include "storage/redis/node_address.h"

namespace longwire::storage::redis {
namespace {

constexpr std::string_view kNoCluster = "ERR This instance has cluster support disabled";

Error corrupt(const char* what) {
  return {ErrorCode::kCorrupt, std::string("CLUSTER SLOTS: ") + what};
}

std::optional<std::uint16_t> slot_in(const Reply& reply) {
  const auto* number = reply.integer();
  if (number == nullptr || *number < 0 || *number >= kSlots) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// The fourth part of a node in Redis 7: names and values in turn, where the endpoint is a name.
const std::string* ip_among(const Reply::Array& facts) {
  for (std::size_t i = 0; i + 1 < facts.size(); i += 2) {
    const auto* name = facts[i].bytes();
    if (name != nullptr && *name == "ip") return facts[i + 1].bytes();
  }
  return nullptr;
}

// [endpoint, port, id, facts]; the last two are newer than the first.
std::optional<net::Address> parse_node(const Reply& reply, const net::Address& asked) {
  const auto* parts = reply.array();
  if (parts == nullptr || parts->size() < 2) return std::nullopt;
  const auto* number = (*parts)[1].integer();
  if (number == nullptr || *number <= 0 || *number > 0xFFFF) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(*number);
  const auto* endpoint = (*parts)[0].bytes();
  // Unknown to the server itself, which then is the one that was asked, by this address.
  if (endpoint == nullptr || endpoint->empty()) return net::Address{asked.ip, port};
  if (auto address = numeric_address(*endpoint, port)) return address;
  const auto* facts = parts->size() > 3 ? (*parts)[3].array() : nullptr;
  const auto* ip = facts != nullptr ? ip_among(*facts) : nullptr;
  return ip != nullptr ? numeric_address(*ip, port) : std::nullopt;
}

// Its index in `nodes`, where it is put if it is new; kNobody where there is no room.
std::uint16_t index_of(std::vector<net::Address>& nodes, net::Address node) {
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&node](const net::Address& each) {
    return same_address(each, node);
  });
  const auto index = static_cast<std::uint16_t>(found - nodes.begin());
  if (found != nodes.end()) return index;
  if (nodes.size() >= SlotMap::kNodesMax) return SlotMap::kNobody;
  nodes.push_back(std::move(node));
  return index;
}

// [first slot, last slot, master, replicas …]
Status add_range(SlotMap& map, const Reply& reply, const net::Address& asked) {
  const auto* parts = reply.array();
  if (parts == nullptr || parts->size() < 3) return corrupt("a range is no list of three");
  const auto first = slot_in((*parts)[0]);
  const auto last = slot_in((*parts)[1]);
  if (!first || !last || *first > *last) return corrupt("a range has no such slots");
  for (std::size_t i = 2; i < parts->size(); ++i) {
    const bool is_master = i == 2;
    auto node = parse_node((*parts)[i], asked);
    // A replica is only somebody more to ask.
    if (!node && !is_master) continue;
    if (!node) return corrupt("a master has no numeric address");
    const auto index = index_of(map.nodes, std::move(*node));
    if (index == SlotMap::kNobody) return corrupt("more nodes than a cluster has");
    if (is_master) std::fill(&map.owners[*first], &map.owners[*last] + 1, index);
  }
  return {};
}

}  // namespace

SlotMap single_node_map(const net::Address& node) {
  SlotMap map;
  map.nodes = {node};
  map.owners.assign(kSlots, 0);
  map.clustered = false;
  return map;
}

Result<SlotMap> parse_slot_map(const Reply& reply, const net::Address& asked) {
  if (const auto* failure = reply.failure()) {
    const bool no_cluster = failure->text.starts_with(kNoCluster);
    return Error{no_cluster ? ErrorCode::kUnsupported : ErrorCode::kUnavailable, failure->text};
  }
  const auto* ranges = reply.array();
  if (ranges == nullptr) return corrupt("no list");
  if (ranges->size() > kSlots) return corrupt("more ranges than slots");
  SlotMap map;
  for (const Reply& range : *ranges) TRY(add_range(map, range, asked));
  if (map.nodes.empty()) return Error{ErrorCode::kUnavailable, "the cluster serves no slot"};
  return map;
}

}  // namespace longwire::storage::redis

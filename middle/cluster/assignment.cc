#include "middle/cluster/assignment.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "base/hash.h"

namespace longwire::middle::cluster {
namespace {

struct Pair {
  std::uint64_t score;
  std::uint16_t partition;
  std::size_t member;
};

std::vector<Pair> by_score(const std::vector<std::string>& members, std::uint16_t partitions) {
  std::vector<Pair> pairs;
  pairs.reserve(members.size() * partitions);
  for (std::size_t member = 0; member < members.size(); ++member) {
    for (std::uint16_t partition = 0; partition < partitions; ++partition) {
      const Bytes name = std::move(ByteWriter().u16(partition).string(members[member])).take();
      pairs.push_back({hash64(name), partition, member});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [&](const Pair& a, const Pair& b) {
    return std::tie(a.score, a.partition, members[a.member]) >
           std::tie(b.score, b.partition, members[b.member]);
  });
  return pairs;
}

}  // namespace

std::vector<std::size_t> assign(const std::vector<std::string>& members, std::uint16_t partitions) {
  if (members.empty()) return {};
  const std::size_t share = (partitions + members.size() - 1) / members.size();
  const std::size_t nobody = members.size();
  std::vector<std::size_t> owners(partitions, nobody);
  std::vector<std::size_t> owned(members.size(), 0);
  for (const Pair& pair : by_score(members, partitions)) {
    if (owners[pair.partition] != nobody || owned[pair.member] == share) continue;
    owners[pair.partition] = pair.member;
    ++owned[pair.member];
  }
  return owners;
}

}  // namespace longwire::middle::cluster

#pragma once

// Which member is to own which partition: the same answer at every node that sees the same members,
// without a word between them.
//
// Rendezvous hashing with a bound (Thaler and Ravishankar 1998; the bound after Mirrokni, Thorup
// and Zadimoghaddam 2016): each pair of partition and member has a score, and the highest scores
// are served first, no member getting more than its share, rounded up. That is the one stable
// matching of these scores: who joins or leaves moves about 1/N of the partitions.

#include <cstdint>
#include <string>
#include <vector>

namespace longwire::middle::cluster {

// By partition: the index of its member. Empty without members. Order does not matter to who gets
// what.
std::vector<std::size_t> assign(const std::vector<std::string>& members, std::uint16_t partitions);

}  // namespace longwire::middle::cluster

#include "xmpp/server/untold_owners.h"

#include <chrono>
#include <utility>

namespace longwire::xmpp {
namespace {
constexpr std::chrono::milliseconds kToldAgainAfter{2'000};
}

void UntoldOwners::add(const middle::OwnersChanged& untold) {
  untold_.partitions.resize(untold.partitions.size());
  for (std::size_t i = 0; i < untold.partitions.size(); ++i) {
    if (untold.partitions[i]) untold_.partitions[i] = true;
  }
  if (timer_ != TimerId::kNone) return;
  timer_ = loop_.schedule(kToldAgainAfter, [this] {
    timer_ = TimerId::kNone;
    tell_(std::exchange(untold_, {}));
  });
}

}  // namespace longwire::xmpp

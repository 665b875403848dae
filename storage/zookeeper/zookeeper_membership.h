#pragma once

// Membership over ZooKeeper: a member is an ephemeral node, its lease the session's timeout. Why it
// is so, and what follows: docs/decisions/zookeeper-membership.md.

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "middle/ports/membership.h"
#include "storage/zookeeper/options.h"

namespace longwire::storage::zookeeper {

// One thread of its own, which calls back, and the library's two. The references outlive it. It is
// not destroyed inside a callback of its own; that takes up to 3 s where the servers are silent.
// SIGPIPE must be ignored.
std::unique_ptr<middle::Membership> make_membership(Options options, const Clock& clock,
                                                    LogSink& log);

}  // namespace longwire::storage::zookeeper

#pragma once

// Memberships over the ZooKeeper that zookeeper_test.py has brought up, in a path of their own.

#include <memory>
#include <optional>
#include <string>

#include "storage/zookeeper/options.h"
#include "tests/contract/membership_back_ends.h"

namespace longwire::test {

// "host:port" of the running server, from LONGWIRE_TEST_ZOOKEEPER.
std::optional<std::string> zookeeper_servers();
// On that server, with a path that nobody else has.
storage::zookeeper::Options zookeeper_test_options();

std::unique_ptr<MembershipBackEnd> make_zookeeper_back_end();

}  // namespace longwire::test

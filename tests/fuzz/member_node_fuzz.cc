// What anybody with a way to ZooKeeper may write where members are: a node, and its data.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "storage/zookeeper/member_node.h"

namespace zookeeper = longwire::storage::zookeeper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto member = zookeeper::decode_member("10.0.0.1:7000", bytes);
  // What is taken for a member is one of ours again, or was never one that we could write.
  if (member && zookeeper::check(*member).ok()) {
    CHECK(zookeeper::decode_member(member->address, zookeeper::encode_member(*member)) == member);
  }
  return 0;
}

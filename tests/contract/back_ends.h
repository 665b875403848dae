#pragma once

// The back ends that the contract suites run on. A new one is an entry in back_ends.cc. Servers are
// among them where one is named: hbase_test.py and mysql_test.py bring theirs up.

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/options.h"

namespace longwire::test {

inline constexpr std::uint16_t kPartitions = 16;

// One storage that a test may use and restart. Bound to the test's thread; the stores are not.
class BackEnd {
 public:
  virtual ~BackEnd() = default;
  virtual middle::PartitionStore& store() = 0;
  virtual middle::Directory& directory() = 0;
  // Closes and opens again, the hard way where there is one (a power cut).
  virtual void restart() = 0;
  // Lets answers come where they do not come by themselves.
  virtual void pump() = 0;
};

struct BackEndKind {
  std::string name;
  std::function<std::unique_ptr<BackEnd>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const BackEndKind& kind) {
  return out << kind.name;
}

std::vector<BackEndKind> store_back_ends();
std::vector<BackEndKind> directory_back_ends();

// "host:port" of a running gateway, from LONGWIRE_TEST_HBASE_GATEWAY.
std::optional<std::string> hbase_gateway();
// For tables of a test's own there.
storage::hbase::Options hbase_test_options();

// Makes an asynchronous call and waits for its answer:
//   await<Head>(back_end, [&](auto done) { back_end.store().head(1, std::move(done)); });
template <typename T, typename Call>
Result<T> await(BackEnd& back_end, Call call) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto answer = promise->get_future();
  call(Callback<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
  back_end.pump();
  return answer.get();
}

// A directory of its own for each test, removed at the end.
class TemporaryDirectory final {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

middle::StorageInfo contract_storage_info();

}  // namespace longwire::test

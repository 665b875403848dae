// A gateway that failed is told to be back though nobody's call goes there.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/hbase/gateway_connection.h"
#include "storage/hbase/gateway_probe.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_executor.h"

namespace longwire::storage::hbase {
namespace {

Error no() { return {ErrorCode::kUnavailable, "no"}; }

// Answers that there is no table, or breaks; makes no other call.
class FakeConnection final : public GatewayConnection {
 public:
  explicit FakeConnection(bool breaks) : breaks_(breaks) {}
  bool usable() const override { return !breaks_; }
  Result<std::vector<Cell>> get(const std::string&, const Bytes&,
                                const std::vector<Bytes>&) override {
    return no();
  }
  Result<std::vector<StoredRow>> get_rows(const std::string&, const std::vector<Bytes>&) override {
    return no();
  }
  Result<bool> put_if(const std::string&, const ConditionalPut&) override { return no(); }
  Status put_rows(const std::string&, const std::vector<StoredRow>&) override { return no(); }
  Status delete_cells(const std::string&, const std::vector<StoredRow>&) override { return no(); }
  Result<std::vector<StoredRow>> scan(const std::string&, const TableScan&) override {
    return no();
  }
  Result<std::optional<TableInfo>> describe_table(const std::string&) override {
    if (breaks_) return no();
    return std::optional<TableInfo>();
  }
  Status create_table(const std::string&, const std::vector<Bytes>&) override { return no(); }
  Status drop_table(const std::string&) override { return no(); }

 private:
  const bool breaks_;
};

Options two_gateways() {
  Options options;
  options.gateways = {"a:1", "b:1"};
  options.backoff_max = std::chrono::milliseconds(1);
  return options;
}

class GatewayProbeTest : public testing::Test {
 protected:
  GatewayProbeTest() {
    options_.connect =
        [this](const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
      asked_.push_back(address);
      if (refuses_) return no();
      return std::unique_ptr<GatewayConnection>(std::make_unique<FakeConnection>(breaks_));
    };
  }

  Options options_ = two_gateways();
  test::ManualClock clock_;
  GatewayList list_{options_, clock_, null_log(), unseen_metrics()};
  std::vector<std::string> asked_;
  bool refuses_ = false;
  bool breaks_ = false;
};

using Gateways = std::vector<std::size_t>;

TEST_F(GatewayProbeTest, Asks_those_alone_that_failed_and_tells_that_they_are_back) {
  probe_gateways(options_, list_);
  EXPECT_TRUE(asked_.empty());
  list_.failed(1, no());
  EXPECT_EQ(list_.down(), Gateways{1});
  probe_gateways(options_, list_);
  EXPECT_EQ(asked_, std::vector<std::string>{"b:1"});
  EXPECT_EQ(list_.down(), Gateways{});
}

TEST_F(GatewayProbeTest, One_that_refuses_stays_down) {
  refuses_ = true;
  list_.failed(0, no());
  probe_gateways(options_, list_);
  EXPECT_EQ(list_.down(), Gateways{0});
}

TEST_F(GatewayProbeTest, One_that_accepts_and_does_not_answer_stays_down) {
  breaks_ = true;
  list_.failed(0, no());
  probe_gateways(options_, list_);
  EXPECT_EQ(list_.down(), Gateways{0});
}

TEST_F(GatewayProbeTest, Its_thread_asks_again_and_again) {
  list_.failed(0, no());
  GatewayProbe probe(options_, list_);
  EXPECT_TRUE(test::eventually([&] { return list_.down().empty(); }));
}

}  // namespace
}  // namespace longwire::storage::hbase

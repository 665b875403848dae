// What became of a gateway is told though nobody's call goes there.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/hbase/gateway_probe.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/storage/fake_gateway.h"

namespace longwire::storage::hbase {
namespace {

Options two_gateways() {
  Options options;
  options.gateways = {"a:1", "b:1"};
  options.probe_every = std::chrono::milliseconds(1);
  return options;
}

class GatewayProbeTest : public testing::Test {
 protected:
  GatewayProbeTest() {
    options_.connect =
        [this](const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
      asked_.push_back(address);
      if (address == refuses_) return refused();
      return connect_fake(address == "a:1" ? answer_ : FakeAnswer::kNoRow);
    };
  }
  void probe() {
    for (const std::size_t gateway : {0U, 1U}) probe_gateway(options_, list_, gateway);
  }
  std::int64_t down() { return metrics_.gauge("longwire_hbase_gateways_down", "").value(); }

  Options options_ = two_gateways();
  test::ManualClock clock_;
  Metrics metrics_;
  GatewayList list_{options_, clock_, null_log(), metrics_};
  std::vector<std::string> asked_;
  std::string refuses_;
  FakeAnswer answer_ = FakeAnswer::kNoRow;  // of a:1
};

TEST_F(GatewayProbeTest, Tells_that_one_which_failed_is_back) {
  list_.failed(1, refused());
  EXPECT_EQ(down(), 1);
  probe();
  EXPECT_EQ(down(), 0);
}

TEST_F(GatewayProbeTest, Tells_that_one_has_failed_which_no_call_goes_to) {
  refuses_ = "b:1";
  probe();
  EXPECT_EQ(asked_, options_.gateways);
  EXPECT_EQ(down(), 1);
}

TEST_F(GatewayProbeTest, One_that_accepts_and_does_not_answer_is_down) {
  answer_ = FakeAnswer::kBreak;
  probe();
  EXPECT_EQ(down(), 1);
}

TEST_F(GatewayProbeTest, Error_that_HBase_answers_with_is_no_news) {
  answer_ = FakeAnswer::kRefused;
  probe();
  EXPECT_EQ(down(), 0);
  list_.failed(0, refused());
  probe();
  EXPECT_EQ(down(), 1);
}

TEST_F(GatewayProbeTest, Its_thread_asks_again_and_again) {
  list_.failed(0, refused());
  GatewayProbe probe(options_, list_);
  EXPECT_TRUE(test::eventually([&] { return down() == 0; }));
}

}  // namespace
}  // namespace longwire::storage::hbase

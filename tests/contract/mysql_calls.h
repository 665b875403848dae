#pragma once

// Calls of a directory on MySQL, for the tests of that back end's own.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "storage/mysql/mysql_directory.h"

namespace longwire::test {

class MySqlCalls : public testing::Test {
 protected:
  using Total = Result<std::uint64_t>;

  Result<std::unique_ptr<middle::Directory>> try_open_with(const storage::mysql::Options& options) {
    return storage::mysql::open_directory(options,
                                          {system_clock(), system_random(), null_log(), metrics_});
  }
  void open_with(const storage::mysql::Options& options) {
    directory_.reset();
    auto opened = try_open_with(options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    directory_ = std::move(*opened);
  }
  template <typename T, typename Call>
  std::future<Result<T>> start(Call call) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    call(Callback<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
    return answer;
  }
  std::future<Total> start_add(std::uint64_t amount, const std::string& name = "sent") {
    return start<std::uint64_t>([&](auto done) {
      directory_->add_to_counter(middle::AppId("app"), "day", name, amount, std::move(done));
    });
  }
  Total add(std::uint64_t amount) { return start_add(amount).get(); }
  Result<std::vector<middle::App>> apps() {
    return start<std::vector<middle::App>>(
               [&](auto done) { directory_->list_apps(std::move(done)); })
        .get();
  }

  Metrics metrics_;
  std::unique_ptr<middle::Directory> directory_;
};

// Adds to a counter of its own, one call after the other, and counts what it was told.
class Adder {
 public:
  explicit Adder(std::string name) : name_(std::move(name)) {}

  // `up` is false while the server is known to be down.
  template <typename Start>
  void run(Start start_add, std::atomic<bool>& up, const std::atomic<bool>& stop) {
    while (!stop) {
      up.wait(false);
      const Result<std::uint64_t> total = start_add(name_).get();
      if (total.ok()) {
        ASSERT_GT(*total, last_) << "an addition was lost after its answer";
        last_ = *total;
        ++acknowledged_;
      } else if (total.error().code == ErrorCode::kUnknownOutcome) {
        ++unknown_;
      } else {
        ASSERT_EQ(total.error().code, ErrorCode::kUnavailable) << total.error().message;
      }
    }
  }
  const std::string& name() const { return name_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t unknown() const { return unknown_; }

 private:
  const std::string name_;
  std::uint64_t last_ = 0;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::atomic<std::uint64_t> unknown_ = 0;
};

}  // namespace longwire::test

#pragma once

// The vocabulary of the tests of the Redis client: one router on a loop of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/net/loop_thread.h"
#include "storage/redis/router.h"
#include "tests/support/eventually.h"

namespace longwire::test {

using Words = std::vector<std::string>;

// Keeps the names of events and of their nodes. Thread-safe.
class EventLog final : public LogSink {
 public:
  bool enabled(LogLevel level) const override { return level >= LogLevel::kInfo; }
  void write(LogLevel level, std::string_view module, std::string_view event,
             std::initializer_list<LogField> fields) override {
    (void)level;
    (void)module;
    std::string line(event);
    for (const LogField& field : fields) {
      const auto* text = std::get_if<std::string_view>(&field.value);
      if (field.key == "node" && text != nullptr) line += " " + std::string(*text);
    }
    lines_.lock()->push_back(std::move(line));
  }
  int count(std::string_view line) {
    const auto lines = lines_.lock();
    return static_cast<int>(std::count(lines->begin(), lines->end(), line));
  }

 private:
  Guarded<std::vector<std::string>> lines_;
};

class RedisFixture : public testing::Test {
 protected:
  using Answer = Result<storage::redis::Reply>;
  using Reply = storage::redis::Reply;

  RedisFixture() {
    ::signal(SIGPIPE, SIG_IGN);
    options_.command_timeout = std::chrono::milliseconds(500);
    options_.connect_timeout = std::chrono::milliseconds(500);
    options_.backoff_max = std::chrono::milliseconds(200);
  }
  ~RedisFixture() override { close(); }

  void open() {
    close();
    auto made = make_router(options_, loop_.loop(), environment_);
    ASSERT_TRUE(made.ok());
    router_ = std::move(*made);
  }
  void close() {
    loop_.call([this] { router_.reset(); });
  }

  // Its second word is the key, where there is one.
  std::future<Answer> start(const Words& words, bool repeatable = false) {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto answer = promise->get_future();
    storage::redis::Command command{.words = {}, .key = {}, .repeatable = repeatable};
    for (const auto& word : words) command.words.add(word);
    if (command.words.size() > 1) command.key = 1;
    loop_.loop().post([this, promise, command = std::move(command)]() mutable {
      router_->send(std::move(command),
                    [promise](Answer result) { promise->set_value(std::move(result)); });
    });
    return answer;
  }
  // Fails the test where no answer comes at all.
  static Answer finish(std::future<Answer> answer) {
    if (answer.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      return Error{ErrorCode::kInternal, "no answer"};
    }
    return answer.get();
  }
  Answer call(const Words& words, bool repeatable = false) {
    return finish(start(words, repeatable));
  }
  Answer get(const std::string& key) { return call({"GET", key}, true); }

  static std::string text(const Answer& answer) {
    if (!answer.ok()) return std::string(error_code_name(answer.error().code));
    if (const auto* bytes = answer->bytes()) return *bytes;
    if (const auto* status = answer->status()) return status->text;
    if (const auto* number = answer->integer()) return std::to_string(*number);
    return describe(*answer);
  }
  std::uint64_t sent_again(const std::string& why) {
    return metrics_.counter("longwire_redis_redirections_total", "", {{"why", why}}).value();
  }
  std::int64_t in_flight() { return metrics_.gauge("longwire_redis_in_flight", "").value(); }

  storage::redis::Options options_;
  Metrics metrics_;
  EventLog log_;
  net::LoopThread loop_{"redis-test"};
  Environment environment_{loop_.loop(), system_clock(), system_random(), log_, metrics_};
  std::unique_ptr<storage::redis::Router> router_;
};

}  // namespace longwire::test

#include "tests/contract/redis_load.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "tests/support/eventually.h"

namespace longwire::test {
namespace {

using storage::redis::Reply;

// Of a value of this key, its number; -1 where it is another's.
int number_in(const std::string& value, const std::string& key) {
  if (!value.starts_with(key + "=")) return -1;
  int number = -1;
  std::from_chars(value.data() + key.size() + 1, value.data() + value.size(), number);
  return number;
}

}  // namespace

RedisLoad::RedisLoad(net::LoopThread& thread, storage::redis::Router& router,
                     const std::vector<std::string>& keys, const MayGoBack& may_go_back)
    : thread_(thread), router_(router) {
  for (const auto& key : keys) chains_.push_back({.key = key, .may_go_back = may_go_back(key)});
  *running_.lock() = static_cast<int>(chains_.size());
  thread_.call([this] {
    for (Chain& chain : chains_) set(chain);
  });
}

void RedisLoad::stop() {
  thread_.call([this] { stopping_ = true; });
  CHECK(eventually([this] { return *running_.lock() == 0; }));
}

void RedisLoad::set(Chain& chain) {
  const std::string value = chain.key + "=" + std::to_string(++chain.written);
  router_.send({.words = {"SET", chain.key, value}, .key = 1}, [this, &chain](auto reply) {
    const bool done = reply.ok() && reply->status() != nullptr;
    if (done) chain.answered = chain.written;
    next(chain, reply, done);
    if (reply.ok()) get(chain);
  });
}

void RedisLoad::get(Chain& chain) {
  router_.send({.words = {"GET", chain.key}, .key = 1, .repeatable = true},
               [this, &chain](auto reply) {
                 next(chain, reply, reply.ok() && is_right(chain, *reply));
                 if (reply.ok()) go_on(chain);
               });
}

bool RedisLoad::is_right(const Chain& chain, const Reply& reply) {
  if (reply.is_nil()) return chain.may_go_back;
  const auto* value = reply.bytes();
  const int number = value == nullptr ? -1 : number_in(*value, chain.key);
  return number >= (chain.may_go_back ? 1 : chain.answered) && number <= chain.written;
}

void RedisLoad::next(Chain& chain, const Result<Reply>& reply, bool right) {
  {
    const auto tally = tally_.lock();
    if (reply.ok()) {
      if (right) ++tally->answered;
      if (!right) tally->wrong.push_back(chain.key + ": " + describe(*reply));
    } else if (reply.error().code == ErrorCode::kUnavailable) {
      ++tally->refused;
    } else if (reply.error().code == ErrorCode::kUnknownOutcome ||
               reply.error().code == ErrorCode::kDeadlineExceeded) {
      ++tally->unknown;
    } else {
      tally->wrong.push_back(chain.key + ": " + reply.error().message);
    }
  }
  // Not at once: what is refused at once would be a busy loop.
  if (!reply.ok()) {
    thread_.loop().schedule(std::chrono::milliseconds(5), [this, &chain] { go_on(chain); });
  }
}

void RedisLoad::go_on(Chain& chain) {
  if (stopping_) {
    --*running_.lock();
  } else {
    set(chain);
  }
}

}  // namespace longwire::test

#include "tests/sim/sim_redis.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "storage/mirror/mirror_format.h"

namespace longwire::sim {

using std::chrono::milliseconds;
using storage::redis::Command;
using storage::redis::Reply;

namespace {

Reply stored(const std::map<std::string, std::string>& keys, const std::string& key) {
  const auto found = keys.find(key);
  return found == keys.end() ? Reply() : Reply(Bytes(found->second));
}

}  // namespace

void SimRedis::suffer() {
  SimRandom& random = world_.random();
  if (random.chance(faults_.evicted) && !keys_.empty()) {
    const auto place = random.between(0, keys_.size() - 1);
    keys_.erase(std::next(keys_.begin(), static_cast<std::ptrdiff_t>(place)));
  }
  if (random.chance(faults_.snapshot)) snapshot_ = keys_;
  if (random.chance(faults_.gone_back)) keys_ = snapshot_;
  if (random.chance(faults_.wiped)) keys_.clear();
}

Reply SimRedis::execute(const Command& command) {
  suffer();
  Words words;
  command.words.for_each([&words](std::string_view word) { words.emplace_back(word); });
  if (words[0] == "MGET") return read(words);
  CHECK(words[0] == "EVAL");
  if (words[1] == storage::mirror::kBeginScript) return begin(words);
  CHECK(words[1] == storage::mirror::kWriteScript);
  return write(words);
}

// EVAL script 1 seal, before, now, fresh, its length, keep
Reply SimRedis::begin(const Words& words) {
  std::string generation = words[6];
  const auto seal = keys_.find(words[3]);
  const std::size_t length = generation.size();
  if (seal != keys_.end() && seal->second.substr(length) == words[4])
    generation = seal->second.substr(0, length);
  keys_[words[3]] = generation + words[5];
  return Reply(Bytes(generation));
}

// EVAL script n seal rows…, expected, next, mode, keep, copies…
Reply SimRedis::write(const Words& words) {
  const std::size_t rows = std::stoul(words[2]) - 1;
  const std::size_t arguments = 4 + rows;
  const auto seal = keys_.find(words[3]);
  if (!ignores_seals_ && (seal == keys_.end() || seal->second != words[arguments]))
    return Reply(std::int64_t{0});
  const bool fill = words[arguments + 2] == "NX";
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string& key = words[4 + i];
    const std::string& copy = words[arguments + 4 + i];
    if (copy.empty()) {
      keys_.erase(key);
    } else if (keys_.contains(key) != fill) {
      keys_[key] = copy;
    }
  }
  keys_[words[3]] = words[arguments + 1];
  return Reply(std::int64_t{1});
}

Reply SimRedis::read(const Words& words) const {
  Reply::Array answer;
  for (std::size_t i = 1; i < words.size(); ++i) answer.push_back(stored(keys_, words[i]));
  return Reply(std::move(answer));
}

void SimRouter::send(Command command, Callback<Reply> done) {
  const SimRedis::Faults& faults = redis_.faults_;
  SimRandom& random = world_.random();
  auto shared = std::make_shared<Callback<Reply>>(std::move(done));
  const auto answer = [this_executor = &executor_, shared](Result<Reply> reply) {
    this_executor->post([shared, r = std::move(reply)]() mutable { (*shared)(std::move(r)); });
  };
  if (random.chance(faults.refused))
    return answer(Error{ErrorCode::kUnavailable, "simulated: refused"});
  const Error lost{ErrorCode::kUnknownOutcome, "simulated: connection broken"};
  const auto execute = [redis = &redis_, c = std::move(command)] { return redis->execute(c); };
  if (random.chance(faults.zombie)) {
    answer(lost);
    return world_.at(milliseconds(random.between(1, 2000)), [execute] { (void)execute(); });
  }
  const auto latency = [&random](bool much) {
    return milliseconds(much ? random.between(5, 400) : random.between(0, 1));
  };
  const milliseconds at = world_.now() + latency(random.chance(faults.slow));
  const bool overtaken = random.chance(faults.overtaken);
  if (!overtaken) done_until_ = std::max(done_until_, at);
  const milliseconds done_at = overtaken ? at + milliseconds(random.between(2, 50)) : done_until_;
  world_.at(done_at - world_.now(),
            [execute, answer, lost, is_lost = random.chance(faults.answer_lost), world = &world_,
             back = random.chance(faults.late) ? latency(true) : milliseconds(0)] {
              auto reply = std::make_shared<Reply>(execute());
              world->at(back, [answer, lost, is_lost, reply] {
                answer(is_lost ? Result<Reply>(lost) : Result<Reply>(std::move(*reply)));
              });
            });
}

}  // namespace longwire::sim

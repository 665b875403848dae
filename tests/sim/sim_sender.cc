#include "tests/sim/sim_sender.h"

#include <algorithm>
#include <utility>

namespace longwire::sim {

using middle::RegId;
using middle::SendRequest;
using middle::TargetKind;
using std::chrono::milliseconds;

namespace {
constexpr int kAttemptsMax = 200;
}

std::string SimSender::pick(const char* prefix, std::uint64_t count) {
  return prefix + std::to_string(ground_.world.random().between(0, count - 1));
}

SendRequest SimSender::draw(const std::vector<RegId>& registrations, std::size_t devices) {
  SimRandom& random = ground_.world.random();
  SendRequest request;
  request.app = app_.id;
  const std::uint64_t what = random.between(0, 99);
  if (what < 35 && !registrations.empty()) {
    request.target = TargetKind::kRegId;
    const std::uint64_t several = random.chance(0.3) ? random.between(2, 3) : 1;
    for (std::uint64_t i = 0; i < several; ++i) {
      const auto& name = registrations[random.between(0, registrations.size() - 1)].value();
      if (std::count(request.names.begin(), request.names.end(), name) == 0) {
        request.names.push_back(name);
      }
    }
  } else if (what < 55) {
    request.target = TargetKind::kAlias;
    request.names.push_back(random.chance(0.7) ? pick("own", devices) : pick("a", 3));
  } else if (what < 65) {
    request.target = TargetKind::kUserAccount;
    request.names.push_back(pick("u", 3));
  } else if (what < 90) {
    request.target = TargetKind::kTopic;
    request.names.push_back(pick("t", 3));
    if (random.chance(0.3)) {
      const std::string other = pick("t", 3);
      if (other != request.names.front()) request.names.push_back(other);
      request.topic_operator = static_cast<middle::TagOperator>(random.between(0, 2));
    }
  } else {
    request.target = TargetKind::kAll;
  }
  return request;
}

void SimSender::begin(const std::vector<RegId>& registrations, std::size_t devices) {
  SimRandom& random = ground_.world.random();
  SendRecord record;
  record.request = draw(registrations, devices);
  record.body = "m" + std::to_string(journal_.sends().size());
  record.request.body = record.body;
  record.request.priority = static_cast<middle::Priority>(random.between(0, 2));
  milliseconds live = ground_.config.time_to_live_default;
  if (random.chance(0.1)) live = milliseconds(random.between(500, 8000));
  if (random.chance(0.1)) record.request.time_to_live = live;
  if (record.request.time_to_live.count() == 0) live = ground_.config.time_to_live_default;
  if (random.chance(0.1)) record.request.collapse_key = pick("c", 2);
  if (random.chance(0.85)) record.request.idempotency_key = "key-" + record.body;
  record.begun = ground_.world.now();
  record.expires = ground_.world.clock().now() + live;
  open_[{journal_.begin_send(std::move(record)), false}].due = ground_.world.now();
}

void SimSender::step(SimServer* server) {
  if (server == nullptr || !server->serving()) return;
  std::vector<Key> due;
  for (const auto& [key, open] : open_) {
    if (!open.under_way && open.due <= ground_.world.now()) due.push_back(key);
  }
  for (const Key& key : due) {
    open_[key].under_way = true;
    ++open_[key].attempts;
    key.second ? attempt_recall(*server, key.first) : attempt(*server, key.first);
  }
}

void SimSender::process_lost() {
  ++life_;
  std::vector<Key> gone;
  for (auto& [key, open] : open_) {
    if (!open.under_way) continue;
    const bool may_repeat =
        key.second || !journal_.sends()[key.first].request.idempotency_key.empty();
    open.under_way = false;
    open.unknown = true;
    if (!may_repeat) gone.push_back(key);
  }
  for (const Key& key : gone) open_.erase(key);
}

void SimSender::attempt(SimServer& server, std::size_t index) {
  server.http().send(journal_.send(index).request,
                     [this, life = life_, index](Result<middle::SendReply> reply) {
                       if (life == life_) answered(index, std::move(reply));
                     });
}

// True: it is to be repeated.
bool SimSender::again(Open& open, const Error& error, bool safe) {
  open.under_way = false;
  open.unknown = true;
  const bool worth = may_retry(error) || error.code == ErrorCode::kUnknownOutcome ||
                     error.code == ErrorCode::kDeadlineExceeded ||
                     error.code == ErrorCode::kDeposed;
  const bool harmless =
      safe || error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kResourceExhausted;
  if (!worth || !harmless || open.attempts >= kAttemptsMax) return false;
  open.due = ground_.world.now() + milliseconds(ground_.world.random().between(20, 800));
  return true;
}

void SimSender::answered(std::size_t index, Result<middle::SendReply> reply) {
  const Key key{index, false};
  SendRecord& record = journal_.send(index);
  if (!reply.ok()) {
    if (again(open_[key], reply.error(), !record.request.idempotency_key.empty())) return;
    const ErrorCode code = reply.error().code;
    const bool transient = may_retry(reply.error()) || code == ErrorCode::kUnknownOutcome ||
                           code == ErrorCode::kDeadlineExceeded || code == ErrorCode::kDeposed;
    const bool ours = code == ErrorCode::kInternal || code == ErrorCode::kCorrupt;
    const bool known = !transient && record.request.target == TargetKind::kRegId;
    if (ours || known) {
      journal_.fail(record.body + " was refused: " + std::string(error_code_name(code)) + " " +
                    reply.error().message);
    }
    open_.erase(key);
    return;
  }
  record.answered = ground_.world.now();
  record.id = reply->id;
  record.unknown = reply->unknown;
  open_.erase(key);
  if (finishing_ || !ground_.world.random().chance(0.06)) return;
  open_[{index, true}].due =
      ground_.world.now() + milliseconds(ground_.world.random().between(0, 3000));
}

void SimSender::attempt_recall(SimServer& server, std::size_t index) {
  SendRecord& record = journal_.send(index);
  if (!record.recall_begun) record.recall_begun = ground_.world.now();
  server.http().recall({app_.id, record.id}, [this, life = life_, index](Status status) {
    if (life == life_) recalled(index, std::move(status));
  });
}

void SimSender::recalled(std::size_t index, Status status) {
  const Key key{index, true};
  if (!status.ok() && again(open_[key], status.error(), true)) return;
  open_.erase(key);
}

}  // namespace longwire::sim

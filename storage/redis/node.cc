#include "storage/redis/node.h"

#include <utility>

#include "base/check.h"

namespace longwire::storage::redis {
namespace {

Error unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }

}  // namespace

Node::Node(net::Address address, const NodeParts& parts)
    : address_(std::move(address)),
      parts_(parts),
      connection_(parts.loop, *this),
      backoff_(parts.options.backoff_min, parts.options.backoff_max, parts.random) {}

std::chrono::milliseconds Node::pause_left() const {
  const auto now = parts_.loop.turn_time();
  if (state_ != State::kClosed || now >= not_before_) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(not_before_ - now);
}

void Node::send(Call& call) {
  if (state_ == State::kUp) {
    hand_over(call);
    return;
  }
  queue_.push_back(&call);
  if (state_ == State::kClosed) connect();
}

void Node::hand_over(Call& call) {
  if (unanswered_++ == 0) silent_since_ = parts_.loop.turn_time();
  call.sent = true;
  connection_.send(call);
}

void Node::connect() {
  parts_.metrics.connects.add();
  if (auto opened = open(); !opened.ok()) {
    on_ended(opened.error(), {});
    return;
  }
  state_ = State::kGreeting;
  opened_at_ = parts_.loop.turn_time();
}

Status Node::open() {
  auto credentials = current_credentials(parts_.options);
  if (!credentials.ok()) return credentials.error();
  return connection_.open(address_, *credentials);
}

void Node::on_greeted() {
  state_ = State::kUp;
  proven_ = false;
  set_health(Health::kUp, "");
  for (Call* call : std::exchange(queue_, {})) hand_over(*call);
}

void Node::on_refused(const Error& why) {
  state_ = State::kRefused;
  refusal_ = why.message;
}

void Node::on_answer(Call& call, Reply&& reply) {
  CHECK(unanswered_ > 0);
  --unanswered_;
  silent_since_ = parts_.loop.turn_time();
  if (!std::exchange(proven_, true)) backoff_.reset();
  doubtful_ = false;
  parts_.user.on_answer(*this, call, std::move(reply));
}

void Node::check() {
  const auto now = parts_.loop.turn_time();
  if (state_ == State::kRefused) {
    close(unavailable(refusal_));
  } else if (state_ == State::kGreeting && now - opened_at_ >= parts_.options.connect_timeout) {
    close(unavailable("no greeting within redis.connect_timeout"));
  } else if (state_ == State::kUp && unanswered_ > 0 &&
             now - silent_since_ >= parts_.options.command_timeout) {
    doubtful_ = true;
    proven_ = false;
    close(unavailable("silent for redis.command_timeout"));
  }
}

// A connection that worked may have been closed for being idle, by a restart, by an operator: the
// next call tries again at once, and so it does once after one that was only greeted. One that
// never came to that, or hung, is a reason to wait.
void Node::on_ended(const Error& why, std::vector<Call*> unanswered) {
  const bool greeted = state_ == State::kUp;
  if (!greeted) parts_.metrics.connects_failed.add();
  state_ = State::kClosed;
  unanswered_ = 0;
  const bool worked = std::exchange(proven_, false);
  const bool pauses = !worked && (!greeted || doubtful_);
  doubtful_ = !worked;
  if (pauses) not_before_ = parts_.loop.turn_time() + backoff_.next();
  set_health(Health::kDown, why.message);
  const auto queue = std::exchange(queue_, {});
  parts_.user.on_down(*this);
  for (Call* call : queue) parts_.user.on_unsent(*call, why);
  for (Call* call : unanswered) parts_.user.on_lost(*call, why);
}

void Node::set_health(Health health, const std::string& why) {
  if (std::exchange(health_, health) == health) return;
  const std::string name = address_.to_string();
  if (health == Health::kUp) {
    parts_.log.info("node_up", {{"node", name}});
  } else {
    parts_.log.warn("node_down", {{"node", name}, {"error", why}});
  }
}

}  // namespace longwire::storage::redis

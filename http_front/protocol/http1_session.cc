#include <utility>

#include "http_front/protocol/http1_response.h"
#include "http_front/protocol/session.h"

namespace longwire::http {
namespace {

// What may wait behind the request that runs; more is left in the socket.
constexpr std::size_t kPipelineBytesMax = 64 * 1024;

// Requests of a connection run one after another, so that pipelined sends keep their order.
class Http1Session final : public Session {
 public:
  Http1Session(const SessionLimits& limits, BodyMemory& memory, SessionHost& host,
               MonotonicTime now)
      : limits_(limits), memory_(memory), host_(host), parser_(limits.parser), since_(now) {}
  ~Http1Session() override { count_memory(0); }

  void receive(BytesView data, MonotonicTime now) override {
    if (phase_ == Phase::kFinished) return;
    if (waiting_.empty() && phase_ == Phase::kReading && !blocked_) {
      const std::size_t used = process(data, now);
      if (phase_ != Phase::kFinished) waiting_.append(data.substr(used));
      return;
    }
    waiting_.append(data);
    work(now);
  }

  void respond(StreamId stream, Response response, MonotonicTime now) override {
    if (phase_ != Phase::kRunning || static_cast<std::int32_t>(stream) != serial_) return;
    write(response);
    since_ = now;
    if (phase_ == Phase::kFinished) return;
    phase_ = Phase::kReading;
    if (!working_) work(now);
  }

  void shut_down(MonotonicTime now) override {
    last_ = true;
    if (phase_ == Phase::kReading && !parser_.receiving() && waiting_.empty()) {
      phase_ = Phase::kFinished;
    }
    (void)now;
  }

  void check_time(MonotonicTime now) override {
    const MonotonicTime passed = now - since_;
    if (phase_ == Phase::kRunning) {
      if (passed > limits_.answer_timeout) refuse({504, "No answer in time."});
    } else if (phase_ == Phase::kReading && parser_.receiving()) {
      if (passed > limits_.receive_timeout) refuse({408, "The request did not come in time."});
    } else if (phase_ == Phase::kReading && passed > limits_.idle_timeout) {
      phase_ = Phase::kFinished;
    }
  }

  void set_blocked(bool blocked, MonotonicTime now) override {
    blocked_ = blocked;
    if (!blocked && !working_) work(now);
  }

  bool finished() const override { return phase_ == Phase::kFinished; }
  bool wants_input() const override { return waiting_.size() < kPipelineBytesMax; }

 private:
  enum class Phase { kReading, kRunning, kFinished };

  void work(MonotonicTime now) {
    if (waiting_.empty() || phase_ != Phase::kReading || blocked_) return;
    const std::string input = std::exchange(waiting_, {});
    const std::size_t used = process(input, now);
    if (phase_ == Phase::kFinished) return;
    waiting_.insert(0, input, used, std::string::npos);
  }

  // Requests that are answered at once are worked off in this loop, not by recursion.
  std::size_t process(BytesView data, MonotonicTime now) {
    working_ = true;
    std::size_t used = 0;
    while (used < data.size() && phase_ == Phase::kReading && !blocked_) {
      if (!parser_.receiving()) since_ = now;
      used += parser_.consume(data.substr(used));
      count_memory(parser_.buffered_bytes());
      if (const Refusal* refusal = parser_.refusal()) {
        refuse(*refusal);
      } else if (parser_.complete()) {
        dispatch(now);
      } else if (memory_.full()) {
        refuse({503, "Too many requests are under way."});
      } else if (parser_.take_expectation()) {
        host_.on_output("HTTP/1.1 100 Continue\r\n\r\n");
      }
    }
    working_ = false;
    return used;
  }

  void dispatch(MonotonicTime now) {
    phase_ = Phase::kRunning;
    since_ = now;
    serial_ = serial_ == INT32_MAX ? 1 : serial_ + 1;
    if (++requests_ >= limits_.requests_max || !parser_.keep_alive()) last_ = true;
    head_only_ = parser_.head_only();
    Request request = parser_.take_request();
    count_memory(0);
    host_.on_request(StreamId{serial_}, std::move(request));
  }

  void refuse(const Refusal& refusal) {
    last_ = true;
    write(plain_response(refusal.status, refusal.sentence));
  }

  void write(const Response& response) {
    if (response.close) last_ = true;
    Bytes out;
    append_http1_response(
        response, {.keep_alive = !last_, .head_only = head_only_, .date = host_.date()}, out);
    head_only_ = false;
    if (last_) {
      phase_ = Phase::kFinished;
      waiting_.clear();
    }
    host_.on_output(out);
  }

  void count_memory(std::size_t bytes) {
    memory_.used = memory_.used - counted_ + bytes;
    counted_ = bytes;
  }

  const SessionLimits& limits_;
  BodyMemory& memory_;
  SessionHost& host_;
  Http1Parser parser_;
  std::string waiting_;  // came while a request ran
  Phase phase_ = Phase::kReading;
  MonotonicTime since_;  // of the phase, or of the request's first byte
  std::size_t requests_ = 0;
  std::size_t counted_ = 0;
  std::int32_t serial_ = 0;
  bool last_ = false;
  bool head_only_ = false;
  bool working_ = false;
  bool blocked_ = false;
};

}  // namespace

std::unique_ptr<Session> make_http1_session(const SessionLimits& limits, BodyMemory& memory,
                                            SessionHost& host, MonotonicTime now) {
  return std::make_unique<Http1Session>(limits, memory, host, now);
}

}  // namespace longwire::http

#include "tests/sim/sim_wires.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/check.h"
#include "middle/remote/node_server.h"

namespace longwire::sim {

using middle::cluster::DialListener;
using middle::remote::NodeServer;
using middle::remote::Wire;
using std::chrono::milliseconds;

// One of a connection's two ways.
struct SimWires::Way {
  HostName from;
  HostName to;
  std::deque<Chunk> queue;
  milliseconds last{};           // nothing comes before what was written before it
  milliseconds stalled_until{};  // by itself; its hosts may be apart as well
  bool ended = false;            // nothing more is written
};

// What the node says.
struct SimWires::Far final : Wire {
  Far(SimWires& given, Line& of) : wires(given), line(of) {}
  void write(BytesView frame) override;
  SimWires& wires;
  Line& line;
};

struct SimWires::Line {
  Way& way(bool outwards) { return outwards ? out : back; }

  std::weak_ptr<Line> self;
  Executor* loop = nullptr;          // of the near end
  DialListener* listener = nullptr;  // null: the near end is gone
  std::uint64_t far_life = 0;
  std::unique_ptr<Far> far;
  std::unique_ptr<NodeServer> server;  // null: not there yet, or gone
  bool far_over = false;               // it will not be there any more
  Way out;
  Way back;
};

void SimWires::Far::write(BytesView frame) { wires.write(line.self.lock(), false, frame); }

// What the other end says; its end hangs up.
struct SimWires::Near final : Wire {
  Near(SimWires& given, LinePtr of) : wires(given), line(std::move(of)) {}
  ~Near() override {
    line->listener = nullptr;
    wires.end(line, true, wires.latency());
  }
  void write(BytesView frame) override { wires.write(line, true, frame); }
  SimWires& wires;
  const LinePtr line;
};

struct SimWires::LineDialer final : middle::cluster::Dialer {
  LineDialer(SimWires& given, HostName of, Executor& on)
      : wires(given), host(std::move(of)), loop(on) {}
  std::unique_ptr<Wire> dial(const std::string& address, DialListener& listener) override {
    return wires.dial(host, loop, address, listener);
  }
  SimWires& wires;
  const HostName host;
  Executor& loop;
};

// ---- hosts -------------------------------------------------------------------------------------

void SimWires::open(const HostName& host, middle::MiddleTier& middle,
                    const Environment& environment) {
  hosts_[host] = {&middle, std::make_unique<Environment>(environment), ++lives_};
}

void SimWires::close(const HostName& host, Ending ending) {
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) found->second.middle = nullptr;
  const bool silent = ending == Ending::kMachine;
  for (const LinePtr& line : lines_) {
    for (const bool outwards : {true, false}) {
      Way& way = line->way(outwards);
      if (way.from != host) continue;
      if (outwards) line->listener = nullptr;
      if (!outwards) end_far(line);
      // What it said last may be on its way.
      if (!way.ended && (silent || world_.random().chance(0.5))) way.queue.clear();
      end(line, outwards, silent ? milliseconds(world_.random().between(5000, 15'000)) : latency());
    }
  }
  forget_ended();
}

std::unique_ptr<middle::cluster::Dialer> SimWires::dialer(const HostName& host, Executor& loop) {
  return std::make_unique<LineDialer>(*this, host, loop);
}

std::unique_ptr<Wire> SimWires::dial(const HostName& from, Executor& loop, const HostName& to,
                                     DialListener& listener) {
  const auto line = std::make_shared<Line>();
  line->self = line;
  line->loop = &loop;
  line->listener = &listener;
  line->out.from = line->back.to = from;
  line->out.to = line->back.from = to;
  const auto host = hosts_.find(to);
  if (host == hosts_.end() || host->second.middle == nullptr) {
    line->out.ended = true;
    end(line, false, latency());
  } else {
    line->far_life = host->second.life;
    push(line, true, {Chunk::Kind::kOpen, {}, {}}, latency());
    lines_.push_back(line);
  }
  return std::make_unique<Near>(*this, line);
}

// ---- bytes -------------------------------------------------------------------------------------

milliseconds SimWires::latency() {
  SimRandom& random = world_.random();
  return milliseconds(random.chance(late_) ? random.between(1, 200) : random.between(0, 2));
}

// Mostly at once; a lost reset costs a retransmission or two.
milliseconds SimWires::until_noticed() {
  SimRandom& random = world_.random();
  return milliseconds(random.chance(0.3) ? random.between(100, 4000) : random.between(0, 5));
}

void SimWires::write(const LinePtr& line, bool outwards, BytesView frame) {
  Bytes bytes(frame);
  if (spoiler_ != nullptr && !spoiler_->let_through(bytes)) return;
  push(line, outwards, {Chunk::Kind::kFrame, {}, std::move(bytes)}, latency());
}

void SimWires::end(const LinePtr& line, bool outwards, milliseconds delay) {
  if (line->way(outwards).ended) return;
  push(line, outwards, {Chunk::Kind::kEnd, {}, {}}, delay);
  line->way(outwards).ended = true;
}

void SimWires::push(const LinePtr& line, bool outwards, Chunk chunk, milliseconds delay) {
  Way& way = line->way(outwards);
  if (way.ended) return;
  chunk.due = way.last = std::max(way.last, world_.now() + delay);
  const milliseconds wait = chunk.due - world_.now();
  way.queue.push_back(std::move(chunk));
  world_.at(wait, [this, line, outwards] { pump(line, outwards); });
}

milliseconds SimWires::stalled_until(const Way& way) const {
  const auto blocked = blocked_.find({way.from, way.to});
  return std::max(way.stalled_until, blocked == blocked_.end() ? milliseconds(0) : blocked->second);
}

// One event a chunk; those that meet a stall come again once, for all that wait.
void SimWires::pump(const LinePtr& line, bool outwards) {
  Way& way = line->way(outwards);
  const milliseconds until = stalled_until(way);
  if (until > world_.now() && !way.queue.empty()) {
    return world_.at(until - world_.now(), [this, line, outwards] { pump(line, outwards); });
  }
  while (!way.queue.empty() && way.queue.front().due <= world_.now()) {
    Chunk chunk = std::move(way.queue.front());
    way.queue.pop_front();
    deliver(line, outwards, std::move(chunk));
  }
}

void SimWires::deliver(const LinePtr& line, bool outwards, Chunk chunk) {
  if (!outwards) {
    return line->loop->post([line, c = std::move(chunk)] { reach_near(line, c); });
  }
  const Host& host = hosts_.at(line->out.to);
  if (host.middle == nullptr || host.life != line->far_life) {
    line->far_over = true;
    // Whoever is there now answers for who was before.
    line->back.queue.clear();
    line->back.ended = false;
    return end(line, false, latency());
  }
  host.environment->executor.post([this, line, c = std::move(chunk)] { reach_far(line, c); });
}

void SimWires::reach_far(const LinePtr& line, const Chunk& chunk) {
  switch (chunk.kind) {
    case Chunk::Kind::kOpen: {
      const Host& host = hosts_.at(line->out.to);
      line->far = std::make_unique<Far>(*this, *line);
      line->server = std::make_unique<NodeServer>(
          *host.environment, middle::remote::ChannelLimits(), *line->far,
          middle::remote::ServedNode{*host.middle, partitions_, reports_});
      return;
    }
    case Chunk::Kind::kFrame:
      if (line->server) CHECK(line->server->channel().feed(chunk.bytes).ok());
      return;
    case Chunk::Kind::kEnd:
      end_far(line);
      return end(line, false, latency());
  }
}

void SimWires::end_far(const LinePtr& line) {
  line->server.reset();
  line->far_over = true;
}

void SimWires::reach_near(const LinePtr& line, const Chunk& chunk) {
  if (line->listener == nullptr) return;
  if (chunk.kind == Chunk::Kind::kFrame) return line->listener->on_bytes(chunk.bytes);
  std::exchange(line->listener, nullptr)->on_hung_up();
}

// ---- trouble -----------------------------------------------------------------------------------

void SimWires::forget_ended() {
  std::erase_if(lines_,
                [](const LinePtr& line) { return line->far_over && line->listener == nullptr; });
}

SimWires::LinePtr SimWires::draw_line() {
  forget_ended();
  if (lines_.empty()) return nullptr;
  return lines_[world_.random().between(0, lines_.size() - 1)];
}

void SimWires::break_one() {
  if (const LinePtr line = draw_line()) break_line(line);
}

// Of what is on its way all, a part, or nothing has come.
void SimWires::break_line(const LinePtr& line) {
  for (const bool outwards : {true, false}) {
    Way& way = line->way(outwards);
    if (way.ended) continue;
    way.queue.resize(world_.random().between(0, way.queue.size()));
    end(line, outwards, until_noticed());
  }
}

void SimWires::stall_one(milliseconds time) {
  const LinePtr line = draw_line();
  if (line == nullptr) return;
  Way& way = line->way(world_.random().chance(0.5));
  way.stalled_until = std::max(way.stalled_until, world_.now() + time);
}

void SimWires::block(const HostName& from, const HostName& to, milliseconds time) {
  milliseconds& until = blocked_[{from, to}];
  until = std::max(until, world_.now() + time);
}

}  // namespace longwire::sim

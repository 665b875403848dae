#include "tests/support/pipe_network.h"

#include <deque>
#include <utility>

#include "middle/remote/node_server.h"

namespace longwire::test {

using middle::cluster::DialListener;
using middle::remote::NodeServer;
using middle::remote::ServedNode;
using middle::remote::Wire;

// One connection: the node's end, and the other's listener. Either is null once it is gone.
struct PipeNetwork::Line {
  // What the node says.
  struct Far final : Wire {
    Far(PipeNetwork& given, Line& of) : network(given), line(of) {}
    void write(BytesView bytes) override {
      network.carry(line.self.lock(), [to = line.self.lock(), sent = Bytes(bytes)] {
        if (to->listener != nullptr) to->listener->on_bytes(sent);
      });
    }
    PipeNetwork& network;
    Line& line;
  };

  std::string address;
  DialListener* listener = nullptr;
  std::weak_ptr<Line> self;
  std::unique_ptr<Far> far;
  std::unique_ptr<NodeServer> server;
  std::deque<UniqueFunction<void()>> held;  // while the node is silent
};

// What the other end says; its end hangs up.
struct PipeNetwork::Near final : Wire {
  Near(PipeNetwork& given, LinePtr of) : network(given), line(std::move(of)) {}
  ~Near() override {
    line->listener = nullptr;
    if (line->server) ++network.hung_up_;
    network.environment_.executor.post([gone = line] {
      gone->server.reset();
      gone->held.clear();
    });
  }
  void write(BytesView bytes) override {
    network.carry(line, [to = line, sent = Bytes(bytes)] {
      if (to->server) CHECK(to->server->channel().feed(sent).ok());
    });
  }
  PipeNetwork& network;
  const LinePtr line;
};

PipeNetwork::PipeNetwork(const Environment& environment) : environment_(environment) {}
PipeNetwork::~PipeNetwork() {
  for (const LinePtr& line : lines_) line->held.clear();  // which know the line
}

void PipeNetwork::open(const std::string& address, middle::MiddleTier& middle,
                       std::uint16_t partitions) {
  nodes_[address] = {&middle, partitions,
                     std::make_shared<middle::remote::ReportBoard>(environment_.clock)};
}

void PipeNetwork::close(const std::string& address) {
  nodes_.erase(address);
  cut(address);
}

void PipeNetwork::cut(const std::string& address) {
  std::vector<LinePtr> kept;
  for (LinePtr& line : std::exchange(lines_, {})) {
    if (line->address == address) {
      hang_up(line);
    } else if (line->server) {
      kept.push_back(std::move(line));
    }
  }
  std::move(kept.begin(), kept.end(), std::back_inserter(lines_));
}

void PipeNetwork::hang_up(const LinePtr& line) {
  line->server.reset();
  line->held.clear();
  environment_.executor.post([line] {
    if (line->listener != nullptr) std::exchange(line->listener, nullptr)->on_hung_up();
  });
}

void PipeNetwork::set_silent(const std::string& address, bool silent) {
  if (silent) {
    silent_.insert(address);
    return;
  }
  silent_.erase(address);
  for (const LinePtr& line : lines_) {
    if (line->address != address) continue;
    for (auto& deliver : std::exchange(line->held, {}))
      environment_.executor.post(std::move(deliver));
  }
}

void PipeNetwork::carry(const LinePtr& line, UniqueFunction<void()> deliver) {
  if (silent_.contains(line->address)) {
    line->held.push_back(std::move(deliver));
    return;
  }
  environment_.executor.post(std::move(deliver));
}

std::unique_ptr<Wire> PipeNetwork::dial(const std::string& address, DialListener& listener) {
  const auto line = std::make_shared<Line>();
  line->address = address;
  line->listener = &listener;
  line->self = line;
  const auto node = nodes_.find(address);
  if (node == nodes_.end()) {
    hang_up(line);
  } else {
    line->far = std::make_unique<Line::Far>(*this, *line);
    line->server = std::make_unique<NodeServer>(
        environment_, middle::remote::ChannelLimits(), *line->far,
        ServedNode{*node->second.middle, node->second.partitions, *node->second.reports});
    lines_.push_back(line);
  }
  return std::make_unique<Near>(*this, line);
}

}  // namespace longwire::test

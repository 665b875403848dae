#pragma once

// PipeNetwork: middle nodes and who connects to them, with bytes carried by posts to one executor.
// A test cuts connections, and makes nodes silent.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/environment.h"
#include "middle/cluster/dialer.h"
#include "middle/middle.h"
#include "middle/remote/report_board.h"

namespace longwire::test {

// Loop-bound to environment.executor.
class PipeNetwork final : public middle::cluster::Dialer {
 public:
  explicit PipeNetwork(const Environment& environment);
  ~PipeNetwork() override;

  // Who dials `address` comes to `middle`, which has to be closed before it ends.
  void open(const std::string& address, middle::MiddleTier& middle, std::uint16_t partitions);
  // Its connections end; who dials it is refused.
  void close(const std::string& address);
  // Its connections end, and may be dialled again.
  void cut(const std::string& address);
  // Neither hears nor says anything, while its connections stand; what it would have heard and said
  // follows once it is awake.
  void set_silent(const std::string& address, bool silent);

  // Connections that their dialler ended.
  std::size_t hung_up() const { return hung_up_; }

  std::unique_ptr<middle::remote::Wire> dial(const std::string& address,
                                             middle::cluster::DialListener& listener) override;

 private:
  struct Line;
  struct Near;
  struct Node {
    middle::MiddleTier* middle;
    std::uint16_t partitions;
    std::shared_ptr<middle::remote::ReportBoard> reports;  // shared: a Node is copied
  };
  using LinePtr = std::shared_ptr<Line>;  // shared with what is on its way

  void hang_up(const LinePtr& line);
  void carry(const LinePtr& line, UniqueFunction<void()> deliver);

  Environment environment_;
  std::map<std::string, Node> nodes_;
  std::set<std::string> silent_;
  std::vector<LinePtr> lines_;
  std::size_t hung_up_ = 0;
};

}  // namespace longwire::test

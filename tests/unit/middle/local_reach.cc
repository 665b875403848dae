#include "tests/unit/middle/reach.h"

namespace longwire::middle {
namespace {

class LocalReached final : public Reached {
 public:
  LocalReached(const Environment& environment, std::unique_ptr<Middle> middle)
      : executor_(environment.executor), middle_(std::move(middle)) {}
  void start(Callback<void> done) override { middle_->start(std::move(done)); }
  MiddleLink connect(NodeId node, FrontEnd& front_end) override {
    return middle_->connect(executor_, std::move(node), &front_end);
  }

 private:
  Executor& executor_;
  const std::unique_ptr<Middle> middle_;
};

}  // namespace

std::unique_ptr<Reached> reach(const MiddleConfig& config, const Environment& environment,
                               PartitionStore& store, Directory& directory, Executor& keys) {
  return std::make_unique<LocalReached>(environment,
                                        make_middle(config, environment, store, directory, keys));
}

}  // namespace longwire::middle

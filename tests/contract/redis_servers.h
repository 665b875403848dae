#pragma once

// The servers of redis_test.py, which tells of them in the environment: asked without the router,
// killed, halted, brought up again.

#include <string>
#include <vector>

#include "storage/redis/reply.h"

namespace longwire::test {

// One process. A value.
class RedisServer {
 public:
  RedisServer(std::string service, std::string name, std::string address)
      : service_(std::move(service)), name_(std::move(name)), address_(std::move(address)) {}

  const std::string& address() const { return address_; }
  // On a connection of its own. A Failure where there is no answer.
  storage::redis::Reply ask(const std::vector<std::string>& words) const;
  // Its text, whatever kind it is of; empty where it is none.
  std::string ask_text(const std::vector<std::string>& words) const;
  // After SIGKILL it is gone, with its port.
  void signal(int number) const;

 private:
  std::string service_;
  std::string name_;
  std::string address_;
};

RedisServer single_redis();
std::vector<RedisServer> cluster_redis();
// Starts what does not run; returns when all is whole again.
void bring_up(const std::string& service);

}  // namespace longwire::test

#include "tests/contract/redis_servers.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/check.h"
#include "base/net/address.h"

namespace longwire::test {
namespace {

using storage::redis::Reply;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  CHECK(value != nullptr);
  return value;
}

Reply to_reply(const redisReply* from) {
  if (from == nullptr) return Reply::Failure{"no answer"};
  switch (from->type) {
    case REDIS_REPLY_INTEGER:
      return std::int64_t{from->integer};
    case REDIS_REPLY_STRING:
      return Bytes(from->str, from->len);
    case REDIS_REPLY_STATUS:
      return Reply::Status{std::string(from->str, from->len)};
    case REDIS_REPLY_ERROR:
      return Reply::Failure{std::string(from->str, from->len)};
    default:
      return {};
  }
}

}  // namespace

Reply RedisServer::ask(const std::vector<std::string>& words) const {
  const auto address = net::parse_address(address_);
  CHECK(address.ok());
  const timeval timeout{.tv_sec = 5, .tv_usec = 0};
  const std::unique_ptr<redisContext, void (*)(redisContext*)> context(
      redisConnectWithTimeout(address->ip.c_str(), address->port, timeout), &redisFree);
  if (context == nullptr || context->err != 0) return Reply::Failure{"no connection"};
  redisSetTimeout(context.get(), timeout);
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<void, void (*)(void*)> reply(
      redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data()),
      [](void* each) {
        if (each != nullptr) freeReplyObject(each);
      });
  return to_reply(static_cast<const redisReply*>(reply.get()));
}

std::string RedisServer::ask_text(const std::vector<std::string>& words) const {
  const Reply reply = ask(words);
  if (const auto* bytes = reply.bytes()) return *bytes;
  if (const auto* status = reply.status()) return status->text;
  if (const auto* failure = reply.failure()) return failure->text;
  return reply.integer() != nullptr ? std::to_string(*reply.integer()) : "";
}

void RedisServer::signal(int number) const {
  std::ifstream file(variable("LONGWIRE_TEST_REDIS_INSTANCE") + "/" + service_ + "/" + name_ +
                     ".pid");
  pid_t pid = 0;
  file >> pid;
  CHECK(pid > 1);
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  CHECK(watched >= 0);
  CHECK(::kill(pid, number) == 0);
  pollfd end{.fd = watched, .events = POLLIN, .revents = 0};
  if (number == SIGKILL) CHECK(::poll(&end, 1, 60'000) == 1);
  ::close(watched);
}

RedisServer single_redis() { return {"redis", "redis", variable("LONGWIRE_TEST_REDIS")}; }

std::vector<RedisServer> cluster_redis() {
  std::vector<RedisServer> servers;
  std::istringstream addresses(variable("LONGWIRE_TEST_REDIS_CLUSTER"));
  for (std::string address; std::getline(addresses, address, ',');) {
    servers.emplace_back("redis-cluster", "redis-cluster-" + std::to_string(servers.size() + 1),
                         address);
  }
  return servers;
}

void bring_up(const std::string& service) {
  const std::string command = "/usr/bin/python3 deploy/local/services.py up " + service +
                              " --instance '" + variable("LONGWIRE_TEST_REDIS_INSTANCE") +
                              "' > /dev/null";
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace longwire::test

// The HTTP front alone, over a middle tier of canned answers: for clients whose requests matter,
// not their delivery. Prints one JSON line of addresses and files, serves until its input ends.
//
//   http-test-server CERTIFICATE-FILE

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>

#include "base/net/loop_thread.h"
#include "http_front/server/http_front.h"
#include "tests/unit/http_front/fake_service.h"

namespace longwire::http::test {
namespace {

// What a caller needs to know to see each kind of answer: see openapi_test.py.
Result<middle::SendReply> answer_by_name(const middle::SendRequest& request) {
  middle::SendReply reply = example_reply();
  for (const std::string& name : request.names) {
    if (name == "busy") {
      return Error{ErrorCode::kUnavailable, "the partition is being taken over",
                   std::chrono::milliseconds(1500)};
    }
    if (name.substr(0, 7) == "unknown") reply.unknown.push_back(name);
  }
  return reply;
}

HttpConfig test_config() {
  HttpConfig config;
  config.listen = "127.0.0.1:0";
  config.admin_listen = "127.0.0.1:0";
  config.devices_per_minute = 1'000'000;
  config.bad_secrets_per_minute = 1'000'000;
  return config;
}

int serve(const std::string& certificate_file) {
  net::LoopThread first("http-0");
  FakeMiddle middle;
  middle.prepare = [](FakeService& service) { service.on_send = &answer_by_name; };
  Metrics metrics;
  const Environment environment{first.loop(), system_clock(), system_random(), null_log(), metrics};
  auto certificate = net::make_self_signed({"localhost", "127.0.0.1"}, system_clock().now());
  if (!certificate) return 1;
  std::ofstream(certificate_file) << certificate->certificate;
  auto front = make_http_front(test_config(),
                               {.loops = {first.loop()},
                                .middle = middle,
                                .domain = "localhost",
                                .certificate = *certificate,
                                .admin = {}},
                               environment);
  if (!front) return 1;
  const auto addresses = (*front)->start();
  if (!addresses) return 1;
  std::cout << "{\"https\":" << addresses->https.port << ",\"admin\":" << addresses->admin.port
            << ",\"secret\":\"" << kSecret << "\",\"appId\":\"" << kAppId << "\",\"appKey\":\""
            << kAppKey << "\",\"package\":\"" << kPackage << "\"}" << std::endl;
  std::string ignored;
  while (std::getline(std::cin, ignored)) {
  }
  std::mutex mutex;
  std::condition_variable stopped;
  bool done = false;
  (*front)->stop([&](Status) {
    const std::lock_guard lock(mutex);
    done = true;
    stopped.notify_one();
  });
  std::unique_lock lock(mutex);
  stopped.wait(lock, [&done] { return done; });
  return 0;
}

}  // namespace
}  // namespace longwire::http::test

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return longwire::http::test::serve(argv[1]);
}

#include "daemon/cli/command_line.h"

#include <fmt/format.h>

#include <cstdio>

#include "daemon/control/control_client.h"

namespace longwire::daemon {

int print_error(const CommandLine& line, const Error& error) {
  if (line.json) {
    fmt::print(stderr, "{}\n", make_control_response(error).dump());
  } else {
    fmt::print(stderr, "longwire: {}\n", error.message);
  }
  return kExitFailure;
}

int print_result(const CommandLine& line, const Result<Json>& result, const HumanPrinter& print) {
  if (!result.ok()) return print_error(line, result.error());
  if (line.json) {
    fmt::print("{}\n", result->dump(2));
  } else {
    print(*result);
  }
  return 0;
}

Result<Json> ask_server(const CommandLine& line, const ControlRequest& request,
                        std::chrono::milliseconds patience) {
  auto client = ControlClient::connect(line.data);
  if (!client.ok()) return client.error();
  return (*client)->call(request, patience);
}

Result<Json> ask_for_all(const CommandLine& line, const std::string& command, std::string after) {
  auto client = ControlClient::connect(line.data);
  if (!client.ok()) return client.error();
  Json all = Json::array();
  while (true) {
    const auto page = (*client)->call({command, {{"after", after}}});
    if (!page.ok()) return page.error();
    if (page->empty()) return all;
    all.insert(all.end(), page->begin(), page->end());
    after = page->back().get<std::string>();
  }
}

int run_remote(const CommandLine& line, const ControlRequest& request, const HumanPrinter& print) {
  return print_result(line, ask_server(line, request), print);
}

}  // namespace longwire::daemon

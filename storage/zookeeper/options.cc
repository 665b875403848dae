#include "storage/zookeeper/options.h"

#include <charconv>
#include <string_view>

namespace longwire::storage::zookeeper {
namespace {

// Servers make two of their ticks of less: 4 s, unless told otherwise.
constexpr std::int64_t kSessionMinMs = 4'000;
constexpr std::int64_t kSessionMaxMs = 600'000;

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc() && read.ptr == end && port != 0;
}

// The library's own reader takes much for a port, and what follows a slash for a path.
Status check_server(const std::string& value) {
  const auto colon = value.rfind(':');
  const bool good = colon != std::string::npos && colon > 0 &&
                    value.find_first_of(", /") == std::string::npos &&
                    is_port(std::string_view(value).substr(colon + 1));
  if (good) return {};
  return Error{ErrorCode::kInvalidArgument, "must be \"host:port\""};
}

Status check_path(const std::string& value) {
  const bool good = value.size() > 1 && value.front() == '/' && value.back() != '/' &&
                    value.find("//") == std::string::npos && value.find("/.") == std::string::npos;
  if (good) return {};
  return Error{ErrorCode::kInvalidArgument,
               "must be like \"/longwire\": no empty part, none that begins with a dot"};
}

Error of_key(std::string_view key, const Error& error) {
  return {error.code, std::string(key) + ": " + error.message};
}

}  // namespace

void declare_config(ConfigSchema& schema, Options& options) {
  schema.add({.key = "zookeeper.servers",
              .help = "The servers of one ensemble, \"host:port\" each; empty: no ZooKeeper.",
              .check = check_server},
             options.servers);
  schema.add({.key = "zookeeper.path",
              .help = "The node below which everything of this cluster lies; made where missing.",
              .check = check_path},
             options.path);
  schema.add({.key = "zookeeper.session_timeout",
              .help = "How long a middle node that says nothing keeps its partitions before the "
                      "others take them. Calls wait 10 s for that: well below, they are answered "
                      "late, above, with \"try again\".",
              .min = kSessionMinMs,
              .max = kSessionMaxMs},
             options.session_timeout);
}

Status check(const Options& options) {
  if (options.servers.empty()) {
    return Error{ErrorCode::kInvalidArgument, "zookeeper.servers: there is none"};
  }
  for (const std::string& server : options.servers) {
    if (const auto status = check_server(server); !status.ok()) {
      return of_key("zookeeper.servers: " + server, status.error());
    }
  }
  if (const auto status = check_path(options.path); !status.ok()) {
    return of_key("zookeeper.path", status.error());
  }
  return {};
}

}  // namespace longwire::storage::zookeeper

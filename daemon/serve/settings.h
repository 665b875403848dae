#pragma once

// All configuration of the program in one place: every module's struct, and the schema over them.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "channels/handler/handler_config.h"
#include "channels/push/push_channel.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/certificate.h"
#include "daemon/serve/tier_certificate.h"
#include "daemon/workers/workers_config.h"
#include "http_front/server/http_front.h"
#include "middle/middle.h"
#include "storage/zookeeper/options.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::daemon {

struct LogConfig {
  std::string level = "info";
  std::string format = "text";
};

// Which tiers this process is, and how it speaks to the others.
struct TierConfig {
  std::vector<std::string> roles = {"middle", "xmpp", "http"};
  std::string listen;                // of a middle node, for other processes
  std::string advertise;             // how they reach it; empty: as it listens
  std::vector<std::string> members;  // all middle nodes; empty: only this one, or ask ZooKeeper
  std::vector<std::string> middle;   // some of them, of a process that is none itself
  TierTlsConfig tls;

  bool has(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
};

struct ThreadConfig {
  std::int64_t xmpp = 2;
  std::int64_t http = 1;
};

// Values and their schema. A resource: the schema points into it.
struct Settings {
  Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  LogConfig log;
  TierConfig tier;
  ThreadConfig threads;
  WorkersConfig workers;
  TlsConfig tls;
  StorageConfig storage;
  longwire::storage::zookeeper::Options zookeeper;
  middle::MiddleConfig middle;
  channels::PushConfig push;
  channels::HandlersConfig handlers;
  xmpp::XmppConfig xmpp;
  http::HttpConfig http;
  ConfigSchema schema;

  // This middle node is one of several.
  bool clustered() const { return !tier.members.empty() || !zookeeper.servers.empty(); }
};

// Where the values come from; later ones win: defaults, the file, the assignments.
struct SettingsSources {
  std::string file = {};                      // --config; empty: DATA/longwire.toml where it exists
  std::vector<std::string> assignments = {};  // --set
};

// kInvalidArgument names what is wrong: one key, or two that do not go together.
Result<std::unique_ptr<Settings>> load_settings(const SettingsSources& sources,
                                                const DataPaths& paths);

// Reads the file again and takes what can change while running; answers the names of changed keys
// that need a restart.
Result<std::vector<std::string>> reload_settings(Settings& settings, const SettingsSources& sources,
                                                 const DataPaths& paths);

LogLevel log_level(const LogConfig& config);

}  // namespace longwire::daemon

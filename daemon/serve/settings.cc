#include "daemon/serve/settings.h"

#include <optional>
#include <utility>

#include "base/net/address.h"
#include "daemon/handlers/handlers.h"

namespace longwire::daemon {
namespace {

Status check_optional_address(const std::string& value) {
  return value.empty() ? Status() : net::check_address(value);
}

Status check_peer(const std::string& value) {
  const auto address = net::parse_peer(value);
  return address.ok() ? Status() : Status(address.error());
}

void declare_own(ConfigSchema& schema, Settings& settings) {
  schema.add({.key = "log.level",
              .help = "What is logged: all of this level and above.",
              .choices = {"debug", "info", "warn", "error", "off"},
              .reloadable = true},
             settings.log.level);
  schema.add({.key = "log.format",
              .help = "One line an event, as text or as JSON.",
              .choices = {"text", "json"}},
             settings.log.format);
  schema.add({.key = "tier.roles",
              .help = "What this process is: middle (feeds, storage), xmpp and http (front ends).",
              .choices = {"middle", "xmpp", "http"}},
             settings.tier.roles);
  schema.add({.key = "tier.listen",
              .help = "Where a middle node listens for other processes; empty: nowhere.",
              .check = check_optional_address},
             settings.tier.listen);
  schema.add({.key = "tier.advertise",
              .help = "How other processes reach tier.listen, \"ip:port\"; empty: as it is there.",
              .check = check_optional_address},
             settings.tier.advertise);
  schema.add({.key = "tier.members",
              .help = "All middle nodes that share the storage, this one among them, by their "
                      "tier.advertise, where no ZooKeeper tells which there are. Nobody takes "
                      "over from one that is away.",
              .check = check_peer},
             settings.tier.members);
  schema.add({.key = "tier.middle",
              .help = "Some middle nodes, for a process that is none itself, each \"ip:port\" or "
                      "\"unix:/path\"; they tell of the others.",
              .check = check_peer},
             settings.tier.middle);
  declare_config(schema, settings.tier.tls);
  schema.add({.key = "threads.xmpp",
              .help = "Event loops that serve XMPP connections.",
              .min = 1,
              .max = 256},
             settings.threads.xmpp);
  schema.add({.key = "threads.http",
              .help = "Event loops that serve HTTPS connections.",
              .min = 1,
              .max = 256},
             settings.threads.http);
}

std::string file_name(const SettingsSources& sources, const DataPaths& paths) {
  return sources.file.empty() ? paths.configuration().string() : sources.file;
}

// The configuration file's text; empty where there is none to read.
Result<std::optional<std::string>> read_configuration(const SettingsSources& sources,
                                                      const DataPaths& paths) {
  auto text = read_file(file_name(sources, paths));
  if (!text.ok() && text.error().code == ErrorCode::kNotFound && sources.file.empty()) {
    return std::optional<std::string>();
  }
  if (!text.ok()) return text.error();
  return std::optional<std::string>(std::move(*text));
}

Status check_workers(const Settings& settings) {
  if (settings.workers.count == 0 || settings.tier.has("xmpp")) return {};
  return Error{ErrorCode::kInvalidArgument,
               "xmpp.workers share the XMPP ports: tier.roles has no xmpp"};
}

Error invalid(const char* what) { return {ErrorCode::kInvalidArgument, what}; }

Status check_cluster(const Settings& settings) {
  if (!settings.zookeeper.servers.empty() && !settings.tier.members.empty())
    return invalid("zookeeper.servers and tier.members both say which middle nodes there are");
  if (settings.tier.listen.empty())
    return invalid("tier.listen is missing: other middle nodes come to it");
  if (settings.workers.count > 0)
    return invalid(
        "xmpp.workers beside one of several middle nodes: run them as their own process");
  if (settings.storage.feeds != "hbase" || settings.storage.directory != "mysql")
    return invalid(
        "several middle nodes share their storage: storage.feeds has to be hbase and "
        "storage.directory mysql");
  if (settings.zookeeper.servers.empty()) return {};
  return longwire::storage::zookeeper::check(settings.zookeeper);
}

Status check_tier(const Settings& settings) {
  const TierConfig& tier = settings.tier;
  if (tier.has("middle") == !tier.middle.empty())
    return invalid(
        "tier.middle has addresses of middle nodes where tier.roles has no middle, and none "
        "where it has");
  if (!tier.has("middle") && (!tier.listen.empty() || settings.clustered()))
    return invalid(
        "tier.listen, tier.members and zookeeper.servers are a middle node's: see tier.roles");
  TRY(check_tier_tls(tier.tls));
  if (settings.clustered()) return check_cluster(settings);
  return {};
}

// What each key allows by itself, and the two do not allow together.
Status check_together(const Settings& settings) {
  if (settings.xmpp.ping_after >= settings.xmpp.idle_timeout) {
    return Error{ErrorCode::kInvalidArgument,
                 "xmpp.ping_after must be shorter than xmpp.idle_timeout: a connection would be "
                 "lost before it is asked"};
  }
  TRY(check_tier(settings));
  TRY(check_workers(settings));
  if (settings.middle.time_to_live_default > settings.middle.time_to_live_max) {
    return Error{ErrorCode::kInvalidArgument,
                 "message.time_to_live_default must not be longer than message.time_to_live_max"};
  }
  TRY(check_handlers(settings.handlers));
  return check_together(settings.storage);
}

}  // namespace

Settings::Settings() {
  declare_own(schema, *this);
  declare_config(schema, workers);
  declare_config(schema, tls);
  declare_config(schema, storage);
  longwire::storage::zookeeper::declare_config(schema, zookeeper);
  middle::declare_config(schema, middle);
  channels::declare_config(schema, push);
  channels::declare_config(schema, handlers);
  xmpp::declare_config(schema, xmpp);
  http::declare_config(schema, http);
}

Result<std::unique_ptr<Settings>> load_settings(const SettingsSources& sources,
                                                const DataPaths& paths) {
  auto settings = std::make_unique<Settings>();
  const auto text = read_configuration(sources, paths);
  if (!text.ok()) return text.error();
  if (text->has_value()) TRY(settings->schema.apply_toml(**text, file_name(sources, paths)));
  for (const std::string& assignment : sources.assignments) {
    TRY(settings->schema.apply_assignment(assignment));
  }
  TRY(check_together(*settings));
  if (settings->storage.cache == kCacheNone) settings->middle.row_cache_bytes = 0;
  return settings;
}

Result<std::vector<std::string>> reload_settings(Settings& settings, const SettingsSources& sources,
                                                 const DataPaths& paths) {
  const auto text = read_configuration(sources, paths);
  if (!text.ok()) return text.error();
  return settings.schema.reload_toml(text->value_or(""), file_name(sources, paths));
}

LogLevel log_level(const LogConfig& config) {
  return parse_log_level(config.level).value_or(LogLevel::kInfo);
}

}  // namespace longwire::daemon

#include "daemon/serve/ports_file.h"

#include <nlohmann/json.hpp>

#include "daemon/serve/data_directory.h"

namespace longwire::daemon {

Status write_ports_file(const std::filesystem::path& path, const Ports& ports) {
  nlohmann::ordered_json document = {
      {"xmpp", ports.xmpp}, {"xmpps", ports.xmpps}, {"https", ports.https}, {"admin", ports.admin}};
  if (ports.channel_push != 0) document["channelPush"] = ports.channel_push;
  if (ports.tier != 0) document["tier"] = ports.tier;
  return write_file(path, document.dump() + "\n", 0644);
}

}  // namespace longwire::daemon

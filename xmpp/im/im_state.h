#pragma once

// What instant messaging keeps of a session. Inside of xmpp/im.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xmpp/im/archive_reader.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

// Made when the session first shows presence or asks for its roster: a device has none.
struct ImState final : SessionExtension {
  bool available = false;
  bool wants_roster = false;
  std::int8_t priority = 0;
  std::string presence;                    // the last one, without `to`
  std::vector<std::string> directed;       // addresses that got presence, to be told of the end
  std::unique_ptr<ArchiveReader> archive;  // follows while its priority is not negative
};

ImState* im_state(Session& session);  // may be null
ImState& need_im_state(Session& session);
ArchiveReader& need_archive_reader(Session& session);
ArchiveReader* archive_reader_of(SessionHost& host, SessionHandle session);  // may be null

}  // namespace longwire::xmpp

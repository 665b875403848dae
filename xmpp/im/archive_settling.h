#pragma once

// What the client of an ended session has, but whose numbers were not known yet, is looked up in
// the archive, so that it does not come again. Outlives the session and its ArchiveReader.

#include <vector>

#include "xmpp/session/host.h"

namespace longwire::xmpp {

struct ArchiveSettling {
  middle::CursorMove move;             // up to where the session came
  std::vector<middle::MessageId> ids;  // what the client has
  int tries = 3;                       // a sweep apart
};

void settle_archive(SessionHost& host, ArchiveSettling settling);

}  // namespace longwire::xmpp

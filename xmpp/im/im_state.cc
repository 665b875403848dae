#include "xmpp/im/im_state.h"

#include "xmpp/session/session.h"

namespace longwire::xmpp {

ImState* im_state(Session& session) { return static_cast<ImState*>(session.extension().get()); }

ImState& need_im_state(Session& session) {
  if (!session.extension()) session.extension() = std::make_unique<ImState>();
  return *im_state(session);
}

ArchiveReader& need_archive_reader(Session& session) {
  ImState& state = need_im_state(session);
  if (!state.archive) state.archive = std::make_unique<ArchiveReader>(session);
  return *state.archive;
}

ArchiveReader* archive_reader_of(SessionHost& host, SessionHandle handle) {
  Session* session = host.sessions.find(handle);
  if (session == nullptr) return nullptr;
  const ImState* state = im_state(*session);
  return state == nullptr ? nullptr : state->archive.get();
}

}  // namespace longwire::xmpp

#pragma once

// The push channel's stanzas in libstrophe's terms. Included by xmpp_link.cc only: shows
// libstrophe.

#include <strophe.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::sdk {

struct StanzaRelease {
  void operator()(xmpp_stanza_t* stanza) const { xmpp_stanza_release(stanza); }
};
using Stanza = std::unique_ptr<xmpp_stanza_t, StanzaRelease>;

std::string address_of_push(const std::string& domain);
Stanza request_stanza(xmpp_ctx_t* context, const std::string& id, const std::string& to,
                      BytesView frame);
Stanza frame_stanza(xmpp_ctx_t* context, const std::string& to, BytesView frame);
Stanza ping_stanza(xmpp_ctx_t* context, const std::string& id, const std::string& to);
// The answer to a request of the server: to a ping its result, else an error.
Stanza answer_stanza(xmpp_stanza_t* request);

// The frame in a stanza; kCorrupt where there is none.
Result<Bytes> frame_of(xmpp_stanza_t* stanza);
// The error that an answer of type "error" tells.
Error error_of(xmpp_stanza_t* stanza);

}  // namespace longwire::sdk

#pragma once

// Service discovery (XEP-0030): what the domain, an account and a channel's address say of
// themselves.

#include "xmpp/im/iq_table.h"

namespace longwire::xmpp {

void answer_disco_info(const IqRequest& request);
void answer_disco_items(const IqRequest& request);

}  // namespace longwire::xmpp

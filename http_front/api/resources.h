#pragma once

// The functions behind the routes, one file a resource. Each answers its call once. Loop-bound.

#include "http_front/api/api_call.h"

namespace longwire::http {

// send.cc
void send_to_reg_ids(ApiContext& context, CallPtr call);
void send_to_aliases(ApiContext& context, CallPtr call);
void send_to_accounts(ApiContext& context, CallPtr call);
void send_to_topics(ApiContext& context, CallPtr call);
void send_to_all(ApiContext& context, CallPtr call);

// devices.cc
void create_device(ApiContext& context, CallPtr call);

// messages.cc
void show_message(ApiContext& context, CallPtr call);

}  // namespace longwire::http

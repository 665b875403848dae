#pragma once

// The echo channel (number 2): answers a request with its own data, and sends a frame that needs no
// answer back as one. It shows how little a channel is, and that front ends serve a table of them.

#include <memory>

#include "channels/channel.h"

namespace longwire::channels {

// Open to devices and users alike. Holds nothing per session. Loop-bound.
std::unique_ptr<Channel> make_echo_channel();

}  // namespace longwire::channels

#pragma once

// A channel named "echo" for scripts: answers a request with its own bytes; a frame without answer
// comes back as a push; the request "fail" is refused. And one
// named "machines", the same for devices only.

#include <memory>

#include "channels/channel.h"

namespace longwire::test {

std::unique_ptr<channels::Channel> make_script_echo();
std::unique_ptr<channels::Channel> make_script_machines();

}  // namespace longwire::test

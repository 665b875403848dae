#pragma once

// Measurements of storage that is reached over a network: what is read of it, and how long that
// takes. Each prints one line of JSON; the file of devices is run_prepare's.

#include <string>

#include "tests/bench/load/fleet.h"

namespace longwire::bench {

// All devices of the file log in at once: how long until all are in, and a while after.
void run_storm(Engine& engine, const Target& target, const std::string& file);
// Sends `entries` to each device of the file, which are away.
void run_fill(Engine& engine, const Target& target, const std::string& file, int entries);
// Of devices that are logged in, `per_second` ask for what they missed, `entries` each: how long
// until they have it.
void run_fetch(Engine& engine, const Target& target, const std::string& file, int entries,
               int per_second);
// Devices of the file set the topic that they have, again and again, for `seconds`: each keeps as
// many commands in flight; with none they only stay, to tell what that alone costs.
void run_repeat(Engine& engine, const Target& target, const std::string& file,
                std::size_t in_flight, int seconds);

}  // namespace longwire::bench

#pragma once

// What is measured; each prints one line of JSON. design.md section 8 names the marks.

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/load/fleet.h"

namespace longwire::bench {

// One send to a topic with `connections` carriers, `rounds` times: server CPU per delivery,
// deliveries a second.
void run_fanout(Engine& engine, const Target& target, std::size_t connections, int rounds);
// Makes and registers the devices of run_idle, and writes them to a file.
void run_prepare(Engine& engine, const Target& target, std::size_t connections,
                 const std::string& file);
// Anonymous memory of the server per idle logged-in connection. The devices exist already and the
// server was started again since, so that what their making left in the storage's write buffers is
// not counted as theirs.
void run_idle(Engine& engine, const Target& target, const std::string& file);
// Server CPU per login with full handshake, at 1,000 sessions and at `connections`; the mass return
// of half of them.
void run_login(Engine& engine, const Target& target, std::size_t connections);
// Single sends accepted a second over `connections` keep-alive connections, for `seconds`.
void run_sends(Engine& engine, const Target& target, std::size_t connections, int seconds);
// The same, `per_second` of them, each begun when it is due (open loop): CPU per send, latency from
// the time it was due.
void run_paced(Engine& engine, const Target& target, std::size_t connections, int per_second,
               int seconds);
// Devices that carry the topic, connected until standard input ends. Prints a line once they are,
// and one at the end, with what they got.
void run_hold(Engine& engine, const Target& target, std::size_t connections);
// API accept to device on an idle system: p50 and p99 of `rounds` sends, one by one.
void run_latency(Engine& engine, const Target& target, int rounds);
// Chat among `users` (name:password pairs), `in_flight` messages under way: server CPU per message.
void run_chat(Engine& engine, const Target& target, const std::vector<Login>& users,
              std::size_t in_flight, int seconds);

}  // namespace longwire::bench

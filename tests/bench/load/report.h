#pragma once

// What the scenarios share: figures, and how they are said.

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/load/fleet.h"

namespace longwire::bench {

inline constexpr const char* kTopic = "bench";  // of all devices

void print(const nlohmann::json& line);
double since(Instant start);  // seconds
double percentile(std::vector<double> values, double part);

// HTTP: headers and body of a send, 200-250 bytes as the design measures.
std::string authorization(const Target& target);
std::string send_form(const std::string& target_parameter, const std::string& package);
// Ends the program where it was refused.
void expect_accepted(int status, std::string_view body);

void settle(Engine& engine, std::chrono::milliseconds time);

}  // namespace longwire::bench

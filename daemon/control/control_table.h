#pragma once

// The table of commands that a running server carries out for the command line: one row a command,
// one file a group of rows (app_control.cc, …). To add one: a function, a row, and its command in
// daemon/cli.

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"
#include "daemon/control/control_frame.h"
#include "middle/service.h"

namespace longwire::daemon {

// Answers once, later, on the loop of the service it was built with.
using ControlHandler = std::function<void(const Json& params, Callback<Json> done)>;

// Loop-bound once serving; handlers throw nlohmann's exceptions on parameters of the wrong type,
// which the server answers as kInvalidArgument.
class ControlTable final {
 public:
  void add(std::string command, ControlHandler handler);
  // Null: no such command.
  const ControlHandler* find(std::string_view command) const;

 private:
  std::map<std::string, ControlHandler, std::less<>> handlers_;
};

// `service` outlives the table.
void add_app_control(ControlTable& table, middle::Service& service);
void add_user_control(ControlTable& table, middle::Service& service);
void add_device_control(ControlTable& table, middle::Service& service);
void add_message_control(ControlTable& table, middle::Service& service);

}  // namespace longwire::daemon

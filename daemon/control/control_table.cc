#include "daemon/control/control_table.h"

#include <utility>

#include "base/check.h"

namespace longwire::daemon {

void ControlTable::add(std::string command, ControlHandler handler) {
  const bool added = handlers_.emplace(std::move(command), std::move(handler)).second;
  CHECK(added);
}

const ControlHandler* ControlTable::find(std::string_view command) const {
  const auto found = handlers_.find(command);
  return found == handlers_.end() ? nullptr : &found->second;
}

}  // namespace longwire::daemon

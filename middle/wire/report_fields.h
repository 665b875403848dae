#pragma once

// As fields.h, for what processes say of themselves (middle/model/process_report.h).

#include "middle/model/process_report.h"
#include "middle/wire/codec.h"

namespace longwire::middle::wire {

template <typename Visit>
void fields(Visit& visit, Is<NamedNumber> auto& value) {
  visit(1, value.name);
  visit(2, value.value);
}

template <typename Visit>
void fields(Visit& visit, Is<ProcessReport> auto& value) {
  visit(1, value.place);
  visit(2, value.name);
  visit(3, value.host);
  visit(4, value.pid);
  visit(5, value.roles);
  visit(6, value.addresses);
  visit(7, value.version);
  visit(8, value.uptime);
  visit(9, value.numbers);
}

template <typename Visit>
void fields(Visit& visit, Is<KeptReport> auto& value) {
  visit(1, value.report);
  visit(2, value.age);
}

}  // namespace longwire::middle::wire

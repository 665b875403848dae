#pragma once

// Several pages of metrics as one: each worker's samples get the label worker="…", and stand with
// those of their family.

#include <string>
#include <string_view>
#include <vector>

namespace longwire::daemon {

struct WorkerPage {
  int worker = 0;
  std::string text;  // as Metrics::render() writes it
};

// `own` is the supervisor's page: its samples stay as they are, and stand first.
std::string merge_pages(std::string_view own, const std::vector<WorkerPage>& pages);

}  // namespace longwire::daemon

#include "daemon/workers/worker_pages.h"

#include <fmt/format.h>

#include <map>

namespace longwire::daemon {
namespace {

struct Family {
  std::string head;  // its HELP and TYPE
  std::string samples;
};
using Families = std::map<std::string, Family, std::less<>>;

constexpr std::string_view kHelp = "# HELP ";

// "name{a="b"} 1" or "name 1".
void append_labelled(std::string_view line, std::string_view label, std::string& out) {
  const std::size_t end = line.find_first_of("{ ");
  if (label.empty() || end == std::string_view::npos) {
    out.append(line).push_back('\n');
    return;
  }
  out.append(line.substr(0, end)).append("{").append(label);
  if (line[end] == '{') {
    out.append(",").append(line.substr(end + 1));
  } else {
    out.append("}").append(line.substr(end));
  }
  out.push_back('\n');
}

void add_page(std::string_view page, std::string_view label, Families& families) {
  Family* family = nullptr;
  bool is_new = false;
  while (!page.empty()) {
    const std::size_t end = page.find('\n');
    const std::string_view line = page.substr(0, end);
    page = end == std::string_view::npos ? std::string_view() : page.substr(end + 1);
    if (line.starts_with(kHelp)) {
      const std::string_view rest = line.substr(kHelp.size());
      const auto [place, added] = families.try_emplace(std::string(rest.substr(0, rest.find(' '))));
      family = &place->second;
      is_new = added;
    }
    if (family == nullptr || line.empty()) continue;
    if (line.front() != '#') {
      append_labelled(line, label, family->samples);
    } else if (is_new) {
      family->head.append(line).push_back('\n');
    }
  }
}

}  // namespace

std::string merge_pages(std::string_view own, const std::vector<WorkerPage>& pages) {
  Families families;
  add_page(own, "", families);
  for (const WorkerPage& page : pages) {
    add_page(page.text, fmt::format("worker=\"{}\"", page.worker), families);
  }
  std::string out;
  for (const auto& [name, family] : families) out.append(family.head).append(family.samples);
  return out;
}

}  // namespace longwire::daemon

#include "middle/model/process_report.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace longwire::middle {
namespace {

bool has_successor(const KeptReport& silent, const std::vector<KeptReport>& all) {
  return std::any_of(all.begin(), all.end(), [&](const KeptReport& other) {
    return other.report.place == silent.report.place && other.age <= kReportSilent;
  });
}

}  // namespace

std::vector<KeptReport> merge_reports(std::vector<KeptReport> reports) {
  using Key = std::tuple<std::string, std::string, std::int32_t>;  // in the order of names
  std::map<Key, KeptReport> newest;
  for (KeptReport& kept : reports) {
    if (kept.age > kReportForgotten) continue;
    const Key key{kept.report.name, kept.report.place, kept.report.pid};
    const auto [place, added] = newest.try_emplace(key, kept);
    if (!added && kept.age < place->second.age) place->second = std::move(kept);
  }
  std::vector<KeptReport> all;
  all.reserve(newest.size());
  for (auto& [key, kept] : newest) all.push_back(std::move(kept));
  std::vector<KeptReport> shown;
  std::copy_if(all.begin(), all.end(), std::back_inserter(shown), [&](const KeptReport& kept) {
    return kept.age <= kReportSilent || !has_successor(kept, all);
  });
  return shown;
}

}  // namespace longwire::middle

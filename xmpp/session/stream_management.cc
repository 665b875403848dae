#include "xmpp/session/stream_management.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"

namespace longwire::xmpp {

std::optional<std::uint32_t> read_count(std::string_view text) {
  std::uint32_t count = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return count;
}

void StreamManagement::handled(std::uint32_t number) {
  const std::uint32_t offset = number - handled_ - 1;
  CHECK(offset < unhandled_count());
  if (offset == 0 && done_.empty()) {
    ++handled_;
    return;
  }
  if (done_.size() <= offset) done_.resize(offset + 1, false);
  done_[offset] = true;
  std::size_t ready = 0;
  while (ready < done_.size() && done_[ready]) ++ready;
  done_.erase(done_.begin(), done_.begin() + static_cast<std::ptrdiff_t>(ready));
  handled_ += static_cast<std::uint32_t>(ready);
}

bool StreamManagement::take_answer() {
  if (answers_due_.empty()) return false;
  if (static_cast<std::int32_t>(answers_due_.front() - handled_) > 0) return false;
  answers_due_.erase(answers_due_.begin());
  return true;
}

void StreamManagement::sent(std::string_view stanza, std::optional<middle::MessageId> archived) {
  ++sent_;
  kept_bytes_ += stanza.size();
  kept_.push_back(Kept{.stanza = std::string(stanza), .count = 1, .archived = std::move(archived)});
}

void StreamManagement::sent_unkept() {
  ++sent_;
  if (kept_stanzas() > 0 && kept_.back().stanza.empty()) {
    ++kept_.back().count;
    return;
  }
  kept_.push_back(Kept{.stanza = {}, .count = 1, .archived = std::nullopt});
}

void StreamManagement::drop_first(std::vector<middle::MessageId>& archived) {
  Kept& kept = kept_[first_];
  if (kept.archived) archived.push_back(*kept.archived);
  kept_bytes_ -= kept.stanza.size();
  kept = Kept();
  if (++first_ < kept_.size()) return;
  std::vector<Kept>().swap(kept_);
  first_ = 0;
}

std::optional<std::vector<middle::MessageId>> StreamManagement::acknowledged(std::uint32_t count) {
  std::uint32_t fresh = count - acked_;
  if (fresh > sent_ - acked_) return std::nullopt;
  acked_ = count;
  asked_ = false;
  std::vector<middle::MessageId> archived;
  while (fresh > 0) {
    Kept& kept = kept_[first_];
    const std::uint32_t taken = std::min(fresh, kept.count);
    fresh -= taken;
    kept.count -= taken;
    if (kept.count == 0) drop_first(archived);
  }
  // Half of it gone: give the memory back in one step.
  if (first_ > 64 && first_ * 2 > kept_.size()) {
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return archived;
}

bool StreamManagement::wants_request() {
  if (asked_ || kept_bytes_ == 0) return false;
  asked_ = true;
  return true;
}

std::vector<std::string> StreamManagement::resumed() {
  std::vector<std::string> again;
  std::vector<Kept> kept;
  for (std::size_t i = first_; i < kept_.size(); ++i) {
    if (kept_[i].stanza.empty()) continue;
    again.push_back(kept_[i].stanza);
    kept.push_back(std::move(kept_[i]));
  }
  kept_ = std::move(kept);
  first_ = 0;
  sent_ = acked_ + static_cast<std::uint32_t>(kept_.size());
  asked_ = false;
  answers_due_.clear();
  return again;
}

}  // namespace longwire::xmpp

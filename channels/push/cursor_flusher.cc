#include "channels/push/cursor_flusher.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace longwire::channels {

CursorFlusher::CursorFlusher(Environment environment, middle::Service& service,
                             std::chrono::milliseconds interval)
    : environment_(environment),
      service_(service),
      interval_(interval),
      handed_(environment.metrics.counter("longwire_push_cursor_moves_total",
                                          "Cursor moves handed to the middle.")),
      dropped_(environment.metrics.counter(
          "longwire_push_cursor_moves_dropped_total",
          "Cursor moves given up; their entries will be pushed again.")) {}

CursorFlusher::~CursorFlusher() { environment_.executor.cancel(timer_); }

void CursorFlusher::mark(CursorSource& source) {
  if (source.place_ != CursorSource::kUnmarked) return;
  source.place_ = marked_.size();
  marked_.push_back(&source);
  start_timer();
}

void CursorFlusher::forget(CursorSource& source) {
  const std::size_t place = std::exchange(source.place_, CursorSource::kUnmarked);
  if (place == CursorSource::kUnmarked) return;
  marked_.back()->place_ = marked_.back() == &source ? CursorSource::kUnmarked : place;
  marked_[place] = marked_.back();
  marked_.pop_back();
}

void CursorFlusher::add(middle::CursorMove move) {
  if (waiting_.size() >= kMovesMax) return dropped_.add();
  waiting_.push_back(std::move(move));
  start_timer();
}

void CursorFlusher::start_timer() {
  if (timer_ != TimerId::kNone) return;
  timer_ = environment_.executor.schedule(interval_, [this] { flush(); });
}

void CursorFlusher::flush() {
  timer_ = TimerId::kNone;
  if (calls_under_way_ > 0) {
    start_timer();
    return;
  }
  for (CursorSource* source : std::exchange(marked_, {})) {
    source->place_ = CursorSource::kUnmarked;
    source->collect(waiting_);
  }
  auto moves = std::exchange(waiting_, {});
  for (std::size_t at = 0; at < moves.size(); at += kMovesPerCall) {
    const auto first = moves.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last =
        first + static_cast<std::ptrdiff_t>(std::min(kMovesPerCall, moves.size() - at));
    hand_over({std::make_move_iterator(first), std::make_move_iterator(last)});
  }
}

void CursorFlusher::hand_over(std::vector<middle::CursorMove> moves) {
  ++calls_under_way_;
  auto copy = moves;
  service_.acknowledge(std::move(copy), [this, moves = std::move(moves)](Status status) mutable {
    on_handed_over(std::move(moves), status);
  });
}

void CursorFlusher::on_handed_over(std::vector<middle::CursorMove> moves, const Status& status) {
  --calls_under_way_;
  if (status.ok()) {
    handed_.add(moves.size());
    return;
  }
  // A cursor only rises, so an old move given again can do no harm, whatever came after it.
  if (!may_retry(status.error()) || waiting_.size() + moves.size() > kMovesMax) {
    dropped_.add(moves.size());
    return;
  }
  waiting_.insert(waiting_.end(), std::make_move_iterator(moves.begin()),
                  std::make_move_iterator(moves.end()));
  start_timer();
}

}  // namespace longwire::channels

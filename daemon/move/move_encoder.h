#pragma once

// MoveEncoder: rows in, the bytes of a move's file out, and what they were, counted. Holds no more
// than one frame.
//
// Calls come in the order of move_format.h; rows and items in the order of their keys.

#include <optional>

#include "daemon/move/move_format.h"
#include "daemon/move/move_items.h"
#include "daemon/move/move_stream.h"
#include "daemon/move/move_summary.h"

namespace longwire::daemon {

// Not thread-safe.
class MoveEncoder final {
 public:
  // `sink` outlives it.
  explicit MoveEncoder(ByteSink& sink) : sink_(sink) {}

  Status begin(const MoveHeader& header);
  Status begin_partition(const MovePartition& partition);
  Status add(const middle::Row& row);
  Status end_partition();
  Status add(const middle::App& app) { return add_item(MoveFrame::kApps, app); }
  Status add(const middle::User& user) { return add_item(MoveFrame::kUsers, user); }
  Status add(const middle::RosterItem& item) { return add_item(MoveFrame::kRoster, item); }
  Status add(const middle::TopicRow& row) { return add_item(MoveFrame::kTopics, row); }
  Status add(const middle::CounterRow& row) { return add_item(MoveFrame::kCounters, row); }
  Status end_directory(std::uint64_t roster_version);
  Result<MoveSummary> end();

  const MoveSummary& so_far() const { return summary_; }

 private:
  template <typename Item>
  Status add_item(MoveFrame kind, const Item& item);
  // Into the group of its kind, which becomes a frame where it is large enough.
  Status gather(MoveFrame kind, BytesView item);
  Status flush();
  Status write_frame(MoveFrame kind, BytesView body);

  ByteSink& sink_;
  MoveSummary summary_;
  MoveTally partition_;
  MoveFrame group_kind_ = MoveFrame::kHeader;
  std::uint64_t group_count_ = 0;
  Bytes group_;
};

}  // namespace longwire::daemon

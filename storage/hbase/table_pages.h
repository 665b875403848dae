#pragma once

// TablePages: a scan of a partition's stored rows, one bounded call a page; no scanner is held
// open.

#include <optional>
#include <vector>

#include "base/clock.h"
#include "middle/ports/partition_store.h"
#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

// One row of the table that is neither removed nor expired.
struct PageRow {
  Bytes key;
  Bytes value;
  std::optional<Timestamp> expires;
};

// Bound to the thread of its link.
class TablePages final {
 public:
  struct Source {
    Link& link;
    const Options& options;
    const Clock& clock;
    middle::PartitionId partition;
  };
  // What has expired at `now` is left out. All references outlive it, `request` too.
  TablePages(Source source, const middle::ScanRequest& request, Timestamp now);

  // The next row, in the direction of the scan; null: no more. Valid until advance().
  Result<const PageRow*> peek();
  void advance() { ++next_; }

 private:
  Status fetch();
  Status keep(const StoredRow& stored);
  void plan(const std::vector<StoredRow>& page);

  const Source source_;
  const middle::ScanRequest& request_;
  const Timestamp now_;
  const MonotonicTime deadline_;
  Bytes first_;  // the lowest row of the scan
  Bytes start_;
  Bytes stop_;
  std::size_t page_rows_;
  bool ended_ = false;
  std::vector<PageRow> page_;
  std::size_t next_ = 0;
};

}  // namespace longwire::storage::hbase

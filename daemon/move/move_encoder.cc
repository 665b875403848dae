#include "daemon/move/move_encoder.h"

#include <utility>

#include "base/hash.h"
#include "daemon/move/row_kind.h"

namespace longwire::daemon {
namespace {

void write_tally(ByteWriter& writer, const MoveTally& tally) {
  writer.varint(tally.rows).varint(tally.bytes).u64(tally.checksum);
}

}  // namespace

const char* directory_kind(MoveFrame frame) {
  switch (frame) {
    case MoveFrame::kApps:
      return "apps";
    case MoveFrame::kUsers:
      return "users";
    case MoveFrame::kRoster:
      return "roster items";
    case MoveFrame::kTopics:
      return "topic carriers";
    default:
      return "counters";
  }
}

Status MoveEncoder::begin(const MoveHeader& header) {
  ByteWriter start;
  start.raw(kMoveMagic).u32(kMoveVersion);
  TRY(sink_.write(start.bytes()));
  ByteWriter body;
  body.u32(header.info.format).u16(header.info.partitions).u8(header.info.home_hash_version);
  body.string(header.info.incarnation.value()).i64(header.moment.ms);
  return write_frame(MoveFrame::kHeader, body.bytes());
}

Status MoveEncoder::begin_partition(const MovePartition& partition) {
  partition_ = {};
  partition_.add_state(partition.state);
  ByteWriter body;
  body.u16(partition.number).i64(partition.stamp.ms).string(partition.state);
  return write_frame(MoveFrame::kPartition, body.bytes());
}

Status MoveEncoder::add(const middle::Row& row) {
  ByteWriter item;
  write_item(item, row);
  MoveTally tally;
  tally.add_row(item.bytes(), row.key.size() + row.value.size());
  partition_ += tally;
  summary_.kinds[row_kind(row.key)] += tally;
  return gather(MoveFrame::kRows, item.bytes());
}

Status MoveEncoder::end_partition() {
  TRY(flush());
  summary_.partitions.push_back(partition_);
  ByteWriter body;
  write_tally(body, partition_);
  return write_frame(MoveFrame::kPartitionEnd, body.bytes());
}

template <typename Item>
Status MoveEncoder::add_item(MoveFrame kind, const Item& item) {
  ByteWriter writer;
  write_item(writer, item);
  MoveTally tally;
  tally.add_row(writer.bytes(), writer.bytes().size());
  summary_.directory += tally;
  summary_.kinds[directory_kind(kind)] += tally;
  return gather(kind, writer.bytes());
}
template Status MoveEncoder::add_item(MoveFrame kind, const middle::App& item);
template Status MoveEncoder::add_item(MoveFrame kind, const middle::User& item);
template Status MoveEncoder::add_item(MoveFrame kind, const middle::RosterItem& item);
template Status MoveEncoder::add_item(MoveFrame kind, const middle::TopicRow& item);
template Status MoveEncoder::add_item(MoveFrame kind, const middle::CounterRow& item);

Status MoveEncoder::end_directory(std::uint64_t roster_version) {
  TRY(flush());
  ByteWriter body;
  body.varint(roster_version);
  write_tally(body, summary_.directory);
  return write_frame(MoveFrame::kDirectoryEnd, body.bytes());
}

Result<MoveSummary> MoveEncoder::end() {
  ByteWriter body;
  body.varint(summary_.kinds.size());
  for (const auto& [kind, tally] : summary_.kinds) {
    body.string(kind);
    write_tally(body, tally);
  }
  TRY(write_frame(MoveFrame::kEnd, body.bytes()));
  return summary_;
}

Status MoveEncoder::gather(MoveFrame kind, BytesView item) {
  if (kind != group_kind_) TRY(flush());
  group_kind_ = kind;
  group_.append(item);
  ++group_count_;
  const bool full = group_.size() >= kMoveGroupBytes || group_count_ == kMoveGroupRowsMax;
  return full ? flush() : Status();
}

Status MoveEncoder::flush() {
  if (group_count_ == 0) return {};
  ByteWriter body;
  body.varint(std::exchange(group_count_, 0)).raw(group_);
  group_.clear();
  return write_frame(group_kind_, body.bytes());
}

Status MoveEncoder::write_frame(MoveFrame kind, BytesView body) {
  ByteWriter payload;
  payload.u8(static_cast<std::uint8_t>(kind)).raw(body);
  if (payload.bytes().size() > kMoveFrameBytesMax) {
    return Error{ErrorCode::kUnsupported, "a row is too large to be moved"};
  }
  ByteWriter start;
  start.u32(static_cast<std::uint32_t>(payload.bytes().size())).u32(crc32c(payload.bytes()));
  TRY(sink_.write(start.bytes()));
  return sink_.write(payload.bytes());
}

}  // namespace longwire::daemon

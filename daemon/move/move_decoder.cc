#include "daemon/move/move_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "daemon/move/move_items.h"
#include "daemon/move/row_kind.h"

namespace longwire::daemon {
namespace {

constexpr std::size_t kFrameStartBytes = 8;
constexpr std::size_t kReadBytes =
    1024 * 1024;  // at a time, so that a size that lies costs no memory
constexpr std::size_t kKindsMax = 256;
constexpr Timestamp kTimeMax{253'402'300'800'000};  // the year 10000: nothing can be added to more

MoveTally read_tally(ByteReader& reader) {
  MoveTally tally;
  tally.rows = reader.varint();
  tally.bytes = reader.varint();
  tally.checksum = reader.u64();
  return tally;
}

bool is_sane(Timestamp time) { return time.ms >= 0 && time < kTimeMax; }

bool is_directory(MoveFrame kind) {
  return kind >= MoveFrame::kApps && kind <= MoveFrame::kCounters;
}

Error no_move() {
  return {ErrorCode::kInvalidArgument,
          "this is no file made by `longwire storage export`: it does not begin like one"};
}

}  // namespace

Result<MoveHeader> MoveDecoder::begin() {
  auto start = read_exactly(kMoveMagic.size());
  if (!start.ok()) return start.error().code == ErrorCode::kCorrupt ? no_move() : start.error();
  if (*start != kMoveMagic) return no_move();
  const auto version = read_exactly(sizeof(std::uint32_t));
  if (!version.ok()) return version.error();
  if (ByteReader(*version).u32() != kMoveVersion) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the file is of version {}, and this program knows {} alone: import "
                             "it with the program that made it",
                             ByteReader(*version).u32(), kMoveVersion)};
  }
  const auto frame = read_frame();
  if (!frame.ok()) return frame.error();
  if (frame->kind != MoveFrame::kHeader) return damaged("has no header");
  auto header = decode_header(frame->body());
  if (header.ok()) header_ = *header;
  return header;
}

Result<MoveRecord> MoveDecoder::next() {
  for (;;) {
    const auto frame = read_frame();
    if (!frame.ok()) return frame.error();
    TRY(allow(frame->kind));
    auto record = decode(*frame);
    if (!record.ok()) return std::move(record).error();
    last_ = frame->kind;
    if (record->has_value()) return std::move(**record);
  }
}

Result<Bytes> MoveDecoder::read_exactly(std::size_t size) {
  Bytes bytes;
  while (bytes.size() < size) {
    const std::size_t had = bytes.size();
    bytes.resize(std::min(size, had + kReadBytes));
    const auto got = source_.read(std::span(bytes).subspan(had));
    if (!got.ok()) return got.error();
    bytes.resize(had + *got);
    offset_ += *got;
    if (*got == 0) return damaged("is cut off");
  }
  return bytes;
}

Result<MoveDecoder::Frame> MoveDecoder::read_frame() {
  const auto start = read_exactly(kFrameStartBytes);
  if (!start.ok()) return start.error();
  ByteReader reader(*start);
  const std::uint32_t size = reader.u32();
  const std::uint32_t sum = reader.u32();
  if (size == 0 || size > kMoveFrameBytesMax) return damaged("is damaged: a size that cannot be");
  auto payload = read_exactly(size);
  if (!payload.ok()) return std::move(payload).error();
  if (crc32c(*payload) != sum) return damaged("is damaged: a checksum is wrong");
  Frame frame;
  frame.kind = static_cast<MoveFrame>(payload->front());
  frame.payload = std::move(*payload);
  return frame;
}

Result<MoveHeader> MoveDecoder::decode_header(BytesView body) const {
  ByteReader reader(body);
  MoveHeader header;
  header.info.format = reader.u32();
  header.info.partitions = reader.u16();
  header.info.home_hash_version = reader.u8();
  header.info.incarnation = middle::Incarnation(Bytes(reader.string()));
  header.moment = {reader.i64()};
  if (!reader.finish().ok() || !is_sane(header.moment)) return damaged("has a damaged header");
  // What a storage would refuse later is refused now.
  const auto sound = middle::decode_info(encode_info(header.info));
  if (!sound.ok()) return sound.error();
  if (header.info.home_hash_version != kHomeHashVersion) {
    return Error{ErrorCode::kUnsupported, "the file's rows are spread by a newer hash"};
  }
  return header;
}

// Which frame may follow the last one.
Status MoveDecoder::allow(MoveFrame kind) const {
  const bool more = summary_.partitions.size() < header_.info.partitions;
  bool fits = false;
  switch (last_) {
    case MoveFrame::kHeader:
      fits = kind == MoveFrame::kPartition;
      break;
    case MoveFrame::kPartition:
    case MoveFrame::kRows:
      fits = kind == MoveFrame::kRows || kind == MoveFrame::kPartitionEnd;
      break;
    case MoveFrame::kPartitionEnd:
      fits = more ? kind == MoveFrame::kPartition
                  : is_directory(kind) || kind == MoveFrame::kDirectoryEnd;
      break;
    case MoveFrame::kDirectoryEnd:
      fits = kind == MoveFrame::kEnd;
      break;
    default:
      fits = kind == MoveFrame::kDirectoryEnd || (is_directory(kind) && kind >= last_);
  }
  return fits ? Status() : Status(damaged("is damaged: a part is out of its order"));
}

Result<std::optional<MoveRecord>> MoveDecoder::decode(const Frame& frame) {
  switch (frame.kind) {
    case MoveFrame::kPartition:
      return decode_partition(frame.body());
    case MoveFrame::kRows:
      return decode_rows(frame.body());
    case MoveFrame::kPartitionEnd:
      return decode_partition_end(frame.body());
    case MoveFrame::kDirectoryEnd:
      return decode_directory_end(frame.body());
    case MoveFrame::kEnd:
      return decode_end(frame.body());
    default:
      return decode_items(frame);
  }
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_partition(BytesView body) {
  ByteReader reader(body);
  MovePartition partition;
  partition.number = reader.u16();
  partition.stamp = {reader.i64()};
  partition.state = Bytes(reader.string());
  if (!reader.finish().ok() || partition.number != summary_.partitions.size() ||
      !is_sane(partition.stamp)) {
    return damaged("is damaged: a partition's beginning");
  }
  partition_ = {};
  partition_.add_state(partition.state);
  last_key_.reset();
  return std::optional<MoveRecord>(std::move(partition));
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_rows(BytesView body) {
  ByteReader reader(body);
  MoveRows rows;
  for (std::size_t left = reader.count(kMoveGroupRowsMax); left > 0; --left) {
    const BytesView from = reader.rest();
    middle::Row row;
    read_item(reader, row);
    if (reader.failed()) break;
    if (row.expires && *row.expires < header_.moment) {
      return damaged("is damaged: a row had expired when it was made");
    }
    MoveTally tally;
    tally.add_row(from.substr(0, from.size() - reader.rest().size()),
                  row.key.size() + row.value.size());
    partition_ += tally;
    summary_.kinds[row_kind(row.key)] += tally;
    TRY(rise_to(row.key));
    rows.push_back(std::move(row));
  }
  if (!reader.finish().ok() || rows.empty()) return damaged("is damaged: a group of rows");
  return std::optional<MoveRecord>(std::move(rows));
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_partition_end(BytesView body) {
  ByteReader reader(body);
  const MoveTally tally = read_tally(reader);
  if (!reader.finish().ok() || tally != partition_) {
    return damaged("is damaged: the rows of a partition are not those that were counted");
  }
  summary_.partitions.push_back(tally);
  last_key_.reset();
  return std::optional<MoveRecord>();
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_items(const Frame& frame) {
  if (frame.kind != last_) last_key_.reset();
  middle::DirectoryRows rows;
  switch (frame.kind) {
    case MoveFrame::kApps:
      TRY(read_group(frame, rows.apps));
      break;
    case MoveFrame::kUsers:
      TRY(read_group(frame, rows.users));
      break;
    case MoveFrame::kRoster:
      TRY(read_group(frame, rows.roster));
      break;
    case MoveFrame::kTopics:
      TRY(read_group(frame, rows.topics));
      break;
    default:
      TRY(read_group(frame, rows.counters));
  }
  return std::optional<MoveRecord>(std::move(rows));
}

template <typename Item>
Status MoveDecoder::read_group(const Frame& frame, std::vector<Item>& items) {
  ByteReader reader(frame.body());
  std::size_t left = reader.count(kMoveGroupRowsMax);
  if (left == 0) return damaged("is damaged: an empty group");
  for (; left > 0; --left) {
    const BytesView from = reader.rest();
    Item item;
    read_item(reader, item);
    if (reader.failed()) break;
    const BytesView bytes = from.substr(0, from.size() - reader.rest().size());
    MoveTally tally;
    tally.add_row(bytes, bytes.size());
    summary_.directory += tally;
    summary_.kinds[directory_kind(frame.kind)] += tally;
    TRY(rise_to(item_key(item)));
    items.push_back(std::move(item));
  }
  return reader.finish().ok() ? Status() : Status(damaged("is damaged: a group of the directory"));
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_directory_end(BytesView body) {
  ByteReader reader(body);
  middle::DirectoryRows rows;
  rows.roster_version = reader.varint();
  const MoveTally tally = read_tally(reader);
  if (!reader.finish().ok() || tally != summary_.directory) {
    return damaged("is damaged: the rows of the directory are not those that were counted");
  }
  return std::optional<MoveRecord>(std::move(rows));
}

Result<std::optional<MoveRecord>> MoveDecoder::decode_end(BytesView body) {
  ByteReader reader(body);
  std::map<std::string, MoveTally> kinds;
  for (std::size_t left = reader.count(kKindsMax); left > 0 && !reader.failed(); --left) {
    Bytes kind(reader.string());
    kinds[std::move(kind)] = read_tally(reader);
  }
  if (!reader.finish().ok() || kinds != summary_.kinds) {
    return damaged("is damaged: its rows are not those that were counted");
  }
  char more = 0;
  const auto got = source_.read({&more, 1});
  if (!got.ok()) return got.error();
  if (*got != 0) return damaged("goes on behind its end");
  return std::optional<MoveRecord>(summary_);
}

Status MoveDecoder::rise_to(Bytes key) {
  if (last_key_ && key <= *last_key_) return damaged("is damaged: rows are out of their order");
  last_key_ = std::move(key);
  return {};
}

Error MoveDecoder::damaged(std::string_view what) const {
  return {ErrorCode::kCorrupt, fmt::format("the file {} (up to byte {})", what, offset_)};
}

Result<MoveSummary> check_move(ByteSource& source) {
  MoveDecoder decoder(source);
  const auto header = decoder.begin();
  if (!header.ok()) return header.error();
  for (;;) {
    auto record = decoder.next();
    if (!record.ok()) return std::move(record).error();
    if (auto* summary = std::get_if<MoveSummary>(&*record)) return std::move(*summary);
  }
}

}  // namespace longwire::daemon

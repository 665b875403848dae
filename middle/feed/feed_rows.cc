// Keys (a feed, reader or name inside of a key is length-prefixed, numbers are big-endian):
//   "e" feed number:u64       -> entry
//   "e" feed 2^64-1:u64       -> feed
//   "k" feed key              -> collapse
//   "b" message-id:12         -> message
//   "c" reader feed           -> cursor
//
// Values:
//   feed     := 1:u8 tail:varint oldest:varint incarnation:string n:varint segment*n
//               (2:u8: of an archive; then bytes:varint trimmed:varint, and bytes:varint per
//               segment)
//   segment  := last:varint expires:i64
//   entry    := 2:u8 kind:u8 id:12 app:string accepted:i64 expires:i64 priority:u8 collapse:string
//               via:u8 via_name:string filter names(packages) inline:bool body:string
//               hidden:time  (1:u8 ends with the body; 3:u8: of an archive, then bytes:varint)
//   filter   := 0:u8 | 1:u8 operator:u8 names
//   names    := n:varint string*n
//   collapse := 1:u8 number:varint accepted:i64
//   message  := 1:u8 app:string accepted:i64 expires:i64 recalled:time n:varint copy*n home
//               body:string
//   copy     := registration:string number:varint rejected:string
//   home     := 0:u8 | 1:u8 target:u8 names scheduled:time feed:string number:varint
//               n:varint remote*n
//   remote   := partition:u16 names
//   time     := 0:u8 | 1:u8 i64
//   cursor   := 1:u8 number:varint incarnation:string n:varint (number:varint at:i64)*n
//               (2:u8: of an archive; then bytes:varint)
//
// A version above these is refused. The same grammar is in docs/formats/rows.md.

#include "middle/feed/feed_rows.h"

#include <algorithm>

#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kEntryVersion = 2;  // 1 ended with its body
// Archives count the bytes that came.
constexpr std::uint8_t kCountedVersion = 2;
constexpr std::uint8_t kCountedEntryVersion = 3;
constexpr std::size_t kSegmentsMax = 1024;
constexpr std::size_t kListMax = 100'000;

Bytes named_key(char table, std::string_view first, std::string_view second) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(table)).string(first).raw(second);
  return std::move(writer).take();
}

void write_home(ByteWriter& writer, const std::optional<MessageHome>& home) {
  writer.boolean(home.has_value());
  if (!home) return;
  writer.u8(static_cast<std::uint8_t>(home->target));
  write_names(writer, home->names);
  write_time(writer, home->scheduled);
  writer.string(home->feed.value()).varint(home->number).varint(home->remote.size());
  for (const auto& [partition, registrations] : home->remote) {
    writer.u16(partition).varint(registrations.size());
    for (const RegId& registration : registrations) writer.string(registration.value());
  }
}

std::optional<MessageHome> read_home(ByteReader& reader) {
  if (!reader.boolean()) return std::nullopt;
  MessageHome home;
  home.target = static_cast<TargetKind>(reader.u8());
  home.names = read_names(reader);
  home.scheduled = read_time(reader);
  home.feed = FeedId(std::string(reader.string()));
  home.number = reader.varint();
  home.remote.resize(reader.count(kListMax));
  for (auto& [partition, registrations] : home.remote) {
    partition = reader.u16();
    registrations.resize(reader.count(kListMax));
    for (RegId& registration : registrations) registration = RegId(std::string(reader.string()));
  }
  return home;
}

}  // namespace

// Behind its entries: it is written with each new one, and a sorted table finds its place there
// without a search.
Bytes feed_key(const FeedId& feed) { return entry_key(feed, ~FeedNumber{0}); }

bool is_feed_key(BytesView key) {
  return key.starts_with('e') && key.ends_with(ByteWriter().u64(~FeedNumber{0}).bytes());
}

Bytes entry_key(const FeedId& feed, FeedNumber number) {
  ByteWriter writer;
  writer.u8('e').string(feed.value()).u64(number);
  return std::move(writer).take();
}

Bytes collapse_key(const FeedId& feed, std::string_view key) {
  return named_key('k', feed.value(), key);
}

Bytes message_key(const MessageId& id) {
  Bytes key("b");
  return key.append(id.view());
}

Bytes cursor_key(std::string_view reader, const FeedId& feed) {
  return named_key('c', reader, feed.value());
}

void write_message_id(ByteWriter& writer, const MessageId& id) { writer.raw(id.view()); }

MessageId read_message_id(ByteReader& reader) {
  MessageId id;
  const BytesView bytes = reader.raw(id.bytes.size());
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

void write_names(ByteWriter& writer, const std::vector<std::string>& names) {
  writer.varint(names.size());
  for (const std::string& name : names) writer.string(name);
}

std::vector<std::string> read_names(ByteReader& reader) {
  std::vector<std::string> names(reader.count(kListMax));
  for (std::string& name : names) name = std::string(reader.string());
  return names;
}

void write_packages(ByteWriter& writer, const std::vector<PackageName>& packages) {
  writer.varint(packages.size());
  for (const PackageName& package : packages) writer.string(package.value());
}

std::vector<PackageName> read_packages(ByteReader& reader) {
  std::vector<PackageName> packages(reader.count(kListMax));
  for (PackageName& package : packages) package = PackageName(std::string(reader.string()));
  return packages;
}

void write_filter(ByteWriter& writer, const std::optional<TagExpression>& filter) {
  writer.boolean(filter.has_value());
  if (!filter) return;
  writer.u8(static_cast<std::uint8_t>(filter->op)).varint(filter->tags.size());
  for (const Tag& tag : filter->tags) writer.string(tag.value());
}

std::optional<TagExpression> read_filter(ByteReader& reader) {
  if (!reader.boolean()) return std::nullopt;
  TagExpression filter;
  filter.op = static_cast<TagOperator>(reader.u8());
  filter.tags.resize(reader.count(kListMax));
  for (Tag& tag : filter.tags) tag = Tag(std::string(reader.string()));
  return filter;
}

void write_time(ByteWriter& writer, std::optional<Timestamp> time) {
  writer.boolean(time.has_value());
  if (time) writer.i64(time->ms);
}

std::optional<Timestamp> read_time(ByteReader& reader) {
  if (!reader.boolean()) return std::nullopt;
  return Timestamp{reader.i64()};
}

Bytes encode(const FeedRow& row) {
  ByteWriter writer;
  const bool counted = row.bytes > 0;
  writer.u8(counted ? kCountedVersion : kVersion).varint(row.tail).varint(row.oldest);
  writer.string(row.incarnation.value()).varint(row.segments.size());
  for (const FeedSegment& segment : row.segments)
    writer.varint(segment.last).i64(segment.expires.ms);
  if (!counted) return std::move(writer).take();
  writer.varint(row.bytes).varint(row.trimmed);
  for (const FeedSegment& segment : row.segments) writer.varint(segment.bytes);
  return std::move(writer).take();
}

Status decode(BytesView bytes, FeedRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kCountedVersion));
  row.tail = reader.varint();
  row.oldest = reader.varint();
  row.incarnation = Incarnation(std::string(reader.string()));
  row.segments.resize(reader.count(kSegmentsMax));
  for (FeedSegment& segment : row.segments) {
    segment.last = reader.varint();
    segment.expires = {reader.i64()};
  }
  if (bytes.front() < kCountedVersion) return reader.finish();
  row.bytes = reader.varint();
  row.trimmed = reader.varint();
  for (FeedSegment& segment : row.segments) segment.bytes = reader.varint();
  return reader.finish();
}

Bytes encode(const EntryRow& row) {
  const Entry& entry = row.entry;
  ByteWriter writer;
  writer.u8(row.bytes > 0 ? kCountedEntryVersion : kEntryVersion);
  writer.u8(static_cast<std::uint8_t>(entry.kind));
  write_message_id(writer, entry.id);
  writer.string(entry.app.value()).i64(entry.accepted.ms).i64(entry.expires.ms);
  writer.u8(static_cast<std::uint8_t>(entry.priority)).string(entry.collapse_key);
  writer.u8(static_cast<std::uint8_t>(entry.via)).string(entry.via_name);
  write_filter(writer, entry.filter);
  write_packages(writer, entry.packages);
  writer.boolean(row.inline_body).string(row.inline_body ? entry.body : Bytes());
  write_time(writer, row.hidden);
  if (row.bytes > 0) writer.varint(row.bytes);
  return std::move(writer).take();
}

Status decode(BytesView bytes, EntryRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kCountedEntryVersion));
  Entry& entry = row.entry;
  entry.kind = static_cast<EntryKind>(reader.u8());
  entry.id = read_message_id(reader);
  entry.app = AppId(std::string(reader.string()));
  entry.accepted = {reader.i64()};
  entry.expires = {reader.i64()};
  entry.priority = static_cast<Priority>(reader.u8());
  entry.collapse_key = std::string(reader.string());
  entry.via = static_cast<TargetKind>(reader.u8());
  entry.via_name = std::string(reader.string());
  entry.filter = read_filter(reader);
  entry.packages = read_packages(reader);
  row.inline_body = reader.boolean();
  entry.body = Bytes(reader.string());
  if (bytes.front() >= kEntryVersion) row.hidden = read_time(reader);
  if (bytes.front() >= kCountedEntryVersion) row.bytes = reader.varint();
  return reader.finish();
}

Bytes encode(const CollapseRow& row) {
  ByteWriter writer;
  writer.u8(kVersion).varint(row.number).i64(row.accepted.ms);
  return std::move(writer).take();
}

Status decode(BytesView bytes, CollapseRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  row.number = reader.varint();
  row.accepted = {reader.i64()};
  return reader.finish();
}

Bytes encode(const MessageRow& row) {
  ByteWriter writer;
  writer.u8(kVersion).string(row.app.value()).i64(row.accepted.ms).i64(row.expires.ms);
  write_time(writer, row.recalled);
  writer.varint(row.copies.size());
  for (const MessageCopy& copy : row.copies)
    writer.string(copy.registration.value()).varint(copy.number).string(copy.rejected);
  write_home(writer, row.home);
  writer.string(row.body);
  return std::move(writer).take();
}

Status decode(BytesView bytes, MessageRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  row.app = AppId(std::string(reader.string()));
  row.accepted = {reader.i64()};
  row.expires = {reader.i64()};
  row.recalled = read_time(reader);
  row.copies.resize(reader.count(kListMax));
  for (MessageCopy& copy : row.copies) {
    copy.registration = RegId(std::string(reader.string()));
    copy.number = reader.varint();
    copy.rejected = std::string(reader.string());
  }
  row.home = read_home(reader);
  row.body = Bytes(reader.string());
  return reader.finish();
}

Bytes encode(const CursorRow& row) {
  ByteWriter writer;
  writer.u8(row.bytes > 0 ? kCountedVersion : kVersion).varint(row.number);
  writer.string(row.incarnation.value()).varint(row.steps.size());
  for (const CursorStep& step : row.steps) writer.varint(step.number).i64(step.at.ms);
  if (row.bytes > 0) writer.varint(row.bytes);
  return std::move(writer).take();
}

Status decode(BytesView bytes, CursorRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kCountedVersion));
  row.number = reader.varint();
  row.incarnation = Incarnation(std::string(reader.string()));
  row.steps.resize(reader.count(kCursorStepsMax));
  for (CursorStep& step : row.steps) {
    step.number = reader.varint();
    step.at = {reader.i64()};
  }
  if (bytes.front() >= kCountedVersion) row.bytes = reader.varint();
  return reader.finish();
}

}  // namespace longwire::middle

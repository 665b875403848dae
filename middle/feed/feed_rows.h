#pragma once

// The rows of feeds: what a feed is (its last number outlives its entries), its entries, what a
// message is about and its body (once per send and partition), and cursors.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "middle/model/ids.h"
#include "middle/model/message.h"
#include "middle/partition/transaction.h"

namespace longwire::middle {

// How long after its expiry a message can still be asked for by trace.
inline constexpr std::chrono::milliseconds kTraceKept = std::chrono::hours(72);

// Consecutive entries that are trimmed together.
struct FeedSegment {
  FeedNumber last = 0;
  Timestamp expires;        // the latest among them
  std::uint64_t bytes = 0;  // of an archive: of all that ever came up to `last`
};

struct FeedRow {
  FeedNumber tail = 0;
  FeedNumber oldest = 1;
  std::vector<FeedSegment> segments;  // from `oldest` on
  Incarnation incarnation;            // empty: the storage's
  std::uint64_t bytes = 0;            // of an archive: of all that ever came
  std::uint64_t trimmed = 0;          // … and of those before `oldest`
};

// An entry but for its body; `inline_body`: entries that are in one feed only bring their own.
struct EntryRow {
  Entry entry;
  bool inline_body = false;
  std::optional<Timestamp> hidden;  // since when, by a newer one of its collapse key
  std::uint64_t bytes = 0;          // of an archive: of all that ever came up to it
};

// The newest entry of a collapse key; older ones are marked as hidden.
struct CollapseRow {
  FeedNumber number = 0;
  Timestamp accepted;
};

struct MessageCopy {
  RegId registration;
  FeedNumber number = 0;  // of its inbox; 0: rejected
  std::string rejected;   // why
};

// What the home of a message knows beyond its own copies.
struct MessageHome {
  TargetKind target = TargetKind::kRegId;
  std::vector<std::string> names;
  std::optional<Timestamp> scheduled;  // waits to be sent
  FeedId feed;                         // of a topic or broadcast send
  FeedNumber number = 0;
  std::vector<std::pair<PartitionId, std::vector<RegId>>> remote;  // copies in other partitions
};

struct MessageRow {
  AppId app;
  Timestamp accepted;
  Timestamp expires;
  std::optional<Timestamp> recalled;
  std::vector<MessageCopy> copies;  // of this partition
  std::optional<MessageHome> home;
  Bytes body;  // empty once recalled
};

struct CursorStep {
  FeedNumber number = 0;
  Timestamp at;
};

inline constexpr std::size_t kCursorStepsMax = 16;

struct CursorRow {
  FeedNumber number = 0;
  std::vector<CursorStep> steps;  // how it rose, the last kCursorStepsMax times
  Incarnation incarnation;        // of the feed when it was stored; empty: the storage's
  std::uint64_t bytes = 0;        // of an archive: of all that ever came up to it
};

Bytes feed_key(const FeedId& feed);
bool is_feed_key(BytesView key);  // of any feed
Bytes entry_key(const FeedId& feed, FeedNumber number);
Bytes collapse_key(const FeedId& feed, std::string_view key);
Bytes message_key(const MessageId& id);
// `reader`: a registration, or for an archive its account.
Bytes cursor_key(std::string_view reader, const FeedId& feed);

Bytes encode(const FeedRow& row);
Bytes encode(const EntryRow& row);
Bytes encode(const CollapseRow& row);
Bytes encode(const MessageRow& row);
Bytes encode(const CursorRow& row);
Status decode(BytesView bytes, FeedRow& row);
Status decode(BytesView bytes, EntryRow& row);
Status decode(BytesView bytes, CollapseRow& row);
Status decode(BytesView bytes, MessageRow& row);
Status decode(BytesView bytes, CursorRow& row);

// Shared by all rows: ids and filters inside of others.
void write_message_id(ByteWriter& writer, const MessageId& id);
MessageId read_message_id(ByteReader& reader);
void write_filter(ByteWriter& writer, const std::optional<TagExpression>& filter);
std::optional<TagExpression> read_filter(ByteReader& reader);
void write_names(ByteWriter& writer, const std::vector<std::string>& names);
std::vector<std::string> read_names(ByteReader& reader);
void write_packages(ByteWriter& writer, const std::vector<PackageName>& packages);
std::vector<PackageName> read_packages(ByteReader& reader);
void write_time(ByteWriter& writer, std::optional<Timestamp> time);
std::optional<Timestamp> read_time(ByteReader& reader);

}  // namespace longwire::middle

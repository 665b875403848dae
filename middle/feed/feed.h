#pragma once

// Feeds: append-only sequences of entries, numbered 1, 2, 3, … without gaps. Functions over a
// partition's rows.
//
// Numbers never come back: a feed's last number is a row of its own that outlives its entries.
// Expiry is judged at read; rows vanish later. A newer entry with the same collapse key hides the
// older (by time of acceptance).

#include <memory>
#include <optional>

#include "middle/feed/feed_rows.h"
#include "middle/partition/transaction.h"
#include "middle/service.h"

namespace longwire::middle {

enum class BodyPlace {
  kMessage,  // in the message's row, stored once per partition by the caller
  kEntry,    // in the entry itself: it is in this feed only
};

// Appends `entry` (its number is given here), and publishes it.
Result<FeedNumber> append_entry(Transaction& transaction, const FeedId& feed, Entry entry,
                                BodyPlace place);

// A withdrawal of message `id`, for those who have it already.
Result<FeedNumber> append_withdrawal(Transaction& transaction, const FeedId& feed,
                                     const MessageId& id, const MessageRow& message);

Result<FeedNumber> feed_tail(Transaction& transaction, const FeedId& feed);

// Entries that have not expired, or a few more: trimming goes by segments.
Result<std::uint64_t> live_entries(Transaction& transaction, const FeedId& feed);

// What may wait in an archive behind its cursor, before it takes no more.
struct ArchiveBound {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // of their bodies
};

// Appends `entry` with its body to the account's archive; 0: no room. What is larger than the bound
// alone has room where nothing waits. Expired entries leave by segments.
Result<FeedNumber> append_to_archive(Transaction& transaction, const XmppAccount& account,
                                     Entry entry, const ArchiveBound& bound);

// Entries after `request.after`, expired, hidden and recalled ones without body.
Result<FeedPage> read_entries(Transaction& transaction, const ReadRequest& request,
                              const Incarnation& storage);

// The number of the message `id` where the feed has it, looked for among what was accepted since
// then. A look costs a read for each of those entries: it is for the rare repeat.
// kResourceExhausted: they are too many.
Result<std::optional<FeedNumber>> find_entry(Transaction& transaction, const FeedId& feed,
                                             const MessageId& id, Timestamp since);

// The feed's incarnation; empty: the storage's.
Result<Incarnation> feed_incarnation(Transaction& transaction, const FeedId& feed);
// Begins the feed anew for its readers, where a cursor above `tail` proved that storage went back.
Status reset_feed(Transaction& transaction, const FeedId& feed, const Incarnation& incarnation);

}  // namespace longwire::middle

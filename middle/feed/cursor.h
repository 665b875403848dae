#pragma once

// Cursors: up to which number a reader has acknowledged a feed. A cursor only rises.

#include "middle/feed/feed_rows.h"
#include "middle/partition/transaction.h"

namespace longwire::middle {

// Raises the cursor to `number`; a lower one changes nothing. Answers by how much it rose.
// `incarnation`: the feed's, empty for the storage's; a cursor of another one begins anew.
Result<FeedNumber> raise_cursor(Transaction& transaction, std::string_view reader,
                                const FeedId& feed, FeedNumber number,
                                const Incarnation& incarnation);

// 0 where there is none, or where it belongs to another incarnation of the feed.
Result<FeedNumber> read_cursor(Transaction& transaction, std::string_view reader,
                               const FeedId& feed, const Incarnation& incarnation);

// When the cursor passed `number`, at the latest; empty: not yet.
std::optional<Timestamp> passed_at(const CursorRow& cursor, FeedNumber number);

}  // namespace longwire::middle

#pragma once

// The rows of a move, as they lie in its file (docs/formats/move.md). Pure functions.
//
//   row     := key:string value:string expires:time
//   app     := id:string key:string name:string created:i64 packages(strings)
//              n:varint (sha256:string valid_until:time)*n
//   user    := account:string created:i64 banned:bool scram scram
//   scram   := salt:string iterations:u32 stored_key:string server_key:string
//   item    := owner:string contact:string name:string groups(strings) subscription:u8 ask:bool
//              pending_in:bool pending_stanza:string version:varint
//   topic   := app:string tag:string registration:string since:varint until:number?
//   counter := app:string day:string name:string total:varint
//   strings := n:varint string*n
//   time    := 0:u8 | 1:u8 i64         milliseconds since 1970
//   number? := 0:u8 | 1:u8 varint

#include "base/bytes.h"
#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"

namespace longwire::daemon {

void write_item(ByteWriter& writer, const middle::Row& row);
void write_item(ByteWriter& writer, const middle::App& app);
void write_item(ByteWriter& writer, const middle::User& user);
void write_item(ByteWriter& writer, const middle::RosterItem& item);
void write_item(ByteWriter& writer, const middle::TopicRow& row);
void write_item(ByteWriter& writer, const middle::CounterRow& row);

// What is malformed fails the reader.
void read_item(ByteReader& reader, middle::Row& row);
void read_item(ByteReader& reader, middle::App& app);
void read_item(ByteReader& reader, middle::User& user);
void read_item(ByteReader& reader, middle::RosterItem& item);
void read_item(ByteReader& reader, middle::TopicRow& row);
void read_item(ByteReader& reader, middle::CounterRow& row);

// What rows of one kind are ordered by, no two the same.
Bytes item_key(const middle::Row& row);
Bytes item_key(const middle::App& app);
Bytes item_key(const middle::User& user);
Bytes item_key(const middle::RosterItem& item);
Bytes item_key(const middle::TopicRow& row);
Bytes item_key(const middle::CounterRow& row);

}  // namespace longwire::daemon

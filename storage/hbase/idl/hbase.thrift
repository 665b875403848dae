// What Longwire calls of HBase's Thrift 2 gateway (HBase 2.4 to 2.6), and nothing else.
//
// On the wire are the names of the methods, the numbers and types of fields, and the values of
// enums: these are HBase's and never change here. Names of structs and fields are our own. A field
// is "required" where HBase says so: it refuses a struct that lacks one.
namespace cpp longwire.storage.hbase.idl

struct Column {
  1: required binary family
  2: optional binary qualifier
}

struct ColumnValue {
  1: required binary family
  2: required binary qualifier
  3: required binary value
  4: optional i64 stamp
}

// A row that does not exist has neither key nor values.
struct RowResult {
  1: optional binary row
  2: required list<ColumnValue> values
}

struct GetRow {
  1: required binary row
  2: optional list<Column> columns
}

struct PutRow {
  1: required binary row
  2: required list<ColumnValue> values
  3: optional i64 stamp
}

enum DeleteKind {
  ONE_VERSION = 0
  ALL_VERSIONS_UP_TO_THE_STAMP = 1
}

// `stamp` holds for columns: HBase takes it for a whole row only where none is named.
struct DeleteColumn {
  1: required binary family
  2: optional binary qualifier
  3: optional i64 stamp
}

struct DeleteRow {
  1: required binary row
  2: optional list<DeleteColumn> columns
  4: optional DeleteKind kind = DeleteKind.ALL_VERSIONS_UP_TO_THE_STAMP
}

struct ScanRows {
  1: optional binary start_row  // inclusive; where reversed, the highest
  2: optional binary stop_row   // exclusive
  3: optional list<Column> columns
  4: optional i32 caching       // rows that the gateway asks for at once
  7: optional binary filter
  11: optional bool reversed
  12: optional bool fills_cache
  15: optional i32 limit
}

struct TableName {
  1: optional binary name_space
  2: required binary name
}

struct Family {
  1: required binary name
  10: optional i32 versions_max
  11: optional i32 versions_min
  13: optional i32 time_to_live_s
}

// Other fields of the gateway's answer are skipped, and absent from what we make.
struct Table {
  1: required TableName name
  2: optional list<Family> families
}

exception IoError {
  1: optional string message
  2: optional bool may_retry
}

service HBaseGateway {
  bool exists(1: required binary table, 2: required GetRow get) throws (1: IoError io)
  RowResult get(1: required binary table, 2: required GetRow get) throws (1: IoError io)
  list<RowResult> getMultiple(1: required binary table, 2: required list<GetRow> gets)
      throws (1: IoError io)
  void putMultiple(1: required binary table, 2: required list<PutRow> puts) throws (1: IoError io)
  // An empty `expected`: no such cell, or an empty one.
  bool checkAndPut(1: required binary table, 2: required binary row, 3: required binary family,
                   4: required binary qualifier, 5: binary expected, 6: required PutRow put)
      throws (1: IoError io)
  list<DeleteRow> deleteMultiple(1: required binary table, 2: required list<DeleteRow> deletes)
      throws (1: IoError io)
  // Opens a scanner, reads so many rows and closes it, in one call.
  list<RowResult> getScannerResults(1: required binary table, 2: required ScanRows scan,
                                    3: i32 rows = 1) throws (1: IoError io)

  bool tableExists(1: TableName name) throws (1: IoError io)
  bool isTableAvailable(1: required TableName name) throws (1: IoError io)
  Table getTableDescriptor(1: required TableName name) throws (1: IoError io)
  void createTable(1: required Table table, 2: list<binary> split_keys) throws (1: IoError io)
  void disableTable(1: required TableName name) throws (1: IoError io)
  void deleteTable(1: required TableName name) throws (1: IoError io)
}

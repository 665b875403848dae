#pragma once

// GatewayConnection: the calls that this folder makes of HBase, one at a time, over one connection
// to one gateway. The tests put themselves before a real one. Private to this folder and its tests.
//
// Errors: kUnavailable and kDeadlineExceeded leave open whether a call that writes was carried out.
// All tables have one family of columns (kFamily in format.h).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::storage::hbase {

struct Cell {
  Bytes qualifier;
  Bytes value;
  std::int64_t stamp = 0;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct StoredRow {
  Bytes key;
  std::vector<Cell> cells;  // the newest of each qualifier, in the order of qualifiers
};

// Writes `cells` of a row where the cell `checked` holds `expected`; empty: where there is none.
struct ConditionalPut {
  Bytes row;
  Bytes checked;
  Bytes expected;
  std::vector<Cell> cells;
};

struct TableScan {
  Bytes start;  // inclusive; where reversed, the highest
  Bytes stop;   // exclusive
  std::size_t rows = 1;
  bool reverse = false;
  Bytes filter;  // in HBase's filter language; empty: none
};

// A family's settings as HBase has them.
struct TableInfo {
  std::int64_t versions_max = 0;
  std::int64_t time_to_live_s = 0;
  bool serves = false;  // all its regions are somewhere
};

// Bound to one thread at a time.
class GatewayConnection {
 public:
  virtual ~GatewayConnection() = default;

  // False after a failure that leaves the connection of no further use.
  virtual bool usable() const = 0;

  // Whether there is such a row: what the gateway needs to answer it, it needs for all reads.
  virtual Result<bool> exists(const std::string& table, const Bytes& row) = 0;
  // The named cells of a row that there are.
  virtual Result<std::vector<Cell>> get(const std::string& table, const Bytes& row,
                                        const std::vector<Bytes>& qualifiers) = 0;
  // One answer a row, in order; empty where there is no row.
  virtual Result<std::vector<StoredRow>> get_rows(const std::string& table,
                                                  const std::vector<Bytes>& rows) = 0;
  virtual Result<bool> put_if(const std::string& table, const ConditionalPut& put) = 0;
  // Not atomic: after a failure some may be in.
  virtual Status put_rows(const std::string& table, const std::vector<StoredRow>& rows) = 0;
  // Deletes all versions of the cells given, up to their stamps. Not atomic.
  virtual Status delete_cells(const std::string& table, const std::vector<StoredRow>& rows) = 0;
  virtual Result<std::vector<StoredRow>> scan(const std::string& table, const TableScan& scan) = 0;

  // Empty: there is no such table.
  virtual Result<std::optional<TableInfo>> describe_table(const std::string& table) = 0;
  virtual Status create_table(const std::string& table, const std::vector<Bytes>& splits) = 0;
  virtual Status drop_table(const std::string& table) = 0;
};

// Opens a connection to "host:port".
using ConnectGateway =
    std::function<Result<std::unique_ptr<GatewayConnection>>(const std::string& address)>;

}  // namespace longwire::storage::hbase

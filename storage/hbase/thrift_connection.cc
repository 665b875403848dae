#include "storage/hbase/thrift_connection.h"

#include <poll.h>
#include <thrift/TConfiguration.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <charconv>
#include <type_traits>
#include <utility>

#include "storage/hbase/format.h"
#include "storage/hbase/idl/HBaseGateway.h"

namespace longwire::storage::hbase {
namespace {

using apache::thrift::protocol::TCompactProtocolT;
using apache::thrift::transport::TBufferedTransport;
using apache::thrift::transport::TSocket;
using apache::thrift::transport::TTransportException;
using Protocol = TCompactProtocolT<TBufferedTransport>;

constexpr std::uint32_t kBufferBytes = 64 * 1024;

idl::ColumnValue to_value(Cell cell) {
  idl::ColumnValue value;
  value.family = kFamily;
  value.qualifier = std::move(cell.qualifier);
  value.value = std::move(cell.value);
  value.__set_stamp(cell.stamp);
  return value;
}

idl::PutRow to_put(const Bytes& row, const std::vector<Cell>& cells) {
  idl::PutRow put;
  put.row = row;
  put.values.reserve(cells.size());
  for (const Cell& cell : cells) put.values.push_back(to_value(cell));
  return put;
}

StoredRow from_result(idl::RowResult result) {
  StoredRow row;
  row.key = std::move(result.row);
  row.cells.reserve(result.values.size());
  for (idl::ColumnValue& value : result.values) {
    row.cells.push_back({std::move(value.qualifier), std::move(value.value), value.stamp});
  }
  return row;
}

std::vector<StoredRow> from_results(std::vector<idl::RowResult> results) {
  std::vector<StoredRow> rows;
  rows.reserve(results.size());
  for (idl::RowResult& result : results) rows.push_back(from_result(std::move(result)));
  return rows;
}

idl::TableName table_name(const std::string& table) {
  idl::TableName name;
  name.name = table;
  return name;
}

// HBase answers with a Java stack trace. "Failed after attempts=6, exceptions:" has the reason in
// the line behind it.
std::string reason_of(const std::string& trace) {
  const std::size_t first = trace.find('\n');
  std::string reason = trace.substr(0, first);
  if (first == std::string::npos || !reason.ends_with(':')) return reason;
  const std::size_t second = trace.find_first_not_of("\r\n\t ", first);
  if (second == std::string::npos) return reason;
  return reason + ' ' + trace.substr(second, trace.find('\n', second) - second);
}

// Thrift would print each failure to stderr; they come to us as exceptions.
void silence_thrift() {
  static const bool silenced = [] {
    apache::thrift::GlobalOutput.setOutputFunction([](const char*) {});
    return true;
  }();
  (void)silenced;
}

Error transport_error(const TTransportException& error) {
  const bool timed_out = error.getType() == TTransportException::TIMED_OUT;
  return {timed_out ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable,
          std::string("gateway: ") + error.what()};
}

class ThriftConnection final : public GatewayConnection {
 public:
  ThriftConnection(const GatewayAddress& address, const ThriftLimits& limits)
      : socket_(std::make_shared<TSocket>(
            address.host, address.port,
            std::make_shared<apache::thrift::TConfiguration>(limits.answer_bytes_max))) {
    socket_->setConnTimeout(static_cast<int>(limits.connect_timeout.count()));
    socket_->setRecvTimeout(static_cast<int>(limits.call_timeout.count()));
    socket_->setSendTimeout(static_cast<int>(limits.call_timeout.count()));
    socket_->setNoDelay(true);
    const auto transport =
        std::make_shared<TBufferedTransport>(socket_, kBufferBytes, socket_->getConfiguration());
    client_ = std::make_unique<idl::HBaseGatewayClientT<Protocol>>(
        std::make_shared<Protocol>(transport, limits.value_bytes_max, limits.items_max));
    transport->open();
  }

  // Between calls nothing is to be read: whatever is there is the gateway's goodbye.
  bool usable() const override {
    if (broken_ || !socket_->isOpen()) return false;
    pollfd state{socket_->getSocketFD(), POLLIN, 0};
    return ::poll(&state, 1, 0) == 0;
  }

  Result<bool> exists(const std::string& table, const Bytes& row) override {
    return call([&] {
      idl::GetRow get;
      get.row = row;
      return client_->exists(table, get);
    });
  }

  Result<std::vector<Cell>> get(const std::string& table, const Bytes& row,
                                const std::vector<Bytes>& qualifiers) override {
    return call([&] {
      idl::GetRow get;
      get.row = row;
      std::vector<idl::Column> columns(qualifiers.size());
      for (std::size_t i = 0; i < qualifiers.size(); ++i) {
        columns[i].family = kFamily;
        columns[i].__set_qualifier(qualifiers[i]);
      }
      get.__set_columns(columns);
      idl::RowResult result;
      client_->get(result, table, get);
      return from_result(std::move(result)).cells;
    });
  }

  Result<std::vector<StoredRow>> get_rows(const std::string& table,
                                          const std::vector<Bytes>& rows) override {
    return call([&] {
      std::vector<idl::GetRow> asked(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) asked[i].row = rows[i];
      std::vector<idl::RowResult> results;
      client_->getMultiple(results, table, asked);
      return from_results(std::move(results));
    });
  }

  Result<bool> put_if(const std::string& table, const ConditionalPut& put) override {
    return call([&] {
      return client_->checkAndPut(table, put.row, kFamily, put.checked, put.expected,
                                  to_put(put.row, put.cells));
    });
  }

  Status put_rows(const std::string& table, const std::vector<StoredRow>& rows) override {
    return call([&] {
      std::vector<idl::PutRow> puts;
      puts.reserve(rows.size());
      for (const StoredRow& row : rows) puts.push_back(to_put(row.key, row.cells));
      client_->putMultiple(table, puts);
    });
  }

  Status delete_cells(const std::string& table, const std::vector<StoredRow>& rows) override {
    return call([&] {
      std::vector<idl::DeleteRow> deletes(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        deletes[i].row = rows[i].key;
        std::vector<idl::DeleteColumn> columns(rows[i].cells.size());
        for (std::size_t k = 0; k < columns.size(); ++k) {
          columns[k].family = kFamily;
          columns[k].__set_qualifier(rows[i].cells[k].qualifier);
          columns[k].__set_stamp(rows[i].cells[k].stamp);
        }
        deletes[i].__set_columns(columns);
      }
      std::vector<idl::DeleteRow> not_done;
      client_->deleteMultiple(not_done, table, deletes);
    });
  }

  Result<std::vector<StoredRow>> scan(const std::string& table, const TableScan& scan) override {
    return call([&] {
      const auto rows = static_cast<std::int32_t>(scan.rows);
      idl::ScanRows asked;
      asked.__set_start_row(scan.start);
      asked.__set_stop_row(scan.stop);
      asked.__set_limit(rows);
      asked.__set_caching(rows);
      asked.__set_reversed(scan.reverse);
      if (!scan.filter.empty()) asked.__set_filter(scan.filter);
      std::vector<idl::RowResult> results;
      client_->getScannerResults(results, table, asked, rows);
      return from_results(std::move(results));
    });
  }

  Result<std::optional<TableInfo>> describe_table(const std::string& table) override {
    return call([&]() -> std::optional<TableInfo> {
      const idl::TableName name = table_name(table);
      if (!client_->tableExists(name)) return std::nullopt;
      idl::Table found;
      client_->getTableDescriptor(found, name);
      TableInfo info;
      for (const idl::Family& family : found.families) {
        if (family.name == kFamily) info = {family.versions_max, family.time_to_live_s};
      }
      info.serves = client_->isTableAvailable(name);
      return info;
    });
  }

  Status create_table(const std::string& table, const std::vector<Bytes>& splits) override {
    return call([&] {
      idl::Family family;
      family.name = kFamily;
      family.__set_versions_max(1);
      family.__set_versions_min(0);
      family.__set_time_to_live_s(kForeverSeconds);
      idl::Table made;
      made.name = table_name(table);
      made.__set_families({family});
      client_->createTable(made, splits);
    });
  }

  Status drop_table(const std::string& table) override {
    return call([&] {
      client_->disableTable(table_name(table));
      client_->deleteTable(table_name(table));
    });
  }

 private:
  // Where Thrift's exceptions end. After an answer that HBase gave, the connection goes on.
  template <typename Work>
  auto call(Work work) -> Result<std::invoke_result_t<Work>> {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        work();
        return {};
      } else {
        return work();
      }
    } catch (const idl::IoError& error) {
      return Error{ErrorCode::kUnavailable, reason_of(error.message)};
    } catch (const apache::thrift::TApplicationException& error) {
      return Error{ErrorCode::kUnavailable, std::string("gateway: ") + error.what()};
    } catch (const TTransportException& error) {
      broken_ = true;
      return transport_error(error);
    } catch (const apache::thrift::TException& error) {
      broken_ = true;
      return Error{ErrorCode::kUnavailable, std::string("gateway: ") + error.what()};
    }
  }

  std::shared_ptr<TSocket> socket_;  // shared: as Thrift's transports take it
  std::unique_ptr<idl::HBaseGatewayClientT<Protocol>> client_;
  bool broken_ = false;
};

}  // namespace

Result<GatewayAddress> parse_gateway_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  GatewayAddress address;
  if (colon != std::string::npos) {
    address.host = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, address.port);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
    if (whole && !address.host.empty() && address.port > 0 && address.port < 65536) return address;
  }
  return Error{ErrorCode::kInvalidArgument, "not host:port: " + text};
}

Result<std::unique_ptr<GatewayConnection>> connect_thrift(const std::string& address,
                                                          const ThriftLimits& limits) {
  silence_thrift();
  const auto parsed = parse_gateway_address(address);
  if (!parsed) return parsed.error();
  try {
    return std::unique_ptr<GatewayConnection>(std::make_unique<ThriftConnection>(*parsed, limits));
  } catch (const apache::thrift::TException& error) {
    return Error{ErrorCode::kUnavailable, address + ": " + error.what()};
  }
}

}  // namespace longwire::storage::hbase

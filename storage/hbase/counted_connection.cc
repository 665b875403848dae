#include "storage/hbase/counted_connection.h"

#include <chrono>
#include <string>
#include <utility>

namespace longwire::storage::hbase {
namespace {

// References to instruments of one kind of call.
struct CallMetrics {
  CallMetrics(Metrics& metrics, const char* call)
      : seconds(metrics.latency("longwire_hbase_call_seconds",
                                "Calls to HBase's gateways, by kind, with their time.",
                                {{"call", call}})),
        failed(metrics.counter("longwire_hbase_calls_failed_total",
                               "Of these, such as had no good answer.", {{"call", call}})),
        rows(metrics.counter("longwire_hbase_rows_total", "Rows asked for, found or written.",
                             {{"call", call}})) {}
  Histogram& seconds;
  Counter& failed;
  Counter& rows;
};

struct HBaseMetrics {
  explicit HBaseMetrics(Metrics& metrics)
      : exists(metrics, "exists"),
        get(metrics, "get"),
        get_rows(metrics, "get_rows"),
        put_if(metrics, "put_if"),
        put_rows(metrics, "put_rows"),
        delete_cells(metrics, "delete_cells"),
        scan(metrics, "scan") {}
  CallMetrics exists;
  CallMetrics get;
  CallMetrics get_rows;
  CallMetrics put_if;
  CallMetrics put_rows;
  CallMetrics delete_cells;
  CallMetrics scan;
};

class CountedConnection final : public GatewayConnection {
 public:
  CountedConnection(std::unique_ptr<GatewayConnection> connection, const Clock& clock,
                    HBaseMetrics metrics)
      : connection_(std::move(connection)), clock_(clock), metrics_(metrics) {}

  bool usable() const override { return connection_->usable(); }

  Result<bool> exists(const std::string& table, const Bytes& row) override {
    metrics_.exists.rows.add();
    return counted(metrics_.exists, [&] { return connection_->exists(table, row); });
  }
  Result<std::vector<Cell>> get(const std::string& table, const Bytes& row,
                                const std::vector<Bytes>& qualifiers) override {
    metrics_.get.rows.add();
    return counted(metrics_.get, [&] { return connection_->get(table, row, qualifiers); });
  }
  Result<std::vector<StoredRow>> get_rows(const std::string& table,
                                          const std::vector<Bytes>& rows) override {
    metrics_.get_rows.rows.add(rows.size());
    return counted(metrics_.get_rows, [&] { return connection_->get_rows(table, rows); });
  }
  Result<bool> put_if(const std::string& table, const ConditionalPut& put) override {
    metrics_.put_if.rows.add();
    return counted(metrics_.put_if, [&] { return connection_->put_if(table, put); });
  }
  Status put_rows(const std::string& table, const std::vector<StoredRow>& rows) override {
    metrics_.put_rows.rows.add(rows.size());
    return counted(metrics_.put_rows, [&] { return connection_->put_rows(table, rows); });
  }
  Status delete_cells(const std::string& table, const std::vector<StoredRow>& rows) override {
    metrics_.delete_cells.rows.add(rows.size());
    return counted(metrics_.delete_cells, [&] { return connection_->delete_cells(table, rows); });
  }
  Result<std::vector<StoredRow>> scan(const std::string& table, const TableScan& scan) override {
    auto found = counted(metrics_.scan, [&] { return connection_->scan(table, scan); });
    if (found) metrics_.scan.rows.add(found->size());
    return found;
  }

  // Made by commands alone.
  Result<std::optional<TableInfo>> describe_table(const std::string& table) override {
    return connection_->describe_table(table);
  }
  Status create_table(const std::string& table, const std::vector<Bytes>& splits) override {
    return connection_->create_table(table, splits);
  }
  Status drop_table(const std::string& table) override { return connection_->drop_table(table); }

 private:
  template <typename Call>
  auto counted(CallMetrics& metrics, Call call) -> decltype(call()) {
    const MonotonicTime begun = clock_.monotonic();
    auto answer = call();
    metrics.seconds.observe(std::chrono::duration<double>(clock_.monotonic() - begun).count());
    if (!answer.ok()) metrics.failed.add();
    return answer;
  }

  const std::unique_ptr<GatewayConnection> connection_;
  const Clock& clock_;
  HBaseMetrics metrics_;
};

}  // namespace

ConnectGateway count_calls(ConnectGateway connect, const Clock& clock, Metrics& metrics) {
  return [connect = std::move(connect), &clock, m = HBaseMetrics(metrics)](
             const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
    auto made = connect(address);
    if (!made) return made;
    return std::unique_ptr<GatewayConnection>(
        std::make_unique<CountedConnection>(std::move(*made), clock, m));
  };
}

}  // namespace longwire::storage::hbase

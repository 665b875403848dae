#pragma once

// FakeConnection: a gateway's answers without any gateway.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

inline Error refused() { return {ErrorCode::kUnavailable, "refused"}; }

// Says that there is no such row, or breaks the connection; all other calls are refused.
class FakeConnection final : public GatewayConnection {
 public:
  explicit FakeConnection(bool breaks) : breaks_(breaks) {}
  bool usable() const override { return usable_; }
  Result<bool> exists(const std::string&, const Bytes&) override {
    usable_ = !breaks_;
    if (breaks_) return refused();
    return false;
  }
  Result<std::vector<Cell>> get(const std::string&, const Bytes&,
                                const std::vector<Bytes>&) override {
    return refused();
  }
  Result<std::vector<StoredRow>> get_rows(const std::string&, const std::vector<Bytes>&) override {
    return refused();
  }
  Result<bool> put_if(const std::string&, const ConditionalPut&) override { return refused(); }
  Status put_rows(const std::string&, const std::vector<StoredRow>&) override { return refused(); }
  Status delete_cells(const std::string&, const std::vector<StoredRow>&) override {
    return refused();
  }
  Result<std::vector<StoredRow>> scan(const std::string&, const TableScan&) override {
    return refused();
  }
  Result<std::optional<TableInfo>> describe_table(const std::string&) override { return refused(); }
  Status create_table(const std::string&, const std::vector<Bytes>&) override { return refused(); }
  Status drop_table(const std::string&) override { return refused(); }

 private:
  const bool breaks_;
  bool usable_ = true;
};

inline Result<std::unique_ptr<GatewayConnection>> connect_fake(bool breaks = false) {
  return std::unique_ptr<GatewayConnection>(std::make_unique<FakeConnection>(breaks));
}

}  // namespace longwire::storage::hbase

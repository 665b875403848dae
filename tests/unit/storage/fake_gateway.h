#pragma once

// FakeConnection: a gateway's answers without any gateway.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

inline Error refused() { return {ErrorCode::kUnavailable, "refused"}; }

// Says that there is no such row, refuses to, or breaks; all other calls are refused.
enum class FakeAnswer { kNoRow, kRefused, kBreak };

class FakeConnection final : public GatewayConnection {
 public:
  explicit FakeConnection(FakeAnswer answer) : answer_(answer) {}
  bool usable() const override { return usable_; }
  Result<bool> exists(const std::string&, const Bytes&) override {
    usable_ = answer_ != FakeAnswer::kBreak;
    if (answer_ != FakeAnswer::kNoRow) return refused();
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
  const FakeAnswer answer_;
  bool usable_ = true;
};

inline Result<std::unique_ptr<GatewayConnection>> connect_fake(
    FakeAnswer answer = FakeAnswer::kNoRow) {
  return std::unique_ptr<GatewayConnection>(std::make_unique<FakeConnection>(answer));
}

}  // namespace longwire::storage::hbase

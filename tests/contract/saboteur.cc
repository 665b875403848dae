#include "tests/contract/saboteur.h"

#include <algorithm>
#include <utility>

#include "tests/contract/back_ends.h"

namespace longwire::test {

using storage::hbase::Cell;
using storage::hbase::ConditionalPut;
using storage::hbase::ConnectGateway;
using storage::hbase::GatewayConnection;
using storage::hbase::StoredRow;
using storage::hbase::TableInfo;
using storage::hbase::TableScan;

class SabotagedConnection final : public GatewayConnection {
 public:
  SabotagedConnection(Saboteur& saboteur, std::unique_ptr<GatewayConnection> real)
      : saboteur_(saboteur), real_(std::move(real)) {}

  bool usable() const override { return !broken_ && real_->usable(); }

  Result<bool> exists(const std::string& table, const Bytes& row) override {
    return real_->exists(table, row);
  }
  Result<std::vector<Cell>> get(const std::string& table, const Bytes& row,
                                const std::vector<Bytes>& qualifiers) override {
    return call(GatewayCall::kGet, [table, row, qualifiers](GatewayConnection& gateway) {
      return gateway.get(table, row, qualifiers);
    });
  }
  Result<std::vector<StoredRow>> get_rows(const std::string& table,
                                          const std::vector<Bytes>& rows) override {
    return call(GatewayCall::kGetRows, [table, rows](GatewayConnection& gateway) {
      return gateway.get_rows(table, rows);
    });
  }
  Result<bool> put_if(const std::string& table, const ConditionalPut& put) override {
    return call(GatewayCall::kPutIf,
                [table, put](GatewayConnection& gateway) { return gateway.put_if(table, put); });
  }
  Status put_rows(const std::string& table, const std::vector<StoredRow>& rows) override {
    if (saboteur_.refuses(rows)) return Error{ErrorCode::kUnavailable, "these rows are refused"};
    return call(GatewayCall::kPutRows, [table, rows](GatewayConnection& gateway) {
      return gateway.put_rows(table, rows);
    });
  }
  Status delete_cells(const std::string& table, const std::vector<StoredRow>& rows) override {
    return call(GatewayCall::kOther, [table, rows](GatewayConnection& gateway) {
      return gateway.delete_cells(table, rows);
    });
  }
  Result<std::vector<StoredRow>> scan(const std::string& table, const TableScan& scan) override {
    return call(GatewayCall::kScan,
                [table, scan](GatewayConnection& gateway) { return gateway.scan(table, scan); });
  }
  Result<std::optional<TableInfo>> describe_table(const std::string& table) override {
    return real_->describe_table(table);
  }
  Status create_table(const std::string& table, const std::vector<Bytes>& splits) override {
    return real_->create_table(table, splits);
  }
  Status drop_table(const std::string& table) override { return real_->drop_table(table); }

 private:
  template <typename Make>
  auto call(GatewayCall kind, Make make) -> decltype(make(std::declval<GatewayConnection&>())) {
    const Fate fate = saboteur_.fate_of(kind);
    if (fate == Fate::kRefuse) return Error{ErrorCode::kUnavailable, "refused"};
    if (fate == Fate::kPauseBefore) saboteur_.pause();
    if (fate == Fate::kLoseCall || fate == Fate::kLate) {
      if (fate == Fate::kLate) {
        saboteur_.add_late([make](GatewayConnection& gateway) { (void)make(gateway).ok(); });
      }
      return lost();
    }
    auto answer = make(*real_);
    if (fate == Fate::kPauseAfter) saboteur_.pause();
    if (fate == Fate::kLoseAnswer) return lost();
    return answer;
  }
  Error lost() {
    broken_ = true;
    return {ErrorCode::kUnavailable, "the saboteur cut the connection"};
  }

  Saboteur& saboteur_;
  std::unique_ptr<GatewayConnection> real_;
  bool broken_ = false;
};

ConnectGateway Saboteur::connect() {
  return [this](const std::string& address) -> Result<std::unique_ptr<GatewayConnection>> {
    auto made = real_(address);
    if (!made) return std::move(made).error();
    return std::unique_ptr<GatewayConnection>(
        std::make_unique<SabotagedConnection>(*this, std::move(*made)));
  };
}

void Saboteur::set_plan(Plan plan) { state_.lock()->plan = std::move(plan); }

void Saboteur::refuse_rows_under(Bytes prefix) { state_.lock()->refused_rows = std::move(prefix); }

bool Saboteur::refuses(const std::vector<StoredRow>& rows) {
  const auto state = state_.lock();
  const Bytes& prefix = state->refused_rows;
  return !prefix.empty() && std::any_of(rows.begin(), rows.end(), [&](const StoredRow& row) {
    return row.key.starts_with(prefix);
  });
}

bool Saboteur::wait_for_pause(const std::function<bool()>& meanwhile) {
  auto state = state_.lock();
  changed_.wait(state.mutex_lock(), [&] { return state->paused > 0 || meanwhile(); });
  return state->paused > 0;
}

void Saboteur::poke() {
  { const auto state = state_.lock(); }
  changed_.notify_all();
}

void Saboteur::release() {
  {
    auto state = state_.lock();
    state->plan = nullptr;
    ++state->releases;
  }
  changed_.notify_all();
}

bool Saboteur::run_one_late(std::mt19937& random) {
  Write write;
  {
    auto state = state_.lock();
    if (state->late.empty()) return false;
    const std::size_t chosen = random() % state->late.size();
    write = std::move(state->late[chosen]);
    state->late.erase(state->late.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  auto connection = real_(hbase_gateway().value());
  CHECK(connection.ok());
  write(**connection);
  return true;
}

Fate Saboteur::fate_of(GatewayCall call) {
  auto state = state_.lock();
  return state->plan ? state->plan(call) : Fate::kPass;
}

void Saboteur::pause() {
  auto state = state_.lock();
  const std::uint64_t now = state->releases;
  ++state->paused;
  changed_.notify_all();
  changed_.wait(state.mutex_lock(), [&] { return state->releases != now; });
  --state->paused;
}

void Saboteur::add_late(Write write) { state_.lock()->late.push_back(std::move(write)); }

}  // namespace longwire::test

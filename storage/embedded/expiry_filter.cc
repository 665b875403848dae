#include "storage/embedded/expiry_filter.h"

#include "storage/embedded/rocks_format.h"

namespace longwire::storage {
namespace {

class ExpiryFilter final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiryFilter(Timestamp now) : now_(now) {}

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    if (!is_row_key(key.ToStringView())) return false;
    const auto expires = row_expires(value.ToStringView());
    return expires && *expires < now_;
  }
  const char* Name() const override { return "longwire.expiry"; }

 private:
  Timestamp now_;
};

class ExpiryFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit ExpiryFilterFactory(const Clock& clock) : clock_(clock) {}

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<ExpiryFilter>(clock_.now());
  }
  const char* Name() const override { return "longwire.expiry"; }

 private:
  const Clock& clock_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> make_expiry_filter_factory(const Clock& clock) {
  return std::make_shared<ExpiryFilterFactory>(clock);
}

}  // namespace longwire::storage

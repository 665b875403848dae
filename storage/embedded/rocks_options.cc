#include "storage/embedded/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <string_view>

#include "storage/embedded/expiry_filter.h"

namespace longwire::storage {
namespace {

constexpr double kBloomBitsPerKey = 10;
constexpr std::uint64_t kPeriodicCompactionSeconds = 24 * 60 * 60;
// A file with a stretch of 16,384 rows of which 8,192 are removals is compacted soon: a scan over
// removals costs 0.4 µs each (reference: 83 ms over 199,000).
constexpr std::size_t kRemovalWindow = 16384;
constexpr std::size_t kRemovalTrigger = 8192;

constexpr std::size_t kNumberBytes = 8;
constexpr std::string_view kLowStart("\0\0\0", 3);       // of numbers up to 2^40; of no text
constexpr std::string_view kHighStart = "\xff\xff\xff";  // of the last numbers; of no text

// Rows whose keys differ in a number at the end are mostly written in its order: the memtable then
// looks for a row's place beside the last one of its kind, not from the top. That place costs 290
// bytes for each kind, so rows that end in a name have none.
class BesideTheLast final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "longwire.beside-the-last"; }
  bool InDomain(const rocksdb::Slice& key) const override {
    if (key.size() <= kNumberBytes) return false;
    const std::string_view number(key.data() + key.size() - kNumberBytes, kNumberBytes);
    return number.starts_with(kLowStart) || number.starts_with(kHighStart);
  }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - kNumberBytes};
  }
};

std::shared_ptr<rocksdb::TableFactory> make_table_factory(std::size_t cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = 16 * 1024;
  table.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

rocksdb::Options make_rocks_options(const EmbeddedStoreOptions& options, const Clock& clock,
                                    rocksdb::Env* environment) {
  rocksdb::Options out;
  out.env = environment;
  out.create_if_missing = options.create_with.has_value();
  out.paranoid_checks = true;
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out.max_total_wal_size = options.wal_bytes_max;
  out.write_buffer_size = options.memtable_bytes;
  out.max_write_buffer_number = 4;
  out.level_compaction_dynamic_level_bytes = true;
  out.compression = rocksdb::kLZ4Compression;
  out.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression,
                               rocksdb::kLZ4Compression};
  out.max_background_jobs = 2;
  out.bytes_per_sync = 1024 * 1024;
  out.max_open_files = options.open_files_max;
  out.keep_log_file_num = 4;
  out.max_log_file_size = 16 * 1024 * 1024;
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.periodic_compaction_seconds = kPeriodicCompactionSeconds;
  out.compaction_filter_factory = make_expiry_filter_factory(clock);
  out.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(kRemovalWindow, kRemovalTrigger));
  out.memtable_insert_with_hint_prefix_extractor = std::make_shared<const BesideTheLast>();
  out.table_factory = make_table_factory(options.block_cache_bytes);
  // After a failed write the store opens the database anew; nothing else may touch it before.
  out.max_bgerror_resume_count = 0;
  return out;
}

}  // namespace longwire::storage

#include "middle/ports/storage_info.h"

#include <string>
#include <utility>

namespace longwire::middle {
namespace {

// In the place of a format; a program that does not know it refuses it as too new.
constexpr std::uint32_t kImporting = 0xFFFF'FFFF;

Status check_format(std::uint32_t format) {
  if (format == kStorageFormat) return {};
  std::string message = "storage format " + std::to_string(format) + " is ";
  if (format > kStorageFormat) {
    message += "newer than this program, which knows up to " + std::to_string(kStorageFormat);
  } else {
    message += "from before the first release; start with a new data directory or new tables";
  }
  return Error{ErrorCode::kUnsupported, std::move(message)};
}

}  // namespace

Bytes encode_info(const StorageInfo& info) {
  ByteWriter writer;
  if (info.importing) writer.u32(kImporting);
  writer.u32(info.format).u16(info.partitions).u8(info.home_hash_version);
  writer.string(info.incarnation.value());
  return std::move(writer).take();
}

Result<StorageInfo> decode_info(BytesView stored) {
  ByteReader reader(stored);
  StorageInfo info;
  info.format = reader.u32();
  info.importing = info.format == kImporting;
  if (info.importing) info.format = reader.u32();
  if (reader.failed()) return reader.finish().error();
  TRY(check_format(info.format));
  info.partitions = reader.u16();
  info.home_hash_version = reader.u8();
  info.incarnation = Incarnation(std::string(reader.string()));
  TRY(reader.finish());
  if (info.partitions == 0 || info.partitions > kPartitionsMax)
    return Error{ErrorCode::kCorrupt, "stored number of partitions is out of bounds"};
  return info;
}

}  // namespace longwire::middle

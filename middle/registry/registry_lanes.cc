#include "middle/registry/registry_lanes.h"

#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {

constexpr std::uint8_t kVersion = 1;

void write_name(ByteWriter& writer, const NameId& name) {
  writer.u8(static_cast<std::uint8_t>(name.kind)).string(name.app.value()).string(name.name);
}

NameId read_name(ByteReader& reader) {
  NameId name;
  name.kind = static_cast<NameKind>(reader.u8());
  name.app = AppId(std::string(reader.string()));
  name.name = std::string(reader.string());
  return name;
}

ByteWriter begin(LanePayloadKind kind, const RegId& registration) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(kind)).u8(kVersion).string(registration.value());
  return writer;
}

}  // namespace

Bytes encode_lane(const NameNotice& notice) {
  ByteWriter writer = begin(LanePayloadKind::kNameNotice, notice.registration);
  write_name(writer, notice.name);
  writer.boolean(notice.carried).boolean(notice.evicted);
  return std::move(writer).take();
}

Status decode_lane(BytesView payload, NameNotice& notice) {
  ByteReader reader(payload);
  (void)reader.u8();
  TRY(check_row_version(reader, kVersion));
  notice.registration = RegId(std::string(reader.string()));
  notice.name = read_name(reader);
  notice.carried = reader.boolean();
  notice.evicted = reader.boolean();
  return reader.finish();
}

Bytes encode_lane(const DropHolder& drop) {
  ByteWriter writer = begin(LanePayloadKind::kDropHolder, drop.holder);
  write_name(writer, drop.name);
  return std::move(writer).take();
}

Status decode_lane(BytesView payload, DropHolder& drop) {
  ByteReader reader(payload);
  (void)reader.u8();
  TRY(check_row_version(reader, kVersion));
  drop.holder = RegId(std::string(reader.string()));
  drop.name = read_name(reader);
  return reader.finish();
}

}  // namespace longwire::middle

#include "middle/target/target_lanes.h"

#include "middle/feed/feed_rows.h"
#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kRecipientsMax = 100'000;
}  // namespace

Bytes encode_lane(const Delivery& delivery) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(LanePayloadKind::kDeliver)).u8(kVersion);
  write_message_id(writer, delivery.id);
  writer.string(delivery.app.value());
  write_packages(writer, delivery.packages);
  writer.i64(delivery.accepted.ms).i64(delivery.expires.ms);
  writer.u8(static_cast<std::uint8_t>(delivery.priority)).string(delivery.collapse_key);
  writer.u8(static_cast<std::uint8_t>(delivery.via)).varint(delivery.recipients.size());
  for (const Recipient& recipient : delivery.recipients)
    writer.string(recipient.registration.value()).string(recipient.via_name);
  writer.string(delivery.body);
  return std::move(writer).take();
}

Status decode_lane(BytesView payload, Delivery& delivery) {
  ByteReader reader(payload);
  (void)reader.u8();
  TRY(check_row_version(reader, kVersion));
  delivery.id = read_message_id(reader);
  delivery.app = AppId(std::string(reader.string()));
  delivery.packages = read_packages(reader);
  delivery.accepted = {reader.i64()};
  delivery.expires = {reader.i64()};
  delivery.priority = static_cast<Priority>(reader.u8());
  delivery.collapse_key = std::string(reader.string());
  delivery.via = static_cast<TargetKind>(reader.u8());
  delivery.recipients.resize(reader.count(kRecipientsMax));
  for (Recipient& recipient : delivery.recipients) {
    recipient.registration = RegId(std::string(reader.string()));
    recipient.via_name = std::string(reader.string());
  }
  delivery.body = Bytes(reader.string());
  return reader.finish();
}

Bytes encode_lane(const RecallNotice& notice) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(LanePayloadKind::kRecall)).u8(kVersion);
  write_message_id(writer, notice.id);
  return std::move(writer).take();
}

Status decode_lane(BytesView payload, RecallNotice& notice) {
  ByteReader reader(payload);
  (void)reader.u8();
  TRY(check_row_version(reader, kVersion));
  notice.id = read_message_id(reader);
  return reader.finish();
}

}  // namespace longwire::middle

// Keys (numbers are big-endian; a name that is not last is length-prefixed):
//   "d" device                          -> device
//   "r" regId                           -> registration
//   "a" app name | "u" app name         -> name (alias | account)
//   "x" look_at_ms:u64 device           -> (empty)
//   "t" position:u64 regId tag          -> topic-change
//
// Values:
//   device       := 1:u8 scram scram banned:bool created:i64 last_contact:time session:varint
//                   n:varint regId:string*n
//   scram        := salt:string iterations:u32 stored_key:string server_key:string
//   registration := 1:u8 id:string device:string app:string package:string secret:string
//                   version:string created:i64 app_since:varint n:varint tag*n
//                   n:varint alias:string*n n:varint account:string*n
//   tag          := name:string topic_since:varint topic_until:number? app_since:varint
//                   app_until:number? ended:i64
//   number?      := 0:u8 | 1:u8 varint
//   name         := 1:u8 n:varint regId:string*n
//   topic-change := 1:u8 app:string tag:string regId:string carried:bool since:varint until:number?
//
// A version above 1 is refused. The same grammar is in docs/formats/rows.md.

#include "middle/registry/registry_rows.h"

#include "middle/feed/feed_rows.h"
#include "middle/partition/rows.h"

namespace longwire::middle {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kListMax = 10'000;

template <typename Name>
void write_list(ByteWriter& writer, const std::vector<Name>& names) {
  writer.varint(names.size());
  for (const Name& name : names) writer.string(name.value());
}

template <typename Name>
std::vector<Name> read_list(ByteReader& reader) {
  std::vector<Name> names(reader.count(kListMax));
  for (Name& name : names) name = Name(std::string(reader.string()));
  return names;
}

void write_number(ByteWriter& writer, std::optional<FeedNumber> number) {
  writer.boolean(number.has_value());
  if (number) writer.varint(*number);
}

std::optional<FeedNumber> read_number(ByteReader& reader) {
  if (!reader.boolean()) return std::nullopt;
  return reader.varint();
}

void write_scram(ByteWriter& writer, const ScramKeys& keys) {
  writer.string(keys.salt).u32(keys.iterations).string(keys.stored_key).string(keys.server_key);
}

ScramKeys read_scram(ByteReader& reader) {
  ScramKeys keys;
  keys.salt = Bytes(reader.string());
  keys.iterations = reader.u32();
  keys.stored_key = Bytes(reader.string());
  keys.server_key = Bytes(reader.string());
  return keys;
}

void write_tag(ByteWriter& writer, const TagInterval& tag, Timestamp ended) {
  writer.string(tag.tag.value()).varint(tag.topic_since);
  write_number(writer, tag.topic_until);
  writer.varint(tag.app_since);
  write_number(writer, tag.app_until);
  writer.i64(ended.ms);
}

TagInterval read_tag(ByteReader& reader, Timestamp& ended) {
  TagInterval tag;
  tag.tag = Tag(std::string(reader.string()));
  tag.topic_since = reader.varint();
  tag.topic_until = read_number(reader);
  tag.app_since = reader.varint();
  tag.app_until = read_number(reader);
  ended = {reader.i64()};
  return tag;
}

}  // namespace

Bytes device_key(const DeviceId& device) { return "d" + device.value(); }
Bytes registration_key(const RegId& registration) { return "r" + registration.value(); }

Bytes name_key(NameKind kind, const AppId& app, std::string_view name) {
  ByteWriter writer;
  writer.u8(kind == NameKind::kAlias ? 'a' : 'u').string(app.value()).raw(name);
  return std::move(writer).take();
}

Bytes contact_key(Timestamp look_at, const DeviceId& device) {
  ByteWriter writer;
  writer.u8('x').u64(static_cast<std::uint64_t>(look_at.ms)).raw(device.value());
  return std::move(writer).take();
}

Bytes topic_change_key(Position position, const RegId& registration, const Tag& tag) {
  ByteWriter writer;
  writer.u8('t').u64(position).string(registration.value()).raw(tag.value());
  return std::move(writer).take();
}

Bytes encode(const DeviceRow& row) {
  ByteWriter writer;
  writer.u8(kVersion);
  write_scram(writer, row.credentials.sha1);
  write_scram(writer, row.credentials.sha256);
  writer.boolean(row.credentials.banned).i64(row.created.ms);
  write_time(writer, row.last_contact);
  writer.varint(row.session);
  write_list(writer, row.registrations);
  return std::move(writer).take();
}

Status decode(BytesView bytes, DeviceRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  row.credentials.sha1 = read_scram(reader);
  row.credentials.sha256 = read_scram(reader);
  row.credentials.banned = reader.boolean();
  row.created = {reader.i64()};
  row.last_contact = read_time(reader);
  row.session = reader.varint();
  row.registrations = read_list<RegId>(reader);
  return reader.finish();
}

Bytes encode(const RegistrationRow& row) {
  const Registration& registration = row.registration;
  ByteWriter writer;
  writer.u8(kVersion).string(registration.id.value()).string(registration.device.value());
  writer.string(registration.app.value()).string(registration.package.value());
  writer.string(registration.secret).string(registration.app_version);
  writer.i64(registration.created.ms).varint(registration.app_since);
  writer.varint(registration.tags.size());
  for (std::size_t i = 0; i < registration.tags.size(); ++i)
    write_tag(writer, registration.tags[i], row.tag_ended[i]);
  write_list(writer, registration.aliases);
  write_list(writer, registration.accounts);
  return std::move(writer).take();
}

Status decode(BytesView bytes, RegistrationRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  Registration& registration = row.registration;
  registration.id = RegId(std::string(reader.string()));
  registration.device = DeviceId(std::string(reader.string()));
  registration.app = AppId(std::string(reader.string()));
  registration.package = PackageName(std::string(reader.string()));
  registration.secret = Bytes(reader.string());
  registration.app_version = std::string(reader.string());
  registration.created = {reader.i64()};
  registration.app_since = reader.varint();
  registration.tags.resize(reader.count(kListMax));
  row.tag_ended.resize(registration.tags.size());
  for (std::size_t i = 0; i < registration.tags.size(); ++i)
    registration.tags[i] = read_tag(reader, row.tag_ended[i]);
  registration.aliases = read_list<Alias>(reader);
  registration.accounts = read_list<UserAccount>(reader);
  return reader.finish();
}

Bytes encode(const NameRow& row) {
  ByteWriter writer;
  writer.u8(kVersion);
  write_list(writer, row.holders);
  return std::move(writer).take();
}

Status decode(BytesView bytes, NameRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  row.holders = read_list<RegId>(reader);
  return reader.finish();
}

Bytes encode(const TopicChangeRow& row) {
  const TopicChange& change = row.change;
  ByteWriter writer;
  writer.u8(kVersion).string(change.app.value()).string(change.tag.value());
  writer.string(change.registration.value()).boolean(change.carried).varint(change.since);
  write_number(writer, change.until);
  return std::move(writer).take();
}

Status decode(BytesView bytes, TopicChangeRow& row) {
  ByteReader reader(bytes);
  TRY(check_row_version(reader, kVersion));
  TopicChange& change = row.change;
  change.app = AppId(std::string(reader.string()));
  change.tag = Tag(std::string(reader.string()));
  change.registration = RegId(std::string(reader.string()));
  change.carried = reader.boolean();
  change.since = reader.varint();
  change.until = read_number(reader);
  return reader.finish();
}

}  // namespace longwire::middle

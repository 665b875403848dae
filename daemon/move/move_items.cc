#include "daemon/move/move_items.h"

#include <optional>
#include <string>
#include <vector>

namespace longwire::daemon {
namespace {

constexpr std::size_t kListMax = 1'000'000;  // the bytes that are left bound it before

void write_time(ByteWriter& writer, std::optional<Timestamp> time) {
  writer.boolean(time.has_value());
  if (time) writer.i64(time->ms);
}

std::optional<Timestamp> read_time(ByteReader& reader) {
  if (!reader.boolean()) return std::nullopt;
  return Timestamp{reader.i64()};
}

void write_scram(ByteWriter& writer, const middle::ScramKeys& keys) {
  writer.string(keys.salt).u32(keys.iterations).string(keys.stored_key).string(keys.server_key);
}

middle::ScramKeys read_scram(ByteReader& reader) {
  middle::ScramKeys keys;
  keys.salt = Bytes(reader.string());
  keys.iterations = reader.u32();
  keys.stored_key = Bytes(reader.string());
  keys.server_key = Bytes(reader.string());
  return keys;
}

// Names in a key, each by itself: "a" before "ab" before "b", whatever follows.
Bytes joined(std::initializer_list<BytesView> names) {
  Bytes key;
  for (const BytesView name : names) {
    for (const char c : name) {
      key.push_back(c);
      if (c == '\0') key.push_back('\xff');
    }
    key.append(2, '\0');
  }
  return key;
}

}  // namespace

void write_item(ByteWriter& writer, const middle::Row& row) {
  writer.string(row.key).string(row.value);
  write_time(writer, row.expires);
}

void read_item(ByteReader& reader, middle::Row& row) {
  row.key = Bytes(reader.string());
  row.value = Bytes(reader.string());
  row.expires = read_time(reader);
}

Bytes item_key(const middle::Row& row) { return row.key; }

void write_item(ByteWriter& writer, const middle::App& app) {
  writer.string(app.id.value()).string(app.key.value()).string(app.name).i64(app.created.ms);
  writer.varint(app.packages.size());
  for (const auto& package : app.packages) writer.string(package.value());
  writer.varint(app.secrets.size());
  for (const auto& secret : app.secrets) {
    writer.string(secret.sha256);
    write_time(writer, secret.valid_until);
  }
}

void read_item(ByteReader& reader, middle::App& app) {
  app.id = middle::AppId(Bytes(reader.string()));
  app.key = middle::AppKey(Bytes(reader.string()));
  app.name = Bytes(reader.string());
  app.created = {reader.i64()};
  for (std::size_t left = reader.count(kListMax); left > 0 && !reader.failed(); --left) {
    app.packages.emplace_back(Bytes(reader.string()));
  }
  for (std::size_t left = reader.count(kListMax); left > 0 && !reader.failed(); --left) {
    middle::AppSecretHash secret;
    secret.sha256 = Bytes(reader.string());
    secret.valid_until = read_time(reader);
    app.secrets.push_back(std::move(secret));
  }
}

Bytes item_key(const middle::App& app) { return app.id.value(); }

void write_item(ByteWriter& writer, const middle::User& user) {
  writer.string(user.account.value()).i64(user.created.ms).boolean(user.credentials.banned);
  write_scram(writer, user.credentials.sha1);
  write_scram(writer, user.credentials.sha256);
}

void read_item(ByteReader& reader, middle::User& user) {
  user.account = middle::XmppAccount(Bytes(reader.string()));
  user.created = {reader.i64()};
  user.credentials.banned = reader.boolean();
  user.credentials.sha1 = read_scram(reader);
  user.credentials.sha256 = read_scram(reader);
}

Bytes item_key(const middle::User& user) { return user.account.value(); }

void write_item(ByteWriter& writer, const middle::RosterItem& item) {
  writer.string(item.owner.value()).string(item.contact).string(item.name);
  writer.varint(item.groups.size());
  for (const std::string& group : item.groups) writer.string(group);
  writer.u8(item.subscription).boolean(item.ask).boolean(item.pending_in);
  writer.string(item.pending_stanza).varint(item.version);
}

void read_item(ByteReader& reader, middle::RosterItem& item) {
  item.owner = middle::XmppAccount(Bytes(reader.string()));
  item.contact = Bytes(reader.string());
  item.name = Bytes(reader.string());
  for (std::size_t left = reader.count(kListMax); left > 0 && !reader.failed(); --left) {
    item.groups.emplace_back(reader.string());
  }
  item.subscription = reader.u8();
  item.ask = reader.boolean();
  item.pending_in = reader.boolean();
  item.pending_stanza = Bytes(reader.string());
  item.version = reader.varint();
}

Bytes item_key(const middle::RosterItem& item) {
  return joined({item.owner.value(), item.contact});
}

void write_item(ByteWriter& writer, const middle::TopicRow& row) {
  writer.string(row.app.value()).string(row.tag.value());
  writer.string(row.carrier.registration.value()).varint(row.carrier.since);
  writer.boolean(row.carrier.until.has_value());
  if (row.carrier.until) writer.varint(*row.carrier.until);
}

void read_item(ByteReader& reader, middle::TopicRow& row) {
  row.app = middle::AppId(Bytes(reader.string()));
  row.tag = middle::Tag(Bytes(reader.string()));
  row.carrier.registration = middle::RegId(Bytes(reader.string()));
  row.carrier.since = reader.varint();
  if (reader.boolean()) row.carrier.until = reader.varint();
}

Bytes item_key(const middle::TopicRow& row) {
  return joined({row.app.value(), row.tag.value(), row.carrier.registration.value()});
}

void write_item(ByteWriter& writer, const middle::CounterRow& row) {
  writer.string(row.app.value()).string(row.day).string(row.name).varint(row.total);
}

void read_item(ByteReader& reader, middle::CounterRow& row) {
  row.app = middle::AppId(Bytes(reader.string()));
  row.day = Bytes(reader.string());
  row.name = Bytes(reader.string());
  row.total = reader.varint();
}

Bytes item_key(const middle::CounterRow& row) {
  return joined({row.app.value(), row.day, row.name});
}

}  // namespace longwire::daemon

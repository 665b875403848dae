#include "storage/columns/list_columns.h"

#include <utility>

namespace longwire::storage {
namespace {

using middle::AppSecretHash;
using middle::PackageName;

constexpr std::size_t kListMax = 100000;  // of what a column may claim to hold

}  // namespace

Bytes encode_packages(const std::vector<PackageName>& packages) {
  ByteWriter writer;
  writer.varint(packages.size());
  for (const auto& package : packages) writer.string(package.value());
  return std::move(writer).take();
}

// item = sha256:string has_end:boolean [valid_until:i64]
Bytes encode_secrets(const std::vector<AppSecretHash>& secrets) {
  ByteWriter writer;
  writer.varint(secrets.size());
  for (const auto& secret : secrets) {
    writer.string(secret.sha256).boolean(secret.valid_until.has_value());
    if (secret.valid_until) writer.i64(secret.valid_until->ms);
  }
  return std::move(writer).take();
}

Bytes encode_groups(const std::vector<std::string>& groups) {
  ByteWriter writer;
  writer.varint(groups.size());
  for (const auto& group : groups) writer.string(group);
  return std::move(writer).take();
}

Result<std::vector<PackageName>> decode_packages(BytesView stored) {
  ByteReader reader(stored);
  std::vector<PackageName> out(reader.count(kListMax));
  for (auto& package : out) package = PackageName(std::string(reader.string()));
  TRY(reader.finish());
  return out;
}

Result<std::vector<AppSecretHash>> decode_secrets(BytesView stored) {
  ByteReader reader(stored);
  std::vector<AppSecretHash> out(reader.count(kListMax));
  for (auto& secret : out) {
    secret.sha256 = Bytes(reader.string());
    if (reader.boolean()) secret.valid_until = Timestamp{reader.i64()};
  }
  TRY(reader.finish());
  return out;
}

Result<std::vector<std::string>> decode_groups(BytesView stored) {
  ByteReader reader(stored);
  std::vector<std::string> out(reader.count(kListMax));
  for (auto& group : out) group = std::string(reader.string());
  TRY(reader.finish());
  return out;
}

}  // namespace longwire::storage

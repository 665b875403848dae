#include "channels/push/entry_template.h"

#include <cstdint>
#include <utility>

namespace longwire::channels {

namespace {

// Types of the compact protocol.
constexpr std::uint8_t kI32 = 5;
constexpr std::uint8_t kI64 = 6;
constexpr std::uint8_t kBinary = 8;
constexpr std::uint8_t kStruct = 12;

// Field ids of Push, in push.thrift.
constexpr int kRegId = 1, kFeed = 2, kNumber = 3, kMessageId = 4, kAccepted = 5, kExpires = 6,
              kVia = 7, kViaName = 8, kCollapseKey = 9, kCipher = 10, kSealed = 11;

constexpr char field_header(int delta, std::uint8_t type) {
  return static_cast<char>((delta << 4) | type);
}

void append_varint(std::uint64_t value, Bytes& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Fields of one struct, ids rising by less than 16.
class FieldWriter {
 public:
  FieldWriter(int last_id, Bytes& out) : last_id_(last_id), out_(out) {}
  void binary(int id, BytesView value) {
    header(id, kBinary);
    append_varint(value.size(), out_);
    out_.append(value);
  }
  void integer(int id, std::uint8_t type, std::int64_t value) {
    header(id, type);
    const auto bits = static_cast<std::uint64_t>(value);
    append_varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0), out_);
  }
  void binary_of_size(int id, std::size_t size) {
    header(id, kBinary);
    append_varint(size, out_);
  }

 private:
  void header(int id, std::uint8_t type) {
    out_.push_back(field_header(id - std::exchange(last_id_, id), type));
  }
  int last_id_;
  Bytes& out_;
};

}  // namespace

EntryTemplate make_entry_template(const middle::EntryPtr& entry, const middle::FeedId& feed,
                                  SealCipher cipher) {
  EntryTemplate made{.entry = entry, .feed = feed, .middle = {}};
  FieldWriter out(kRegId, made.middle);
  out.binary(kFeed, feed.value());
  out.integer(kNumber, kI64, static_cast<std::int64_t>(entry->number));
  out.binary(kMessageId, entry->id.view());
  out.integer(kAccepted, kI64, entry->accepted.ms);
  out.integer(kExpires, kI64, entry->expires.ms);
  if (entry->via != middle::TargetKind::kRegId)
    out.integer(kVia, kI32, static_cast<std::int64_t>(entry->via));
  if (!entry->via_name.empty()) out.binary(kViaName, entry->via_name);
  if (!entry->collapse_key.empty()) out.binary(kCollapseKey, entry->collapse_key);
  out.integer(kCipher, kI32, static_cast<std::int64_t>(cipher));
  out.binary_of_size(kSealed, entry->body.size() + kSealTagBytes);
  return made;
}

void append_push_prefix(std::string_view registration, Bytes& out) {
  constexpr int kServerFramePush = 1;
  out.push_back(field_header(kServerFramePush, kStruct));
  FieldWriter(0, out).binary(kRegId, registration);
}

void append_push_suffix(Bytes& out) { out.append(2, '\0'); }

const EntryTemplate& EntryTemplates::of(const middle::EntryPtr& entry, const middle::FeedId& feed) {
  // Entries come in order, so their numbers spread over the slots by themselves.
  EntryTemplate& slot = slots_[entry->number % kTemplatesMax];
  if (slot.entry != entry || slot.feed != feed) slot = make_entry_template(entry, feed, cipher_);
  return slot;
}

}  // namespace longwire::channels

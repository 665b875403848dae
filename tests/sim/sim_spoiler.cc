#include "tests/sim/sim_spoiler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "middle/remote/frame_cutter.h"
#include "middle/remote/message.h"
#include "middle/remote/methods.h"

namespace longwire::sim {
namespace {

using apache::thrift::protocol::TMessageType;
using apache::thrift::protocol::TType;
using middle::remote::kAddressedField;
using middle::wire::MemoryBuffer;
using middle::wire::Protocol;

using FieldPath = std::vector<std::int16_t>;  // of fields in fields; lists are passed through

constexpr double kLostClaims = 0.3;
constexpr std::int64_t kAboveAllPositions = std::int64_t{1} << 40U;

// What is done to the fields of a message.
struct Edit {
  std::vector<FieldPath> dropped;
  std::vector<FieldPath> mirrored;  // a position: the higher, the lower
};

// Copies a message but for what an edit says.
class Copier final {
 public:
  Copier(const Bytes& frame, const Edit& edit) : edit_(edit) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(frame.data()));
    const auto size = static_cast<std::uint32_t>(frame.size());
    constexpr std::uint32_t kLength = middle::remote::kFrameLengthBytes;
    in_ =
        std::make_unique<Protocol>(std::make_shared<MemoryBuffer>(bytes + kLength, size - kLength));
    out_ = std::make_unique<Protocol>(buffer_);
  }

  Bytes copy() {
    std::string name;
    TMessageType type{};
    std::int32_t id = 0;
    in_->readMessageBegin(name, type, id);
    out_->writeMessageBegin(name, type, id);
    FieldPath path;
    copy_struct(path);
    const std::string body = buffer_->getBufferAsString();
    return ByteWriter().u32(static_cast<std::uint32_t>(body.size())).bytes() + body;
  }

 private:
  static bool has(const std::vector<FieldPath>& list, const FieldPath& path) {
    return std::find(list.begin(), list.end(), path) != list.end();
  }

  void copy_struct(FieldPath& path) {
    std::string name;
    in_->readStructBegin(name);
    out_->writeStructBegin("");
    for (;;) {
      TType type{};
      std::int16_t number = 0;
      in_->readFieldBegin(name, type, number);
      if (type == apache::thrift::protocol::T_STOP) break;
      path.push_back(number);
      if (has(edit_.dropped, path)) {
        in_->skip(type);
      } else {
        out_->writeFieldBegin("", type, number);
        copy_value(type, path);
      }
      path.pop_back();
    }
    out_->writeFieldStop();
    out_->writeStructEnd();
    in_->readStructEnd();
  }

  void copy_list(FieldPath& path) {
    TType type{};
    std::uint32_t size = 0;
    in_->readListBegin(type, size);
    out_->writeListBegin(type, size);
    for (std::uint32_t i = 0; i < size; ++i) copy_value(type, path);
  }

  template <typename T>
  void copy_plain(std::uint32_t (Protocol::*read)(T&), std::uint32_t (Protocol::*write)(T)) {
    T value{};
    ((*in_).*read)(value);
    ((*out_).*write)(value);
  }

  void copy_number(const FieldPath& path) {
    std::int64_t value = 0;
    in_->readI64(value);
    out_->writeI64(has(edit_.mirrored, path) ? kAboveAllPositions - value : value);
  }

  void copy_text() {
    std::string value;
    in_->readBinary(value);
    out_->writeBinary(value);
  }

  void copy_value(TType type, FieldPath& path) {
    switch (type) {
      case apache::thrift::protocol::T_STRUCT:
        return copy_struct(path);
      case apache::thrift::protocol::T_LIST:
        return copy_list(path);
      case apache::thrift::protocol::T_STRING:
        return copy_text();
      case apache::thrift::protocol::T_I64:
        return copy_number(path);
      case apache::thrift::protocol::T_I32:
        return copy_plain<std::int32_t>(&Protocol::readI32, &Protocol::writeI32);
      case apache::thrift::protocol::T_BYTE:
        return copy_plain<std::int8_t>(&Protocol::readByte, &Protocol::writeByte);
      case apache::thrift::protocol::T_BOOL:
        return copy_plain<bool>(&Protocol::readBool, &Protocol::writeBool);
      default:
        CHECK(false);  // no message has others
    }
  }

  const Edit& edit_;
  std::shared_ptr<MemoryBuffer> buffer_ = std::make_shared<MemoryBuffer>();
  std::unique_ptr<Protocol> in_;
  std::unique_ptr<Protocol> out_;
};

class FrameSpoiler final : public SimSpoiler {
 public:
  FrameSpoiler(SpoiledFrames what, SimRandom& random) : what_(what), random_(random) {}

  bool let_through(Bytes& frame) override {
    const BytesView message = BytesView(frame).substr(middle::remote::kFrameLengthBytes);
    const auto opened = middle::remote::IncomingMessage::open(message, {});
    CHECK(opened.ok());
    const middle::remote::MessageHead head = opened->head();
    const bool owners = head.name == middle::remote::kOwners;
    if (what_ == SpoiledFrames::kClaimsLost) return !owners || !random_.chance(kLostClaims);
    const Edit edit = edit_of(head, owners);
    if (!edit.dropped.empty() || !edit.mirrored.empty()) frame = Copier(frame, edit).copy();
    return true;
  }

 private:
  // Field numbers: middle/wire/fields.h.
  Edit edit_of(const middle::remote::MessageHead& head, bool owners) const {
    const bool call = head.kind == middle::remote::MessageKind::kCall;
    switch (what_) {
      case SpoiledFrames::kLateCallsCount:
        if (call) return {.dropped = {{kAddressedField}}, .mirrored = {}};
        return {};
      case SpoiledFrames::kRepeatsNotMarked:
        if (call && head.name == "send") return {.dropped = {{1, 13}}, .mirrored = {}};
        if (call && head.name == "route") return {.dropped = {{1, 7}}, .mirrored = {}};
        return {};
      case SpoiledFrames::kClaimsBackwards:
        if (call) return {.dropped = {}, .mirrored = {{kAddressedField, 2}}};
        if (owners) return {.dropped = {}, .mirrored = {{1, 1, 2}}};
        return {};
      case SpoiledFrames::kClaimsLost:
      case SpoiledFrames::kNone:
        return {};
    }
    return {};
  }

  const SpoiledFrames what_;
  SimRandom& random_;
};

}  // namespace

std::unique_ptr<SimSpoiler> make_spoiler(SpoiledFrames what, SimRandom& random) {
  if (what == SpoiledFrames::kNone) return nullptr;
  return std::make_unique<FrameSpoiler>(what, random);
}

}  // namespace longwire::sim

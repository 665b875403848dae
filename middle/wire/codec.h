#pragma once

// The middle's structs to and from Thrift's compact protocol, member by member, without a copy in
// generated structs between. Shows Thrift: included by .cc files only.
//
// A peer's bytes cost at most a small multiple of their own length: strings, containers and nesting
// are bounded by WireLimits, and a number that a type cannot hold is refused. Members that are not
// known are skipped, those that are absent keep their defaults, so that neighbouring versions
// understand each other.
//
// Threads: free functions without state. Exceptions of Thrift end here.

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/TProtocolException.h>
#include <thrift/transport/TBufferTransports.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/named_type.h"
#include "base/result.h"
#include "middle/wire/fields.h"
#include "middle/wire/limits.h"

namespace longwire::middle::wire {

using MemoryBuffer = apache::thrift::transport::TMemoryBuffer;
using Protocol = apache::thrift::protocol::TCompactProtocolT<MemoryBuffer>;
using apache::thrift::protocol::TProtocolException;
using apache::thrift::protocol::TType;

// The first number of an enum, and the highest; there are no gaps.
template <typename E>
inline constexpr std::int32_t kFirst = 0;
template <typename E>
inline constexpr std::int32_t kLast = -1;
template <>
inline constexpr auto kLast<TagOperator> = static_cast<std::int32_t>(TagOperator::kExcept);
template <>
inline constexpr auto kLast<EntryKind> = static_cast<std::int32_t>(EntryKind::kChat);
template <>
inline constexpr auto kLast<Priority> = static_cast<std::int32_t>(Priority::kLow);
template <>
inline constexpr auto kLast<TargetKind> = static_cast<std::int32_t>(TargetKind::kAll);
template <>
inline constexpr auto kLast<CopyState> = static_cast<std::int32_t>(CopyState::kRejected);
template <>
inline constexpr auto kLast<RouteMode> = static_cast<std::int32_t>(RouteMode::kAllInterested);
template <>
inline constexpr auto kLast<StreamItemKind> = static_cast<std::int32_t>(StreamItemKind::kAskLater);
template <>
inline constexpr auto kLast<ErrorCode> = static_cast<std::int32_t>(ErrorCode::kInternal);

[[noreturn]] inline void refuse(const char* why) {
  throw TProtocolException(TProtocolException::INVALID_DATA, why);
}

// How a value of a type is written: `type`, write() and read(). Structs are what is left.
template <typename T>
struct Wire;

struct FieldWriter {
  Protocol& out;
  template <typename T>
  void operator()(std::int16_t number, const T& value) {
    out.writeFieldBegin("", Wire<T>::kType, number);
    Wire<T>::write(out, value);
    out.writeFieldEnd();
  }
  template <typename T>
  void operator()(std::int16_t number, const std::optional<T>& value) {
    if (value) (*this)(number, *value);
  }
};

// Reads the one field that has come.
struct FieldReader {
  Protocol& in;
  TType type;
  std::int16_t number;
  bool known = false;

  template <typename T>
  void operator()(std::int16_t its, T& value) {
    if (its != number) return;
    if (type != Wire<T>::kType) refuse("a member of another type");
    known = true;
    Wire<T>::read(in, value);
  }
  template <typename T>
  void operator()(std::int16_t its, std::optional<T>& value) {
    if (its == number) (*this)(its, value.emplace());
  }
};

template <typename T>
struct Wire {
  static constexpr TType kType = apache::thrift::protocol::T_STRUCT;
  static void write(Protocol& out, const T& value) {
    out.writeStructBegin("");
    FieldWriter writer{out};
    fields(writer, value);
    out.writeFieldStop();
    out.writeStructEnd();
  }
  static void read(Protocol& in, T& value) {
    const apache::thrift::protocol::TInputRecursionTracker depth(in);
    std::string name;
    in.readStructBegin(name);
    for (;;) {
      FieldReader reader{in, {}, 0};
      in.readFieldBegin(name, reader.type, reader.number);
      if (reader.type == apache::thrift::protocol::T_STOP) break;
      fields(reader, value);
      if (!reader.known) in.skip(reader.type);
      in.readFieldEnd();
    }
    in.readStructEnd();
  }
};

template <>
struct Wire<bool> {
  static constexpr TType kType = apache::thrift::protocol::T_BOOL;
  static void write(Protocol& out, bool value) { out.writeBool(value); }
  static void read(Protocol& in, bool& value) { in.readBool(value); }
};

// Up to 16 bits: an i32; above: an i64, of the same bits where it is unsigned and has 64.
template <std::integral T>
struct Wire<T> {
  static constexpr bool kShort = sizeof(T) <= sizeof(std::int16_t);
  using Carried = std::conditional_t<kShort, std::int32_t, std::int64_t>;
  static constexpr TType kType =
      kShort ? apache::thrift::protocol::T_I32 : apache::thrift::protocol::T_I64;

  static void write(Protocol& out, T value) {
    if constexpr (kShort) {
      out.writeI32(value);
    } else {
      out.writeI64(static_cast<std::int64_t>(value));
    }
  }
  static void read(Protocol& in, T& value) {
    Carried carried = 0;
    if constexpr (kShort) {
      in.readI32(carried);
    } else {
      in.readI64(carried);
    }
    if constexpr (sizeof(T) < sizeof(Carried)) {
      if (!std::in_range<T>(carried)) refuse("a number out of bounds");
    }
    value = static_cast<T>(carried);
  }
};

template <typename T>
requires std::is_enum_v<T>
struct Wire<T> {
  static_assert(kLast<T> >= 0, "kLast has to know the enum");
  static constexpr TType kType = apache::thrift::protocol::T_I32;
  static void write(Protocol& out, T value) { out.writeI32(static_cast<std::int32_t>(value)); }
  static void read(Protocol& in, T& value) {
    std::int32_t number = 0;
    in.readI32(number);
    if (number < kFirst<T> || number > kLast<T>) refuse("an enum's number that is none");
    value = static_cast<T>(number);
  }
};

template <>
struct Wire<std::string> {
  static constexpr TType kType = apache::thrift::protocol::T_STRING;
  static void write(Protocol& out, const std::string& value) { out.writeBinary(value); }
  static void read(Protocol& in, std::string& value) { in.readBinary(value); }
};

template <typename T, typename Tag>
struct Wire<NamedType<T, Tag>> {
  static constexpr TType kType = Wire<T>::kType;
  static void write(Protocol& out, const NamedType<T, Tag>& value) {
    Wire<T>::write(out, value.value());
  }
  static void read(Protocol& in, NamedType<T, Tag>& value) {
    T inner{};
    Wire<T>::read(in, inner);
    value = NamedType<T, Tag>(std::move(inner));
  }
};

template <>
struct Wire<MessageId> {
  static constexpr TType kType = apache::thrift::protocol::T_STRING;
  static void write(Protocol& out, const MessageId& value) {
    out.writeBinary(std::string(value.view()));
  }
  static void read(Protocol& in, MessageId& value) {
    std::string bytes;
    in.readBinary(bytes);
    if (bytes.size() != value.bytes.size()) refuse("a message id of another length");
    std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  }
};

template <>
struct Wire<Timestamp> {
  static constexpr TType kType = apache::thrift::protocol::T_I64;
  static void write(Protocol& out, Timestamp value) { out.writeI64(value.ms); }
  static void read(Protocol& in, Timestamp& value) { in.readI64(value.ms); }
};

template <>
struct Wire<std::chrono::milliseconds> {
  static constexpr TType kType = apache::thrift::protocol::T_I64;
  static void write(Protocol& out, std::chrono::milliseconds value) { out.writeI64(value.count()); }
  static void read(Protocol& in, std::chrono::milliseconds& value) {
    std::int64_t count = 0;
    in.readI64(count);
    value = std::chrono::milliseconds(count);
  }
};

template <typename T>
struct Wire<std::vector<T>> {
  static constexpr TType kType = apache::thrift::protocol::T_LIST;
  static void write(Protocol& out, const std::vector<T>& value) {
    out.writeListBegin(Wire<T>::kType, static_cast<std::uint32_t>(value.size()));
    for (const T& item : value) Wire<T>::write(out, item);
    out.writeListEnd();
  }
  // Grows with what is read, not with what is claimed.
  static void read(Protocol& in, std::vector<T>& value) {
    TType type{};
    std::uint32_t size = 0;
    in.readListBegin(type, size);
    if (size > 0 && type != Wire<T>::kType) refuse("a list of another type");
    value.clear();
    for (std::uint32_t i = 0; i < size; ++i) Wire<T>::read(in, value.emplace_back());
    in.readListEnd();
  }
};

template <>
struct Wire<EntryPtr> {
  static constexpr TType kType = apache::thrift::protocol::T_STRUCT;
  static void write(Protocol& out, const EntryPtr& value) { Wire<Entry>::write(out, *value); }
  static void read(Protocol& in, EntryPtr& value) {
    auto entry = std::make_shared<Entry>();
    Wire<Entry>::read(in, *entry);
    value = std::move(entry);
  }
};

// What is there of a value that may be absent; of others the value.
template <typename T>
struct PresentOf {
  using Type = T;
};
template <typename T>
struct PresentOf<std::optional<T>> {
  using Type = T;
};
template <typename T>
using Present = typename PresentOf<T>::Type;
template <typename T>
inline constexpr bool kMayBeAbsent = !std::is_same_v<T, Present<T>>;

// A buffer over `bytes`, which it does not copy. kResourceExhausted: longer than the limit.
Result<std::shared_ptr<MemoryBuffer>> observe(BytesView bytes, const WireLimits& limits);
// Thrift's text may quote the peer's bytes: it is not passed on.
Error decode_error(const std::exception& thrown);

template <typename T>
Bytes encode(const T& value) {
  auto buffer = std::make_shared<MemoryBuffer>();
  Protocol out(buffer);
  Wire<T>::write(out, value);
  return buffer->getBufferAsString();
}

// kCorrupt: not such a value, or bytes are left over. kResourceExhausted: beyond a limit.
template <typename T>
Result<T> decode(BytesView bytes, const WireLimits& limits = {}) {
  auto buffer = observe(bytes, limits);
  if (!buffer.ok()) return buffer.error();
  try {
    Protocol in(*buffer, limits.string_max, limits.items_max);
    T value{};
    Wire<T>::read(in, value);
    if ((*buffer)->available_read() != 0) refuse("bytes left over");
    return value;
  } catch (const std::exception& thrown) {
    return decode_error(thrown);
  }
}

}  // namespace longwire::middle::wire

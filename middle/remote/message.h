#pragma once

// Calls between processes: Thrift's messages in its compact protocol, each behind its length
// (Thrift's framed transport), any number on their way at once, answered in any order. So a client
// that Thrift generates from middle/idl/middle.thrift can call a middle tier.
//
//   call     arguments 1, 2, …, 100: how many milliseconds the caller still waits, and 101: whose
//            claim of a partition it is meant for, if that matters
//   reply    0: what was answered, 1: the Failure
//   oneway   arguments 1, 2, …
//
// Shows Thrift: included by .cc files only. Values.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "middle/wire/codec.h"

namespace longwire::middle::remote {

using CallId = std::int32_t;

enum class MessageKind : std::uint8_t { kCall, kReply, kOneway };

inline constexpr std::int16_t kDeadlineField = 100;
inline constexpr std::int16_t kAddressedField = 101;

// What comes with a call besides its arguments.
struct CallContext {
  std::chrono::milliseconds deadline{0};
  std::optional<PartitionClaim> addressed;
};

// What a message is, before what it carries.
struct MessageHead {
  MessageKind kind = MessageKind::kCall;
  std::string name;  // of the method
  CallId id = 0;
};

// A message that has come, read up to its arguments or its answer.
class IncomingMessage final {
 public:
  // `bytes` without the length before them; they outlive it.
  static Result<IncomingMessage> open(BytesView bytes, const wire::WireLimits& limits);

  const MessageHead& head() const { return head_; }

  // The arguments of a call or a oneway; those that are absent have their defaults.
  template <typename Tuple>
  Result<Tuple> arguments(CallContext& context) {
    Tuple values;
    const Status read = read_fields([&](wire::FieldReader& reader) {
      std::int16_t number = 0;
      std::apply([&](auto&... value) { (reader(++number, value), ...); }, values);
      reader(kDeadlineField, context.deadline);
      reader(kAddressedField, context.addressed);
    });
    if (!read.ok()) return read.error();
    return values;
  }

  // The answer of a reply. One that may be empty is absent then.
  template <typename T>
  Result<T> answer() {
    constexpr bool kNothing = std::is_void_v<T>;
    std::optional<std::conditional_t<kNothing, bool, wire::Present<T>>> value;
    std::optional<wire::Failure> failure;
    const Status read = read_fields([&](wire::FieldReader& reader) {
      if constexpr (!kNothing) reader(0, value);
      reader(1, failure);
    });
    if (!read.ok()) return read.error();
    if (failure) return std::move(failure->error);
    if constexpr (kNothing) {
      return {};
    } else {
      if (value) return T(std::move(*value));
      if constexpr (wire::kMayBeAbsent<T>) return T();
      return Error{ErrorCode::kCorrupt, "an answer without its value"};
    }
  }

 private:
  explicit IncomingMessage(std::shared_ptr<wire::MemoryBuffer> buffer,
                           const wire::WireLimits& limits)
      : buffer_(std::move(buffer)),
        in_(std::make_unique<wire::Protocol>(buffer_, limits.string_max, limits.items_max)) {}

  template <typename ReadField>
  Status read_fields(ReadField read_field) {
    try {
      std::string name;
      in_->readStructBegin(name);
      for (;;) {
        wire::FieldReader reader{*in_, {}, 0};
        in_->readFieldBegin(name, reader.type, reader.number);
        if (reader.type == apache::thrift::protocol::T_STOP) break;
        read_field(reader);
        if (!reader.known) in_->skip(reader.type);
        in_->readFieldEnd();
      }
      in_->readStructEnd();
      in_->readMessageEnd();
      if (buffer_->available_read() != 0) wire::refuse("bytes left over");
      return {};
    } catch (const std::exception& thrown) {
      return wire::decode_error(thrown);
    }
  }

  std::shared_ptr<wire::MemoryBuffer> buffer_;
  std::unique_ptr<wire::Protocol> in_;  // a Protocol can be neither moved nor copied
  MessageHead head_;
};

// The one argument of a oneway, if that is what came: one that is not understood is lost, as any
// may be.
template <typename T, typename Take>
void take_oneway(IncomingMessage& message, Take take) {
  CallContext context;
  auto argument = message.arguments<std::tuple<T>>(context);
  if (argument.ok()) take(std::move(std::get<0>(*argument)));
}

// Where messages are written. Making one costs as much as all else of a small message, so each
// thread keeps a few.
struct MessageWriter {
  std::shared_ptr<wire::MemoryBuffer> buffer = std::make_shared<wire::MemoryBuffer>();
  std::unique_ptr<wire::Protocol> protocol = std::make_unique<wire::Protocol>(buffer);
};

// Writes a message; take() gives it, once, with its length before it.
class OutgoingMessage final {
 public:
  explicit OutgoingMessage(const MessageHead& head);

  template <typename... Args>
  OutgoingMessage& arguments(const Args&... values) {
    std::int16_t number = 0;
    (field(++number, values), ...);
    return *this;
  }
  template <typename T>
  OutgoingMessage& field(std::int16_t number, const T& value) {
    wire::FieldWriter writer{*writer_.protocol};
    writer(number, value);
    return *this;
  }
  Bytes take();

 private:
  MessageWriter writer_;
};

}  // namespace longwire::middle::remote

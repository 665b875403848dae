#include "middle/remote/message.h"

#include "middle/remote/frame_cutter.h"

namespace longwire::middle::remote {
namespace {

using apache::thrift::protocol::TMessageType;

TMessageType type_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::kCall:
      return apache::thrift::protocol::T_CALL;
    case MessageKind::kReply:
      return apache::thrift::protocol::T_REPLY;
    case MessageKind::kOneway:
      return apache::thrift::protocol::T_ONEWAY;
  }
  return apache::thrift::protocol::T_CALL;
}

std::optional<MessageKind> kind_of(TMessageType type) {
  switch (type) {
    case apache::thrift::protocol::T_CALL:
      return MessageKind::kCall;
    case apache::thrift::protocol::T_REPLY:
      return MessageKind::kReply;
    case apache::thrift::protocol::T_ONEWAY:
      return MessageKind::kOneway;
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<IncomingMessage> IncomingMessage::open(BytesView bytes, const wire::WireLimits& limits) {
  auto buffer = wire::observe(bytes, limits);
  if (!buffer.ok()) return buffer.error();
  IncomingMessage message(std::move(*buffer), limits);
  try {
    TMessageType type{};
    message.in_->readMessageBegin(message.head_.name, type, message.head_.id);
    const auto kind = kind_of(type);
    if (!kind) wire::refuse("a message of no known kind");
    message.head_.kind = *kind;
    return message;
  } catch (const std::exception& thrown) {
    return wire::decode_error(thrown);
  }
}

OutgoingMessage::OutgoingMessage(const MessageHead& head) {
  const std::uint32_t place_of_length = 0;
  buffer_->write(reinterpret_cast<const std::uint8_t*>(&place_of_length), kFrameLengthBytes);
  out_->writeMessageBegin(head.name, type_of(head.kind), head.id);
  out_->writeStructBegin("");
}

Bytes OutgoingMessage::take() {
  out_->writeFieldStop();
  out_->writeStructEnd();
  out_->writeMessageEnd();
  Bytes bytes = buffer_->getBufferAsString();
  const auto length = static_cast<std::uint32_t>(bytes.size() - kFrameLengthBytes);
  bytes.replace(0, kFrameLengthBytes, ByteWriter().u32(length).bytes());
  return bytes;
}

}  // namespace longwire::middle::remote

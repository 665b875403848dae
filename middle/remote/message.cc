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

constexpr std::size_t kWritersKept = 4;  // a thread
constexpr std::size_t kKeptBytesMax = 16 * 1024;

std::vector<MessageWriter>& kept_writers() {
  thread_local std::vector<MessageWriter> writers;
  return writers;
}

MessageWriter take_writer() {
  auto& kept = kept_writers();
  if (kept.empty()) return {};
  MessageWriter writer = std::move(kept.back());
  kept.pop_back();
  return writer;
}

void keep_writer(MessageWriter writer) {
  auto& kept = kept_writers();
  if (kept.size() >= kWritersKept || writer.buffer->getBufferSize() > kKeptBytesMax) return;
  writer.buffer->resetBuffer();
  kept.push_back(std::move(writer));
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

OutgoingMessage::OutgoingMessage(const MessageHead& head) : writer_(take_writer()) {
  const std::uint32_t place_of_length = 0;
  writer_.buffer->write(reinterpret_cast<const std::uint8_t*>(&place_of_length), kFrameLengthBytes);
  writer_.protocol->writeMessageBegin(head.name, type_of(head.kind), head.id);
  writer_.protocol->writeStructBegin("");
}

Bytes OutgoingMessage::take() {
  writer_.protocol->writeFieldStop();
  writer_.protocol->writeStructEnd();
  writer_.protocol->writeMessageEnd();
  Bytes bytes = writer_.buffer->getBufferAsString();
  keep_writer(std::move(writer_));
  const auto length = static_cast<std::uint32_t>(bytes.size() - kFrameLengthBytes);
  bytes.replace(0, kFrameLengthBytes, ByteWriter().u32(length).bytes());
  return bytes;
}

}  // namespace longwire::middle::remote

#include "channels/handler/handler_messages.h"

#include <thrift/TApplicationException.h>
#include <thrift/protocol/TProtocolException.h>

#include <utility>

#include "base/text.h"
#include "channels/codec/compact.h"
#include "channels/idl/ChannelHandler.h"
#include "channels/idl/ChannelPush.h"
#include "middle/remote/frame_cutter.h"

namespace longwire::channels {
namespace {

using apache::thrift::protocol::TMessageType;
using apache::thrift::protocol::TProtocolException;
using middle::remote::kFrameLengthBytes;

constexpr std::size_t kRefusalTextMax = 256;
constexpr std::chrono::milliseconds kBusyRetry{1'000};

struct MessageHead {
  std::string_view name;
  TMessageType type{};
  HandlerCallId id = 0;
};

template <typename Body>
Bytes write_message(const MessageHead& head, const Body& body) {
  const auto buffer = std::make_shared<MemoryBuffer>();
  const std::uint8_t place_of_length[kFrameLengthBytes] = {};
  buffer->write(place_of_length, kFrameLengthBytes);
  CompactProtocol out(buffer);
  out.writeMessageBegin(std::string(head.name), head.type, head.id);
  body.write(&out);
  out.writeMessageEnd();
  Bytes bytes = buffer->getBufferAsString();
  const auto length = static_cast<std::uint32_t>(bytes.size() - kFrameLengthBytes);
  bytes.replace(0, kFrameLengthBytes, ByteWriter().u32(length).bytes());
  return bytes;
}

[[noreturn]] void refuse(const char* why) {
  throw TProtocolException(TProtocolException::INVALID_DATA, why);
}

// `read_body` gets the protocol and the head; what it throws, and what is left over, is an error.
template <typename ReadBody>
Status read_message(BytesView message, std::int32_t frame_bytes_max, ReadBody read_body) {
  const std::int32_t bytes_max = message_bytes_max(frame_bytes_max);
  const CodecLimits limits{.bytes_max = bytes_max, .string_max = bytes_max, .items_max = 64};
  auto buffer = observe(message, limits);
  if (!buffer.ok()) return buffer.error();
  try {
    CompactProtocol in(*buffer, limits.string_max, limits.items_max);
    std::string name;
    MessageHead head;
    in.readMessageBegin(name, head.type, head.id);
    head.name = name;
    read_body(in, head);
    in.readMessageEnd();
    if ((*buffer)->available_read() != 0) refuse("bytes left over");
    return {};
  } catch (const std::exception& thrown) {
    return decode_error(thrown);
  }
}

wire::Session session_of(const HandlerPeer& peer) {
  wire::Session session;
  session.__set_account(peer.account);
  session.__set_resource(peer.resource);
  session.__set_device(peer.is_device);
  return session;
}

ErrorCode code_of(wire::Refusal::type why) {
  switch (why) {
    case wire::Refusal::BAD_REQUEST:
      return ErrorCode::kInvalidArgument;
    case wire::Refusal::FORBIDDEN:
      return ErrorCode::kPermissionDenied;
    case wire::Refusal::NOT_FOUND:
      return ErrorCode::kNotFound;
    case wire::Refusal::CONFLICT:
      return ErrorCode::kAlreadyExists;
    case wire::Refusal::BUSY:
      return ErrorCode::kResourceExhausted;
  }
  return ErrorCode::kInternal;
}

// The text goes into a stanza: what no client may get is left out.
Error error_of(const wire::Refused& refused) {
  const bool sound = refused.text.size() <= kRefusalTextMax && is_utf8(refused.text) &&
                     !has_control_characters(refused.text);
  const ErrorCode code = code_of(refused.why);
  return {code, sound ? refused.text : std::string(),
          code == ErrorCode::kResourceExhausted ? kBusyRetry : std::chrono::milliseconds(0)};
}

wire::Refused refused_of(const Error& error) {
  wire::Refused refused;
  refused.__set_text(error.message);
  switch (error.code) {
    case ErrorCode::kPermissionDenied:
      refused.__set_why(wire::Refusal::FORBIDDEN);
      break;
    case ErrorCode::kInvalidArgument:
      refused.__set_why(wire::Refusal::BAD_REQUEST);
      break;
    default:
      refused.__set_why(wire::Refusal::BUSY);
      break;
  }
  return refused;
}

// What a program throws that Thrift knows nothing of.
Error read_exception(CompactProtocol& in) {
  apache::thrift::TApplicationException exception;
  exception.read(&in);
  return {ErrorCode::kInternal, "the channel's handler failed"};
}

Result<Bytes> read_handle_result(CompactProtocol& in) {
  wire::ChannelHandler_handle_result result;
  result.read(&in);
  if (result.__isset.refused) return error_of(result.refused);
  if (!result.__isset.success) refuse("a reply without its value");
  return std::move(result.success.payload);
}

}  // namespace

Bytes write_welcome(HandlerCallId id, const HandlerWelcome& welcome) {
  wire::ChannelHandler_welcome_args arguments;
  wire::Welcome& out = arguments.welcome;
  out.__set_channel(welcome.channel);
  out.__set_domain(welcome.domain);
  out.__set_push_address(welcome.push_address);
  out.__set_push_key(welcome.push_key);
  out.__set_frame_bytes_max(welcome.frame_bytes_max);
  return write_message({"welcome", apache::thrift::protocol::T_CALL, id}, arguments);
}

Bytes write_request(HandlerCallId id, const HandlerRequest& request) {
  wire::ChannelHandler_handle_args arguments;
  wire::Request& out = arguments.request;
  out.__set_session(session_of(request.peer));
  out.__set_payload(request.payload);
  out.__set_wants_reply(request.wants_reply);
  out.__set_deadline_ms(static_cast<std::int32_t>(request.deadline.count()));
  return write_message({"handle", apache::thrift::protocol::T_CALL, id}, arguments);
}

Bytes write_connected(const HandlerPeer& peer) {
  wire::ChannelHandler_connected_args arguments;
  arguments.session = session_of(peer);
  return write_message({"connected", apache::thrift::protocol::T_ONEWAY, 0}, arguments);
}

Bytes write_disconnected(const HandlerPeer& peer) {
  wire::ChannelHandler_disconnected_args arguments;
  arguments.session = session_of(peer);
  return write_message({"disconnected", apache::thrift::protocol::T_ONEWAY, 0}, arguments);
}

Result<HandlerAnswer> read_answer(BytesView message, std::int32_t frame_bytes_max) {
  HandlerAnswer answer{.payload = Bytes()};
  const Status read = read_message(message, frame_bytes_max,
                                   [&answer](CompactProtocol& in, const MessageHead& head) {
                                     answer.id = head.id;
                                     answer.to_welcome = head.name == "welcome";
                                     if (!answer.to_welcome && head.name != "handle")
                                       refuse("an answer of no known method");
                                     if (head.type == apache::thrift::protocol::T_EXCEPTION) {
                                       answer.payload = read_exception(in);
                                     } else if (head.type != apache::thrift::protocol::T_REPLY) {
                                       refuse("no answer");
                                     } else if (answer.to_welcome) {
                                       wire::ChannelHandler_welcome_result().read(&in);
                                     } else {
                                       answer.payload = read_handle_result(in);
                                     }
                                   });
  if (!read.ok()) return read.error();
  if (answer.payload.ok() && answer.payload->size() > static_cast<std::size_t>(frame_bytes_max))
    answer.payload = Error{ErrorCode::kInternal, "the channel's handler answered too much"};
  return answer;
}

Result<PushCall> read_push_call(BytesView message, std::int32_t frame_bytes_max) {
  PushCall call;
  const Status read =
      read_message(message, frame_bytes_max, [&call](CompactProtocol& in, const MessageHead& head) {
        if (head.type != apache::thrift::protocol::T_CALL || head.name != "push")
          refuse("no call of push");
        wire::ChannelPush_push_args arguments;
        arguments.read(&in);
        call = {.id = head.id,
                .key = std::move(arguments.push_key),
                .account = std::move(arguments.account),
                .resource = std::move(arguments.resource),
                .payload = std::move(arguments.payload)};
      });
  if (!read.ok()) return read.error();
  return call;
}

Bytes write_push_answer(HandlerCallId id, const Result<std::int32_t>& sessions) {
  wire::ChannelPush_push_result result;
  if (sessions.ok()) {
    result.success = *sessions;
    result.__isset.success = true;
  } else {
    result.refused = refused_of(sessions.error());
    result.__isset.refused = true;
  }
  return write_message({"push", apache::thrift::protocol::T_REPLY, id}, result);
}

}  // namespace longwire::channels

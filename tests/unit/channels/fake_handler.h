#pragma once

// The program at the other end of a HandlerLink: takes the bytes apart, answers what a test says.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "channels/codec/compact.h"
#include "channels/handler/handler_wire.h"
#include "channels/idl/ChannelHandler.h"
#include "middle/remote/frame_cutter.h"

namespace longwire::channels {

using apache::thrift::protocol::TMessageType;

// A message with its length before it.
template <typename Body>
Bytes thrift_message(const std::string& name, TMessageType type, std::int32_t id,
                     const Body& body) {
  const auto buffer = std::make_shared<MemoryBuffer>();
  CompactProtocol out(buffer);
  out.writeMessageBegin(name, type, id);
  body.write(&out);
  out.writeMessageEnd();
  const Bytes bytes = buffer->getBufferAsString();
  return ByteWriter().u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes).bytes();
}

inline Bytes welcome_reply(std::int32_t id) {
  return thrift_message("welcome", apache::thrift::protocol::T_REPLY, id,
                        wire::ChannelHandler_welcome_result());
}
inline Bytes handle_reply(std::int32_t id, const Bytes& payload) {
  wire::ChannelHandler_handle_result result;
  result.success.payload = payload;
  result.__isset.success = true;
  return thrift_message("handle", apache::thrift::protocol::T_REPLY, id, result);
}
inline Bytes handle_refusal(std::int32_t id, wire::Refusal::type why, const std::string& text) {
  wire::ChannelHandler_handle_result result;
  result.refused.why = why;
  result.refused.text = text;
  result.__isset.refused = true;
  return thrift_message("handle", apache::thrift::protocol::T_REPLY, id, result);
}

struct HandlerHeard {
  std::string method;
  std::int32_t id = 0;
  wire::Welcome welcome;
  wire::Request request;
  wire::Session session;  // of connected and disconnected
};

// Listens to one link; each connection of it is one wire.
class FakeHandler {
 public:
  HandlerDial dial() {
    return [this](HandlerWireEvents& events) -> std::unique_ptr<HandlerWire> {
      ++connections;
      if (unreachable) return nullptr;
      events_ = &events;
      closed = false;
      return std::make_unique<Wire>(*this);
    };
  }
  void say(const Bytes& bytes) { events_->on_data(bytes); }
  void hang_up() { events_->on_closed(); }
  // What was heard since the last call.
  std::vector<HandlerHeard> hear() { return std::exchange(heard_, {}); }
  HandlerHeard hear_last() {
    CHECK(!heard_.empty());
    return hear().back();
  }
  void welcome_back() { say(welcome_reply(hear_last().id)); }

  int connections = 0;
  bool unreachable = false;
  bool blocked = false;
  bool closed = false;  // by the link

 private:
  struct Wire final : HandlerWire {
    explicit Wire(FakeHandler& h) : handler(h) {}
    void write(BytesView bytes) override { handler.take(bytes); }
    bool blocked() const override { return handler.blocked; }
    void close() override { handler.closed = true; }
    FakeHandler& handler;
  };

  void take(BytesView bytes) {
    middle::remote::FrameCutter cutter(1 << 20);
    cutter.feed(bytes);
    const auto message = cutter.next();
    CHECK(message.ok() && *message);
    CompactProtocol in(observe(**message, kFromServer).value());
    HandlerHeard heard;
    TMessageType type{};
    in.readMessageBegin(heard.method, type, heard.id);
    if (heard.method == "welcome") {
      heard.welcome = read<wire::ChannelHandler_welcome_args>(in).welcome;
    } else if (heard.method == "handle") {
      heard.request = read<wire::ChannelHandler_handle_args>(in).request;
    } else if (heard.method == "connected") {
      heard.session = read<wire::ChannelHandler_connected_args>(in).session;
    } else {
      heard.session = read<wire::ChannelHandler_disconnected_args>(in).session;
    }
    heard_.push_back(std::move(heard));
  }
  template <typename Arguments>
  static Arguments read(CompactProtocol& in) {
    Arguments arguments;
    arguments.read(&in);
    return arguments;
  }

  HandlerWireEvents* events_ = nullptr;
  std::vector<HandlerHeard> heard_;
};

}  // namespace longwire::channels

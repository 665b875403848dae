#include "tests/bench/load/push_frames.h"

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/encoding.h"
#include "channels/idl/push_types.h"

namespace longwire::bench {
namespace {

namespace wire = channels::wire;
using apache::thrift::protocol::TCompactProtocolT;
using apache::thrift::transport::TMemoryBuffer;

std::string frame_element(const wire::ClientFrame& frame) {
  auto buffer = std::make_shared<TMemoryBuffer>();
  TCompactProtocolT<TMemoryBuffer> protocol(buffer);
  frame.write(&protocol);
  return "<frame xmlns='urn:longwire:channel:1'>" + base64_encode(buffer->getBufferAsString()) +
         "</frame>";
}

std::string request(std::string_view id, std::string_view domain, const wire::ClientFrame& frame) {
  std::string out = "<iq type='set' id='";
  out.append(id).append("' to='push.").append(domain).append("'>").append(frame_element(frame));
  return out.append("</iq>");
}

std::string message(std::string_view domain, const wire::ClientFrame& frame) {
  std::string out = "<message type='headline' to='push.";
  out.append(domain).append("'>").append(frame_element(frame));
  return out.append("</message>");
}

wire::ServerFrame parse(std::string_view stanza) {
  const std::size_t open = stanza.find("<frame");
  const std::size_t start = stanza.find('>', open) + 1;
  const std::size_t end = stanza.find('<', start);
  const auto bytes = open == std::string_view::npos
                         ? std::nullopt
                         : base64_decode(stanza.substr(start, end - start));
  if (!bytes) {
    std::fprintf(stderr, "load: no frame in %.*s\n", static_cast<int>(stanza.size()),
                 stanza.data());
    std::exit(2);
  }
  auto buffer = std::make_shared<TMemoryBuffer>();
  buffer->write(reinterpret_cast<const std::uint8_t*>(bytes->data()),
                static_cast<std::uint32_t>(bytes->size()));
  TCompactProtocolT<TMemoryBuffer> protocol(buffer);
  wire::ServerFrame frame;
  frame.read(&protocol);
  return frame;
}

}  // namespace

std::string register_request(std::string_view id, std::string_view domain, std::string_view app_id,
                             std::string_view app_key, std::string_view package) {
  wire::Register body;
  body.__set_app_id(std::string(app_id));
  body.__set_app_key(std::string(app_key));
  body.__set_package_name(std::string(package));
  wire::ClientFrame frame;
  frame.__set_register_app(body);
  return request(id, domain, frame);
}

std::string topic_request(std::string_view id, std::string_view domain, std::string_view reg_id,
                          std::string_view topic) {
  wire::ChangeName body;
  body.__set_reg_id(std::string(reg_id));
  body.__set_kind(wire::NameKind::TOPIC);
  body.__set_name(std::string(topic));
  body.__set_carried(true);
  wire::ClientFrame frame;
  frame.__set_change_name(body);
  return request(id, domain, frame);
}

std::string positions_message(std::string_view domain, std::string_view reg_id,
                              std::string_view incarnation) {
  wire::RegistrationPositions registration;
  registration.__set_reg_id(std::string(reg_id));
  registration.__set_incarnation(std::string(incarnation));
  registration.__set_feeds({});
  wire::Positions positions;
  positions.__set_registrations({registration});
  wire::ClientFrame frame;
  frame.__set_positions(positions);
  return message(domain, frame);
}

std::string acknowledgement_message(std::string_view domain, std::string_view reg_id,
                                    std::string_view feed, std::int64_t number) {
  wire::Acknowledgement item;
  item.__set_reg_id(std::string(reg_id));
  item.__set_feed(std::string(feed));
  item.__set_number(number);
  wire::Acknowledgements items;
  items.__set_items({item});
  wire::ClientFrame frame;
  frame.__set_acknowledgements(items);
  return message(domain, frame);
}

RegisteredFrame parse_registered(std::string_view stanza) {
  const auto frame = parse(stanza);
  return {frame.registered.reg_id, frame.registered.incarnation};
}

PushFrame parse_push(std::string_view stanza) {
  const auto frame = parse(stanza);
  return {frame.push.feed, frame.push.number};
}

}  // namespace longwire::bench

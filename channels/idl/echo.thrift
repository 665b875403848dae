// The echo channel (name "echo", number 2): the smallest channel there can be. Any session may use it.

namespace cpp longwire.channels.wire

struct EchoRequest {
  1: required binary data
}

struct EchoReply {
  1: required binary data
}

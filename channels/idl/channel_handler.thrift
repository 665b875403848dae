// Channels that a program outside serves. channels/handler/README.md says what happens when;
// examples/order_status is such a program. Both services: compact protocol, framed transport.

namespace cpp longwire.channels.wire

// The first call on every connection to a handler. No other comes before it is answered.
struct Welcome {
  1: string channel
  2: string domain            // accounts are <account>@<domain>
  3: string push_address      // "ip:port" of this server's ChannelPush; empty: there is none
  4: binary push_key          // who may push in this channel's name; good until the server ends
  5: i32 frame_bytes_max      // of a request, a reply and a push
}

// A logged-in client. It is known to the handler from its first frame on the channel to its end.
struct Session {
  1: string account           // the part before the @
  2: string resource
  3: bool device              // an account that the server made for a device; false: a user's
}

struct Request {
  1: Session session
  2: binary payload           // as the client sent it
  3: bool wants_reply         // false: the client waits for none, and the reply is dropped
  4: i32 deadline_ms          // how long the server waits
}

struct Reply {
  1: binary payload
}

enum Refusal {
  BAD_REQUEST = 1             // the client is told bad-request,
  FORBIDDEN = 2               // forbidden,
  NOT_FOUND = 3               // item-not-found,
  CONFLICT = 4                // conflict,
  BUSY = 5                    // resource-constraint: it may ask again later
}

// "No": the client is told why. Any other exception is told as internal-server-error.
exception Refused {
  1: Refusal why
  2: string text              // for whoever reads the client's log
}

// Served by the program outside. Calls come without waiting for the answers to those before; they
// may be answered in any order.
service ChannelHandler {
  void welcome(1: Welcome welcome)
  Reply handle(1: Request request) throws (1: Refused refused)
  oneway void connected(1: Session session)
  oneway void disconnected(1: Session session)
}

// Served by Longwire, at Welcome.push_address.
service ChannelPush {
  // Sends a frame to the sessions of an account that have opened the channel: to all, or to the one
  // of this resource. Answers to how many it was written: 0 says that nobody is there now, and
  // nothing is kept for later. Refused: FORBIDDEN (another key), BAD_REQUEST (too long), BUSY.
  i32 push(1: binary push_key, 2: string account, 3: string resource, 4: binary payload)
    throws (1: Refused refused)
}

// The order status channel (name "orders", number 16): what its frames hold, in compact protocol.

// From the client, as a request: the answer is a Status, and whoever asked is told of every change.
struct Ask {
  1: string order
}

// The answer, and a push at each change.
struct Status {
  1: string order
  2: string state
}

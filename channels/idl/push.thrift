// The push channel (name "push", number 1). docs/PROTOCOL.md explains every exchange.
//
// Every frame is one ClientFrame or one ServerFrame in Thrift's compact protocol, with exactly one
// member set. A receiver skips fields it does not know; a member it does not know is an error
// "unsupported" when it is a request, and ignored when it is not. Fields are only ever added;
// ids are never used again.

namespace cpp longwire.channels.wire

// What a sender wrote. Encoded once, at acceptance; these bytes are what is sealed per registration.
struct PushBody {
  1: optional string title
  2: optional string description
  3: optional binary payload
  4: optional map<string, string> extra
  5: optional bool pass_through
  6: optional i32 notify_type
  7: optional i32 notify_id
  8: optional list<string> packages // only for registrations of these; absent: all
}

enum NameKind {
  ALIAS = 1
  ACCOUNT = 2
  TOPIC = 3
}

// What the sender addressed.
enum Via {
  REG_ID = 0
  ALIAS = 1
  ACCOUNT = 2
  TOPIC = 3
  ALL = 4
}

enum Cipher {
  AES_128_GCM = 1
  CHACHA20_POLY1305 = 2
}

// ---- from the client

struct Register {
  1: required string app_id
  2: required string app_key
  3: required string package_name
  4: optional string app_version
}

struct Unregister {
  1: required string reg_id
}

struct ChangeName {
  1: required string reg_id
  2: required NameKind kind
  3: required string name
  4: required bool carried // true: set it; false: unset it
}

struct ListNames {
  1: required string reg_id
}

struct Fetch {
  1: required string reg_id
  2: required string feed
  3: required i64 after
  4: optional i32 limit
}

struct FeedPosition {
  1: required string feed
  2: required i64 number // the last number the app's callback returned for
  3: optional string incarnation // where it differs from the registration's
}

struct RegistrationPositions {
  1: required string reg_id
  2: required string incarnation // what the numbers belong to, and keys are made with
  3: required list<FeedPosition> feeds
}

struct Positions {
  1: required list<RegistrationPositions> registrations
  2: optional bool more // another frame of positions follows; nothing is pushed before the last
}

struct Acknowledgement {
  1: required string reg_id
  2: required string feed
  3: required i64 number // everything up to it
}

struct Acknowledgements {
  1: required list<Acknowledgement> items
}

union ClientFrame {
  1: Acknowledgements acknowledgements // no answer
  2: Positions positions               // no answer
  3: Register register_app             // answer: registered
  4: Unregister unregister_app         // answer: done
  5: ChangeName change_name            // answer: done
  6: ListNames list_names              // answer: names
  7: Fetch fetch                       // answer: fetched
}

// ---- from the server

struct Push {
  1: required string reg_id
  2: required string feed
  3: required i64 number
  4: required binary message_id // 12 bytes; also the nonce
  5: required i64 accepted_ms
  6: required i64 expires_ms
  7: optional Via via
  8: optional string via_name
  9: optional string collapse_key
  10: required Cipher cipher
  11: required binary sealed // ciphertext, then the 16 bytes of the tag
}

// The message was recalled: take it back if it was shown. An entry like any other: it is acknowledged.
struct Withdrawal {
  1: required string reg_id
  2: required string feed
  3: required i64 number
  4: required binary message_id
}

enum ControlKind {
  NAMES_CHANGED = 1 // an alias, account or topic was taken away by the server
  ENDED = 2         // the registration is gone; its regId will not come back
  FEED_RESET = 3    // storage began anew: numbers up to now are void, the incarnation is another
}

// With a feed and number it is an entry and is acknowledged; without number, it is a notice.
struct Control {
  1: required string reg_id
  2: required ControlKind kind
  3: optional string feed // FEED_RESET: absent means all of the registration's
  4: optional i64 number
  5: optional string incarnation // FEED_RESET: the new one
  6: optional NameKind name_kind // NAMES_CHANGED
  7: optional string name        // NAMES_CHANGED
}

struct Registered {
  1: required string reg_id
  2: required binary secret // 32 bytes
  3: required string incarnation
}

struct Done {
}

struct Names {
  1: required list<string> aliases
  2: required list<string> accounts
  3: required list<string> topics
}

struct Fetched {
  1: required list<Push> pushes
  2: required i64 looked_at_to // looked at up to here; more if below tail
  3: required i64 tail
}

// A frame without answer could not be obeyed.
struct Failure {
  1: required string code // as in docs/ERRORS.md
  2: required string text
  3: optional i64 retry_after_ms
}

union ServerFrame {
  1: Push push
  2: Withdrawal withdrawal
  3: Control control
  4: Registered registered
  5: Done done
  6: Names names
  7: Fetched fetched
  8: Failure failure
}

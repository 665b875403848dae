#pragma once

// Apps, devices, registrations and what they carry. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "middle/model/ids.h"

namespace longwire::middle {

struct AppSecretHash {
  Bytes sha256;  // of the secret; secrets themselves are shown once and not stored
  std::optional<Timestamp> valid_until;  // set on an old secret after rotation
};

struct App {
  AppId id;
  AppKey key;
  std::string name;
  std::vector<PackageName> packages;   // at least one
  std::vector<AppSecretHash> secrets;  // newest first
  Timestamp created;
};

// RFC 5802: all that is kept of a password.
struct ScramKeys {
  Bytes salt;
  std::uint32_t iterations = 4096;
  Bytes stored_key;
  Bytes server_key;
};
struct Credentials {
  ScramKeys sha1;
  ScramKeys sha256;
  bool banned = false;
};

// A tag carried in [since, until), in numbers of the two feeds it concerns; see design section 3.
struct TagInterval {
  Tag tag;
  FeedNumber topic_since = 1;             // first number of topic:<app>:<tag> that it covers
  std::optional<FeedNumber> topic_until;  // first number no longer covered; empty: still carried
  FeedNumber app_since = 1;               // the same in app:<app>
  std::optional<FeedNumber> app_until;
};

struct Registration {
  RegId id;
  DeviceId device;
  AppId app;
  PackageName package;
  Bytes secret;  // 32 bytes; the seal's key comes from it
  std::string app_version;
  Timestamp created;
  FeedNumber app_since = 1;       // first number of app:<app> it may get
  std::vector<TagInterval> tags;  // ended intervals stay until the longest time to live has passed
  std::vector<Alias> aliases;     // oldest first
  std::vector<UserAccount> accounts;
};

// What a front end needs to serve one feed to one registration.
struct FeedPosition {
  FeedId feed;
  FeedNumber cursor = 0;            // everything up to it is acknowledged
  FeedNumber since = 1;             // entries below are not for this reader
  std::optional<FeedNumber> until;  // nor are entries from here on
};

struct RegistrationView {
  Registration registration;
  std::vector<FeedPosition> feeds;  // inbox, app, and one per tag interval
};

struct RosterItem {
  XmppAccount owner;
  std::string contact;  // bare JID, normalised
  std::string name;
  std::vector<std::string> groups;
  std::uint8_t subscription = 0;  // bits: 1 to, 2 from, 4 listed
  bool ask = false;               // subscription request pending outwards
  bool pending_in = false;        // … inwards, unanswered
  std::string pending_stanza;     // the request, to be shown at the next login
  std::uint64_t version = 0;      // 0: not stored yet; rises with each change
};

}  // namespace longwire::middle

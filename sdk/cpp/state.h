#pragma once

// What the SDK must not forget, and the files that hold it.
//
// Directory: `state` (everything, replaced as a whole: temporary file, fsync, rename), and
// `journal.<generation>` (what has happened since, appended with one write each). `lock` keeps a
// second process out.
//
//   state   = "LWSDK3\n", crc32c of the rest (4, big-endian), generation varint,
//             account, registrations
//   journal = records: length in units of 4 (1), crc32c of the rest (4, big-endian), kind, fields
//
// Older ones are read too: in "LWSDK2\n" a registration ends before `names`, in "LWSDK1\n" before
// `replayed`.
//
// A journal record that is cut short or does not verify ends the journal: it was being written when
// the process died. A process's death loses nothing that was written; before an acknowledgement
// goes out the journal is synced, so a power cut loses nothing that the server was told.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "longwire/sdk/client.h"

namespace longwire::sdk {

struct Account {
  std::string device;  // localpart
  std::string password;
  std::string domain;
};

// Where the app is in one feed.
struct FeedState {
  std::string feed;
  std::string incarnation;   // empty: the registration's
  std::uint64_t number = 0;  // the last whose callback returned
  std::uint64_t begun = 0;   // the callback of this number was entered; above `number`: not left
};

struct CarriedName {
  NameKind kind = NameKind::kAlias;
  std::string name;
  bool operator==(const CarriedName&) const = default;
};

struct RegistrationState {
  std::string app_id;
  std::string package;
  std::string reg_id;  // empty: lost with its account, a new one is to be made
  Bytes secret;
  std::string incarnation;
  std::vector<FeedState> feeds;
  // Message ids, oldest first, at most StateStore::kRecentMax each. `recent`: since the latest new
  // incarnation. `replayed`: from before it, until they come again; what is recent pushes out none
  // of them, or a replay longer than the list would push out each id just before it comes.
  std::deque<Bytes> recent;
  std::deque<Bytes> replayed;
  std::vector<CarriedName> names;  // what the app has set
  bool renew_names = false;        // the server does not know them: they are to be set again

  FeedState& feed(const std::string& name);  // made if new
  const std::string& incarnation_of(const FeedState& feed) const {
    return feed.incarnation.empty() ? incarnation : feed.incarnation;
  }
  bool is_known(const Bytes& message_id) const;
  void remember(const Bytes& message_id);
  // Storage began anew: what is known may come again under other numbers.
  void expect_replay();
  bool carries(const CarriedName& name) const;
  void carry(const CarriedName& name, bool carried);
};

struct State {
  std::optional<Account> account;
  std::vector<RegistrationState> registrations;

  RegistrationState* find(const std::string& app_id, const std::string& package);
  RegistrationState* find(const std::string& reg_id);
  // The server does not know the account any more, and with it no registration: of them only the
  // apps' names are kept, for the new ones.
  void lose_account();
};

// Bound to the SDK's thread.
class StateStore final {
 public:
  static constexpr std::size_t kRecentMax = 1024;
  static constexpr std::size_t kJournalBytesMax = 256 * 1024;  // then the state is written anew

  // kUnavailable: another process has it, or the directory cannot be used. kCorrupt: the state file
  // breaks its format; nothing is overwritten.
  static Result<std::unique_ptr<StateStore>> open(const std::string& directory);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  // Change it, then save().
  State& state() { return state_; }
  Status save();

  // One entry's callback is entered, or has returned.
  Status begin(const std::string& reg_id, const std::string& feed, std::uint64_t number);
  Status finish(const std::string& reg_id, const std::string& feed, std::uint64_t number,
                const Bytes& message_id);
  // What was journaled survives a power cut when this returns.
  Status sync();

 private:
  explicit StateStore(std::string directory);
  Status lock();
  Status load();
  void replay(BytesView journal);
  void apply(BytesView record);
  Status append(const Bytes& payload);
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string journal_path() const;
  Status open_journal();

  std::string directory_;
  State state_;
  std::uint64_t generation_ = 0;
  int lock_ = -1;
  int journal_ = -1;
  std::size_t journal_bytes_ = 0;
  bool unsynced_ = false;
};

}  // namespace longwire::sdk

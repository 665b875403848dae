#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "sdk/cpp/state.h"

namespace longwire::sdk {

namespace {

constexpr std::string_view kMagic = "LWSDK3\n";
constexpr std::array<std::string_view, 3> kMagics{"LWSDK1\n", "LWSDK2\n", kMagic};
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kItemsMax = 10'000;

enum class RecordKind : std::uint8_t { kBegin = 1, kFinish = 2 };

Error system_error(const std::string& what, const std::string& path) {
  return {ErrorCode::kUnavailable, what + " " + path + ": " + std::strerror(errno)};
}

// Owns a descriptor.
class File final {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Status write_all(int descriptor, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Empty where there is no such file.
Result<std::optional<Bytes>> read_file(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::optional<Bytes>();
  if (file.get() < 0) return system_error("cannot open", path);
  Bytes content;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", path);
    if (got == 0) return std::optional<Bytes>(std::move(content));
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > kFileBytesMax) return Error{ErrorCode::kCorrupt, path + " is too large"};
  }
}

Status sync_directory(const std::string& directory) {
  File file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0) return system_error("cannot sync", directory);
  return {};
}

Status replace_file(const std::string& directory, const std::string& path, BytesView content) {
  const std::string temporary = path + ".new";
  File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_error("cannot create", temporary);
  TRY(write_all(file.get(), content, temporary));
  if (::fsync(file.get()) != 0) return system_error("cannot sync", temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("cannot rename", path);
  return sync_directory(directory);
}

void encode(const RegistrationState& registration, ByteWriter& out) {
  out.string(registration.app_id).string(registration.package).string(registration.reg_id);
  out.string(registration.secret).string(registration.incarnation);
  out.varint(registration.feeds.size());
  for (const FeedState& feed : registration.feeds)
    out.string(feed.feed).string(feed.incarnation).varint(feed.number).varint(feed.begun);
  for (const auto* ids : {&registration.recent, &registration.replayed}) {
    out.varint(ids->size());
    for (const Bytes& id : *ids) out.string(id);
  }
  out.boolean(registration.renew_names).varint(registration.names.size());
  for (const CarriedName& one : registration.names)
    out.u8(static_cast<std::uint8_t>(one.kind)).string(one.name);
}

Bytes encode(const State& state, std::uint64_t generation) {
  ByteWriter out;
  out.varint(generation).boolean(state.account.has_value());
  if (state.account.has_value())
    out.string(state.account->device).string(state.account->password).string(state.account->domain);
  out.varint(state.registrations.size());
  for (const RegistrationState& one : state.registrations) encode(one, out);
  return std::move(out).take();
}

std::deque<Bytes> decode_ids(ByteReader& in) {
  std::deque<Bytes> ids;
  for (std::size_t left = in.count(StateStore::kRecentMax); left > 0; --left)
    ids.emplace_back(in.string());
  return ids;
}

void decode_names(ByteReader& in, RegistrationState& to) {
  to.renew_names = in.boolean();
  for (std::size_t left = in.count(kItemsMax); left > 0; --left) {
    const auto kind = static_cast<NameKind>(in.u8());
    to.names.push_back({.kind = kind, .name = std::string(in.string())});
  }
}

RegistrationState decode_registration(ByteReader& in, int version) {
  RegistrationState one;
  one.app_id = in.string();
  one.package = in.string();
  one.reg_id = in.string();
  one.secret = in.string();
  one.incarnation = in.string();
  for (std::size_t left = in.count(kItemsMax); left > 0; --left) {
    FeedState feed;
    feed.feed = in.string();
    feed.incarnation = in.string();
    feed.number = in.varint();
    feed.begun = in.varint();
    one.feeds.push_back(std::move(feed));
  }
  one.recent = decode_ids(in);
  if (version >= 2) one.replayed = decode_ids(in);
  if (version >= 3) decode_names(in, one);
  return one;
}

Status decode(BytesView bytes, int version, State& state, std::uint64_t& generation) {
  ByteReader in(bytes);
  generation = in.varint();
  if (in.boolean()) {
    Account account;
    account.device = in.string();
    account.password = in.string();
    account.domain = in.string();
    state.account = std::move(account);
  }
  for (std::size_t left = in.count(kItemsMax); left > 0; --left)
    state.registrations.push_back(decode_registration(in, version));
  return in.finish();
}

Bytes checksum(BytesView bytes) { return std::move(ByteWriter().u32(crc32c(bytes))).take(); }

}  // namespace

StateStore::StateStore(std::string directory) : directory_(std::move(directory)) {}

StateStore::~StateStore() {
  if (journal_ >= 0) ::close(journal_);
  if (lock_ >= 0) ::close(lock_);
}

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& directory) {
  std::unique_ptr<StateStore> store(new StateStore(directory));
  TRY(store->lock());
  TRY(store->load());
  // A fresh journal: what was replayed is in the state file from here on.
  TRY(store->save());
  return store;
}

Status StateStore::lock() {
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("cannot make", directory_);
  lock_ = ::open(path("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return system_error("cannot open", path("lock"));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    return Error{ErrorCode::kUnavailable, "another process uses " + directory_};
  return {};
}

Status StateStore::load() {
  auto file = read_file(path("state"));
  if (!file.ok()) return file.error();
  if (!file->has_value()) return {};
  const Error corrupt{ErrorCode::kCorrupt, path("state") + " is damaged"};
  BytesView content = **file;
  const auto* magic = std::find(kMagics.begin(), kMagics.end(), content.substr(0, kMagic.size()));
  if (magic == kMagics.end()) return corrupt;
  content.remove_prefix(magic->size());
  if (content.size() < kChecksumBytes) return corrupt;
  const BytesView expected = content.substr(0, kChecksumBytes);
  content.remove_prefix(kChecksumBytes);
  if (checksum(content) != expected) return corrupt;
  if (!decode(content, static_cast<int>(magic - kMagics.begin()) + 1, state_, generation_).ok())
    return corrupt;
  auto journal = read_file(journal_path());
  if (!journal.ok()) return journal.error();
  if (journal->has_value()) replay(**journal);
  return {};
}

void StateStore::replay(BytesView journal) {
  while (!journal.empty()) {
    const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(journal[0])) * 4;
    if (journal.size() < 1 + kChecksumBytes + size) return;
    const BytesView expected = journal.substr(1, kChecksumBytes);
    const BytesView record = journal.substr(1 + kChecksumBytes, size);
    if (checksum(record) != expected) return;
    apply(record);
    journal.remove_prefix(1 + kChecksumBytes + size);
  }
}

void StateStore::apply(BytesView record) {
  ByteReader in(record);
  const auto kind = static_cast<RecordKind>(in.u8());
  const std::string reg_id(in.string());
  const std::string feed(in.string());
  const std::uint64_t number = in.varint();
  const Bytes message_id(in.string());
  RegistrationState* registration = state_.find(reg_id);
  if (in.failed() || registration == nullptr) return;
  FeedState& at = registration->feed(feed);
  at.begun = std::max(at.begun, number);
  if (kind != RecordKind::kFinish) return;
  at.number = std::max(at.number, number);
  if (!message_id.empty()) registration->remember(message_id);
}

std::string StateStore::journal_path() const {
  return path("journal." + std::to_string(generation_));
}

Status StateStore::save() {
  const std::string old_journal = journal_path();
  const Bytes content = encode(state_, generation_ + 1);
  TRY(replace_file(directory_, path("state"), Bytes(kMagic) + checksum(content) + content));
  ++generation_;
  TRY(open_journal());
  ::unlink(old_journal.c_str());
  return {};
}

Status StateStore::open_journal() {
  if (journal_ >= 0) ::close(journal_);
  journal_ =
      ::open(journal_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  journal_bytes_ = 0;
  unsynced_ = false;
  if (journal_ < 0) return system_error("cannot create", journal_path());
  return sync_directory(directory_);
}

// The length is in units of four bytes, so the payload is padded; zeros after the fields are not
// read.
Status StateStore::append(const Bytes& payload) {
  Bytes padded = payload;
  padded.resize((padded.size() + 3) / 4 * 4, '\0');
  if (padded.size() / 4 > 0xff) return save();
  Bytes record(1, static_cast<char>(padded.size() / 4));
  record += checksum(padded);
  record += padded;
  TRY(write_all(journal_, record, journal_path()));
  unsynced_ = true;
  journal_bytes_ += record.size();
  if (journal_bytes_ > kJournalBytesMax) return save();
  return {};
}

Status StateStore::begin(const std::string& reg_id, const std::string& feed, std::uint64_t number) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(RecordKind::kBegin)).string(reg_id).string(feed);
  out.varint(number).string("");
  const Bytes record = std::move(out).take();
  apply(record);
  return append(record);
}

Status StateStore::finish(const std::string& reg_id, const std::string& feed, std::uint64_t number,
                          const Bytes& message_id) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(RecordKind::kFinish)).string(reg_id).string(feed);
  out.varint(number).string(message_id);
  const Bytes record = std::move(out).take();
  apply(record);
  return append(record);
}

Status StateStore::sync() {
  if (!unsynced_) return {};
  if (::fdatasync(journal_) != 0) return system_error("cannot sync", journal_path());
  unsynced_ = false;
  return {};
}

}  // namespace longwire::sdk

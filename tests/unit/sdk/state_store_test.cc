#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "sdk/cpp/state.h"
#include "tests/unit/sdk/temporary_directory.h"

namespace longwire::sdk {
namespace {

class StateStoreTest : public testing::Test {
 protected:
  std::unique_ptr<StateStore> open() { return *StateStore::open(directory.path()); }
  ErrorCode refused() {
    auto store = StateStore::open(directory.path());
    return store.ok() ? ErrorCode::kInternal : store.error().code;
  }
  static RegistrationState registration() {
    RegistrationState one;
    one.app_id = "1";
    one.package = "com.example";
    one.reg_id = "r";
    one.secret = Bytes(32, 's');
    one.incarnation = "i";
    return one;
  }
  std::unique_ptr<StateStore> open_registered() {
    auto store = open();
    store->state().account = Account{.device = "d", .password = "p", .domain = "example"};
    store->state().registrations = {registration()};
    EXPECT_TRUE(store->save().ok());
    return store;
  }
  std::string journal() {
    for (const auto& file : std::filesystem::directory_iterator(directory.path()))
      if (file.path().filename().string().substr(0, 8) == "journal.") return file.path().string();
    return {};
  }

  TemporaryDirectory directory;
};

TEST_F(StateStoreTest, begins_empty) {
  auto store = open();
  EXPECT_FALSE(store->state().account.has_value());
  EXPECT_TRUE(store->state().registrations.empty());
}

TEST_F(StateStoreTest, keeps_what_was_saved) {
  open_registered().reset();
  auto store = open();
  EXPECT_EQ(store->state().account->password, "p");
  ASSERT_NE(store->state().find("1", "com.example"), nullptr);
  EXPECT_EQ(store->state().find("r")->secret, Bytes(32, 's'));
  EXPECT_EQ(store->state().find("2", "com.example"), nullptr);
}

TEST_F(StateStoreTest, keeps_what_was_journaled_without_a_save) {
  auto store = open_registered();
  ASSERT_TRUE(store->begin("r", "inbox:r", 1).ok());
  ASSERT_TRUE(store->finish("r", "inbox:r", 1, "id-one").ok());
  ASSERT_TRUE(store->begin("r", "inbox:r", 2).ok());
  store.reset();
  store = open();
  const FeedState& feed = store->state().find("r")->feed("inbox:r");
  EXPECT_EQ(feed.number, 1u);
  EXPECT_EQ(feed.begun, 2u);
  EXPECT_TRUE(store->state().find("r")->is_known("id-one"));
}

TEST_F(StateStoreTest, a_journal_cut_short_anywhere_keeps_what_came_before) {
  auto store = open_registered();
  for (std::uint64_t number = 1; number <= 3; ++number)
    ASSERT_TRUE(store->finish("r", "inbox:r", number, "id").ok());
  store.reset();
  const auto whole = std::filesystem::file_size(journal());
  for (auto size = whole; size-- > whole - whole / 3;) {
    TemporaryDirectory copy;
    std::filesystem::copy(directory.path(), copy.path());
    for (const auto& file : std::filesystem::directory_iterator(copy.path()))
      if (file.path().filename().string().substr(0, 8) == "journal.")
        std::filesystem::resize_file(file.path(), size);
    auto cut = StateStore::open(copy.path());
    ASSERT_TRUE(cut.ok());
    EXPECT_EQ((*cut)->state().find("r")->feed("inbox:r").number, 2u) << size;
  }
}

TEST_F(StateStoreTest, a_damaged_state_is_refused_and_left_alone) {
  open_registered().reset();
  const auto size = std::filesystem::file_size(directory.path() + "/state");
  std::fstream file(directory.path() + "/state", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size) - 1);
  file.put('\x7f');
  file.close();
  EXPECT_EQ(refused(), ErrorCode::kCorrupt);
  EXPECT_EQ(refused(), ErrorCode::kCorrupt);
}

TEST_F(StateStoreTest, a_second_process_is_kept_out) {
  auto store = open();
  EXPECT_EQ(refused(), ErrorCode::kUnavailable);
  store.reset();
  EXPECT_TRUE(StateStore::open(directory.path()).ok());
}

TEST_F(StateStoreTest, a_left_over_temporary_file_does_not_matter) {
  open_registered().reset();
  std::ofstream(directory.path() + "/state.new") << "half";
  EXPECT_TRUE(open()->state().account.has_value());
}

TEST_F(StateStoreTest, files_stay_small_however_much_arrives) {
  auto store = open_registered();
  for (std::uint64_t number = 1; number <= 20'000; ++number)
    ASSERT_TRUE(store->finish("r", "inbox:r", number, std::to_string(number)).ok());
  EXPECT_LT(std::filesystem::file_size(journal()), StateStore::kJournalBytesMax + 1024);
  store.reset();
  store = open();
  EXPECT_EQ(store->state().find("r")->feed("inbox:r").number, 20'000u);
  EXPECT_EQ(store->state().find("r")->recent.size(), StateStore::kRecentMax);
  EXPECT_TRUE(store->state().find("r")->is_known("20000"));
}

TEST_F(StateStoreTest, ids_that_wait_for_a_replay_survive_a_restart) {
  auto store = open_registered();
  ASSERT_TRUE(store->finish("r", "inbox:r", 1, "one").ok());
  ASSERT_TRUE(store->finish("r", "inbox:r", 2, "two").ok());
  store->state().find("r")->expect_replay();
  ASSERT_TRUE(store->save().ok());
  ASSERT_TRUE(store->finish("r", "inbox:r", 3, "one").ok());
  store.reset();
  store = open();
  EXPECT_EQ(store->state().find("r")->replayed, std::deque<Bytes>({"two"}));
  EXPECT_EQ(store->state().find("r")->recent, std::deque<Bytes>({"one"}));
}

// As written before there was a list of what waits for a replay, and one of names.
TEST_F(StateStoreTest, the_older_formats_are_read) {
  for (const std::string magic : {"LWSDK1\n", "LWSDK2\n"}) {
    open().reset();  // makes the directory
    ByteWriter out;
    out.varint(7).boolean(false).varint(1);
    out.string("1").string("com.example").string("r").string("secret").string("i");
    out.varint(1).string("inbox:r").string("").varint(5).varint(5);
    out.varint(1).string("one");
    if (magic == "LWSDK2\n") out.varint(1).string("two");
    const Bytes content = std::move(out).take();
    std::ofstream(directory.path() + "/state", std::ios::binary)
        << magic << std::move(ByteWriter().u32(crc32c(content))).take() << content;
    auto store = open();
    ASSERT_NE(store->state().find("r"), nullptr);
    EXPECT_EQ(store->state().find("r")->feed("inbox:r").number, 5u);
    EXPECT_TRUE(store->state().find("r")->is_known("one"));
    EXPECT_EQ(store->state().find("r")->is_known("two"), magic == "LWSDK2\n");
    EXPECT_TRUE(store->state().find("r")->names.empty());
    store.reset();
    EXPECT_TRUE(open()->state().find("r")->is_known("one"));
  }
}

TEST_F(StateStoreTest, names_outlive_a_lost_account_and_a_restart) {
  auto store = open_registered();
  const CarriedName bob{.kind = NameKind::kAlias, .name = "bob"};
  const CarriedName news{.kind = NameKind::kTopic, .name = "news"};
  for (const CarriedName& name : {bob, news, bob}) store->state().find("r")->carry(name, true);
  store->state().lose_account();
  ASSERT_TRUE(store->save().ok());
  store.reset();
  store = open();
  EXPECT_FALSE(store->state().account.has_value());
  const RegistrationState& one = *store->state().find("1", "com.example");
  EXPECT_EQ(one.reg_id, "");
  EXPECT_TRUE(one.secret.empty());
  EXPECT_TRUE(one.renew_names);
  EXPECT_EQ(one.names, std::vector<CarriedName>({news, bob}));
}

TEST_F(StateStoreTest, only_the_owner_can_read_it) {
  open_registered().reset();
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory.path() + "/state").permissions() & perms::all,
            perms::owner_read | perms::owner_write);
}

TEST_F(StateStoreTest, a_directory_that_cannot_be_is_an_error) {
  EXPECT_FALSE(StateStore::open(directory.path() + "/missing/below").ok());
}

}  // namespace
}  // namespace longwire::sdk

// From one storage into another, both in memory.

#include "daemon/move/move_decoder.h"
#include "daemon/transfer/partition_writer.h"
#include "daemon/transfer/storage_export.h"
#include "daemon/transfer/storage_load.h"
#include "daemon/transfer/topic_settling.h"
#include "middle/registry/registry_rows.h"
#include "tests/unit/daemon/transfer_world.h"

namespace longwire::daemon {
namespace {

using middle::AppId;
using middle::Position;
using middle::RegId;
using middle::Tag;

class TextBytes final : public ByteSource {
 public:
  explicit TextBytes(const Bytes& text) : left_(text) {}
  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), size, out.begin());
    left_.remove_prefix(size);
    return size;
  }

 private:
  BytesView left_;
};

class Transfer : public TransferTest {
 protected:
  Result<MoveSummary> try_export(BackEnds& from, const MoveProgress& progress = ignore) {
    file_.text.clear();
    return export_storage(from, environment(), file_, progress);
  }
  Result<MoveSummary> try_load(BackEnds& into) {
    TextBytes source(file_.text);
    MoveDecoder decoder(source);
    if (auto begun = decoder.begin(); !begun.ok()) return std::move(begun).error();
    return load_storage(into, environment(), decoder, ignore);
  }
  // A change of a topic, as a server leaves it until the index has it.
  static middle::RowWrite change(Position position, const std::string& registration, bool carried) {
    middle::TopicChangeRow row;
    row.change = {AppId("1"), Tag("news"), RegId(registration), carried, position, std::nullopt};
    return {topic_change_key(position, RegId(registration), Tag("news")), encode(row),
            std::nullopt};
  }
  static void apply(BackEnds& ends, Position position, std::vector<middle::TopicChange> changes) {
    ASSERT_TRUE(wait_for<void>([&](auto done) {
                  ends.directory().apply_topic_changes(0, position, std::move(changes),
                                                       std::move(done));
                }).ok());
  }

  TextFile file_;
  MemoryEnds from_{thread_.loop(), 2};
  MemoryEnds into_{thread_.loop(), 2};
};

TEST_F(Transfer, Brings_rows_with_their_expiry_states_and_the_directory) {
  fill(from_);
  const auto out = try_export(from_);
  ASSERT_TRUE(out.ok()) << out.error().message;
  const auto in = try_load(into_);
  ASSERT_TRUE(in.ok()) << in.error().message;
  EXPECT_EQ(*out, *in);
  const auto first = rows(into_, 0);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].key, "b1");
  EXPECT_EQ(first[0].expires, clock_.now() + std::chrono::hours(1));
  EXPECT_EQ(first[1].expires, std::nullopt);
  EXPECT_EQ(head(into_, 1).state, "state of 1");
  const auto version = wait_for<std::uint64_t>(
      [&](auto done) { into_.directory().roster_version(std::move(done)); });
  EXPECT_EQ(version.value(), 9u);
}

TEST_F(Transfer, Leaves_out_what_had_expired_at_the_moment_and_nothing_else) {
  fill(from_);
  ASSERT_TRUE(try_export(from_).ok());
  ASSERT_TRUE(try_load(into_).ok());
  const auto second = rows(into_, 1);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].key, "b3");
}

TEST_F(Transfer, There_and_back_again_is_the_same) {
  fill(from_);
  const auto out = try_export(from_);
  ASSERT_TRUE(try_load(into_).ok());
  const auto again = try_export(into_);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*out, *again);
  MemoryEnds third(thread_.loop(), 2);
  ASSERT_TRUE(try_load(third).ok());
  EXPECT_EQ(try_export(third).value(), *out);
}

TEST_F(Transfer, Stamps_go_on_above_those_of_the_source) {
  for (int i = 0; i < 50; ++i) write(from_, 0, {{"k", "v", std::nullopt}});
  ASSERT_TRUE(try_export(from_).ok());
  const Timestamp before = head(from_, 0).stamp;
  ASSERT_TRUE(try_load(into_).ok());
  EXPECT_GE(head(into_, 0).stamp, before);
}

TEST_F(Transfer, Topic_changes_that_wait_are_in_the_index_of_both_and_nowhere_else) {
  apply(from_, 1, {{AppId("1"), Tag("news"), RegId("was there"), true, 1, std::nullopt}});
  write(from_, 0, {change(1, "applied before", true), change(2, "new", true)});
  write(from_, 0, {change(3, "was there", false), change(3, "newer", true), change(3, "s", true)});
  write(from_, 0, {change(4, "s", false)});
  ASSERT_TRUE(try_export(from_).ok());
  ASSERT_TRUE(try_load(into_).ok());
  for (BackEnds* ends : {static_cast<BackEnds*>(&from_), static_cast<BackEnds*>(&into_)}) {
    EXPECT_TRUE(rows(*ends, 0).empty());
    const auto carriers = topics(*ends);
    ASSERT_EQ(carriers.size(), 2u);
    EXPECT_EQ(carriers[0].carrier.registration, RegId("new"));
    EXPECT_EQ(carriers[1].carrier.registration, RegId("newer"));
  }
}

TEST_F(Transfer, Topic_change_after_the_move_is_applied) {
  apply(from_, 1000, {{AppId("1"), Tag("news"), RegId("r"), true, 1, std::nullopt}});
  ASSERT_TRUE(try_export(from_).ok());
  ASSERT_TRUE(try_load(into_).ok());
  const Position next = head(into_, 0).position + 1;
  ASSERT_LT(next, 1000u);
  apply(into_, next, {{AppId("1"), Tag("news"), RegId("r"), false, 1, std::nullopt}});
  EXPECT_TRUE(topics(into_).empty());
}

TEST_F(Transfer, Many_changes_of_one_position_are_applied_together) {
  std::vector<middle::RowWrite> changes;
  for (int i = 0; i < 1500; ++i) changes.push_back(change(2, "r" + std::to_string(i), true));
  write(from_, 0, std::move(changes));
  ASSERT_TRUE(try_export(from_).ok());
  const auto count = wait_for<std::uint64_t>([&](auto done) {
    from_.directory().count_topic_carriers(AppId("1"), Tag("news"), 2, std::move(done));
  });
  EXPECT_EQ(count.value(), 1500u);
}

TEST_F(Transfer, Export_deposes_who_wrote_until_then) {
  fill(from_);
  const middle::Head before = head(from_, 0);
  ASSERT_TRUE(try_export(from_).ok());
  auto batch = std::make_shared<const middle::Batch>(
      middle::Batch{head(from_, 0).stamp + std::chrono::hours(1), "late", {}});
  const auto late = wait_for<middle::CommitOutcome>([&](auto done) {
    from_.partitions().commit(0, before.writer, before.position + 1, batch, std::move(done));
  });
  EXPECT_EQ(late.value(), middle::CommitOutcome::kDeposed);
}

TEST_F(Transfer, Export_fails_where_a_server_comes_back_meanwhile) {
  fill(from_);
  const auto out = try_export(from_, [this](const std::string&) { open(from_, 0, "a server"); });
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code, ErrorCode::kDeposed);
  EXPECT_NE(out.error().message.find("stop all servers"), std::string::npos);
}

TEST_F(Transfer, Load_fails_where_the_storage_then_holds_something_else_too) {
  fill(from_);
  ASSERT_TRUE(try_export(from_).ok());
  write(into_, 1, {{"r9", "of another import", std::nullopt}});
  const auto in = try_load(into_);
  ASSERT_FALSE(in.ok());
  EXPECT_EQ(in.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(in.error().message.find("registrations: 2 rows"), std::string::npos)
      << in.error().message;
}

TEST_F(Transfer, Load_may_be_repeated) {
  fill(from_);
  const auto out = try_export(from_);
  ASSERT_TRUE(try_load(into_).ok());
  const auto again = try_load(into_);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, *out);
}

TEST_F(Transfer, File_with_topic_changes_is_not_loaded) {
  TextFile file;
  MoveEncoder encoder(file_);
  const middle::RowWrite waiting = change(900, "r", true);
  ASSERT_TRUE(encoder.begin({from_.partitions().info(), clock_.now()}).ok());
  ASSERT_TRUE(encoder.begin_partition({}).ok());
  ASSERT_TRUE(encoder.add(middle::Row{waiting.key, *waiting.value}).ok());
  ASSERT_TRUE(encoder.end_partition().ok());
  ASSERT_TRUE(encoder.begin_partition({1, {}, ""}).ok());
  ASSERT_TRUE(encoder.end_partition().ok());
  ASSERT_TRUE(encoder.end_directory(0).ok());
  ASSERT_TRUE(encoder.end().ok());
  EXPECT_EQ(try_load(into_).error().code, ErrorCode::kCorrupt);
}

TEST_F(Transfer, Storage_with_anything_in_it_is_not_empty) {
  EXPECT_TRUE(must_be_empty(into_, environment()).ok());
  write(into_, 0, {});
  EXPECT_TRUE(must_be_empty(into_, environment()).ok()) << "it was open once";
  const auto expect_full = [&](const auto& fill_it) {
    MemoryEnds ends(thread_.loop(), 2);
    fill_it(ends);
    EXPECT_EQ(must_be_empty(ends, environment()).error().code, ErrorCode::kAlreadyExists);
  };
  expect_full([](BackEnds& ends) { write(ends, 1, {{"k", "v", std::nullopt}}); });
  expect_full([](BackEnds& ends) { apply(ends, 5, {}); });
  expect_full([](BackEnds& ends) {
    middle::DirectoryRows rows;
    rows.apps.resize(1);
    load(ends, rows);
  });
  expect_full([](BackEnds& ends) {
    middle::DirectoryRows rows;
    rows.users.resize(1);
    rows.users[0].account = middle::XmppAccount("ann");
    load(ends, rows);
  });
  expect_full([](BackEnds& ends) {
    middle::DirectoryRows rows;
    rows.roster.resize(1);
    rows.roster[0].contact = "bob";
    load(ends, rows);
  });
  expect_full([](BackEnds& ends) {
    middle::DirectoryRows rows;
    rows.topics.resize(1);
    rows.topics[0].app = AppId("1");
    load(ends, rows);
  });
  expect_full([](BackEnds& ends) {
    middle::DirectoryRows rows;
    rows.counters.resize(1);
    rows.counters[0].app = AppId("1");
    load(ends, rows);
  });
}

TEST_F(Transfer, Writer_goes_on_at_the_next_position_and_tells_when_it_is_deposed) {
  auto writers = take_over_all(from_.partitions(), thread_.loop(), system_random());
  ASSERT_TRUE(writers.ok());
  ASSERT_EQ(writers->size(), 2u);
  PartitionWriter& writer = (*writers)[1];
  ASSERT_TRUE(writer.commit({{"k", "v", std::nullopt}}, "s", Timestamp{500}).ok());
  ASSERT_TRUE(writer.commit({{"l", "v", std::nullopt}}, "s", Timestamp{400}).ok());
  EXPECT_EQ(head(from_, 1).stamp, Timestamp{501});
  EXPECT_EQ(rows(from_, 1).size(), 2u);
  EXPECT_TRUE(must_be_ours(*writers).ok());
  open(from_, 1, "another");
  EXPECT_EQ(must_be_ours(*writers).error().code, ErrorCode::kDeposed);
  EXPECT_EQ(writer.commit({}, "s", Timestamp{900}).error().code, ErrorCode::kDeposed);
}

}  // namespace
}  // namespace longwire::daemon

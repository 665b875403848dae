// What crosses between tiers: as middle/idl/middle.thrift says, and nothing that a fault on the
// other side could do harm with.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "middle/idl/middle_types.h"
#include "middle/wire/peer_fields.h"
#include "middle/wire/report_fields.h"
#include "tests/unit/middle_wire/filled.h"

namespace longwire::middle::wire {
namespace {

// A struct of ours and its twin of the IDL.
template <typename Pair>
class Twins : public testing::Test {};

using All = testing::Types<
    std::pair<TagExpression, idl::TagExpression>, std::pair<Entry, idl::Entry>,
    std::pair<SendRequest, idl::SendRequest>, std::pair<SendReply, idl::SendReply>,
    std::pair<RecallRequest, idl::RecallRequest>, std::pair<TraceCopy, idl::TraceCopy>,
    std::pair<TraceReply, idl::TraceReply>, std::pair<AppSecretHash, idl::AppSecretHash>,
    std::pair<App, idl::App>, std::pair<CreatedApp, idl::CreatedApp>,
    std::pair<CreateDeviceRequest, idl::CreateDeviceRequest>,
    std::pair<CreatedDevice, idl::CreatedDevice>, std::pair<TagInterval, idl::TagInterval>,
    std::pair<Registration, idl::Registration>, std::pair<FeedPosition, idl::FeedPosition>,
    std::pair<RegistrationView, idl::RegistrationView>, std::pair<FeedStatus, idl::FeedStatus>,
    std::pair<DeviceStatus, idl::DeviceStatus>, std::pair<ScramKeys, idl::ScramKeys>,
    std::pair<Credentials, idl::Credentials>,
    std::pair<OpenSessionRequest, idl::OpenSessionRequest>,
    std::pair<OpenedSession, idl::OpenedSession>, std::pair<CursorMove, idl::CursorMove>,
    std::pair<RegisterRequest, idl::RegisterRequest>, std::pair<NameChange, idl::NameChange>,
    std::pair<ReadRequest, idl::ReadRequest>, std::pair<FeedPage, idl::FeedPage>,
    std::pair<InterestChange, idl::InterestChange>,
    std::pair<InterestMessage, idl::InterestMessage>, std::pair<StreamItem, idl::StreamItem>,
    std::pair<StreamMessage, idl::StreamMessage>, std::pair<RouteRequest, idl::RouteRequest>,
    std::pair<RouteReply, idl::RouteReply>, std::pair<SessionPresence, idl::SessionPresence>,
    std::pair<RosterItem, idl::RosterItem>, std::pair<RoutedStanza, idl::RoutedStanza>,
    std::pair<SessionClosed, idl::SessionClosed>, std::pair<ReceiverGone, idl::ReceiverGone>,
    std::pair<RegistrationChanged, idl::RegistrationChanged>, std::pair<Welcome, idl::Welcome>,
    std::pair<PartitionClaim, idl::PartitionClaim>, std::pair<OwnerView, idl::OwnerView>,
    std::pair<FeedState, idl::FeedState>, std::pair<ResolveRequest, idl::ResolveRequest>,
    std::pair<Recipient, idl::Recipient>, std::pair<Resolved, idl::Resolved>,
    std::pair<NameId, idl::NameId>, std::pair<HolderChange, idl::HolderChange>,
    std::pair<SharedEntry, idl::SharedEntry>, std::pair<DevicePageRequest, idl::DevicePageRequest>,
    std::pair<LaneMessage, idl::LaneMessage>, std::pair<LaneConfirm, idl::LaneConfirm>,
    std::pair<NamedNumber, idl::NamedNumber>, std::pair<ProcessReport, idl::ProcessReport>,
    std::pair<KeptReport, idl::KeptReport>, std::pair<Failure, idl::Failure>>;
TYPED_TEST_SUITE(Twins, All);

template <typename T>
T read_generated(const Bytes& bytes) {
  auto buffer = observe(bytes, {}).value();
  Protocol in(buffer);
  T value;
  value.read(&in);
  EXPECT_EQ(buffer->available_read(), 0u);
  return value;
}

template <typename T>
Bytes write_generated(const T& value) {
  auto buffer = std::make_shared<MemoryBuffer>();
  Protocol out(buffer);
  value.write(&out);
  return buffer->getBufferAsString();
}

TYPED_TEST(Twins, Say_the_same_as_the_IDL) {
  using Ours = typename TypeParam::first_type;
  using Generated = typename TypeParam::second_type;
  for (const Ours& value : {filled<Ours>(), Ours{}}) {
    const Bytes bytes = encode(value);
    EXPECT_EQ(write_generated(read_generated<Generated>(bytes)), bytes);
    const auto again = decode<Ours>(bytes);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(encode(*again), bytes);
  }
}

TYPED_TEST(Twins, Cut_anywhere_are_refused) {
  using Ours = typename TypeParam::first_type;
  const Bytes bytes = encode(filled<Ours>());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode<Ours>(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_EQ(decode<Ours>(bytes + '\0').error().code, ErrorCode::kCorrupt);
}

TEST(WireCodec, Absent_members_keep_their_defaults_and_unknown_ones_are_skipped) {
  const auto read = decode<ReadRequest>(Bytes(1, '\0'));  // the end of a struct
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->entries_max, ReadRequest{}.entries_max);
  // A registration's first members are those of a name's change, and more behind them.
  Registration more = filled<Registration>();
  const auto change = decode<CreateDeviceRequest>(encode(more));
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->app.value(), more.id.value());
}

TEST(WireCodec, Member_of_another_type_is_refused) {
  EXPECT_EQ(decode<InterestChange>(encode(filled<InterestMessage>())).error().code,
            ErrorCode::kCorrupt);
}

TEST(WireCodec, Number_that_its_type_cannot_hold_is_refused) {
  idl::SessionPresence presence;
  presence.priority = 128;
  EXPECT_EQ(decode<SessionPresence>(write_generated(presence)).error().code, ErrorCode::kCorrupt);
  presence.priority = -128;
  EXPECT_EQ(decode<SessionPresence>(write_generated(presence))->priority, -128);
  idl::StreamMessage message;
  message.partition = 65'536;
  EXPECT_FALSE(decode<StreamMessage>(write_generated(message)).ok());
}

TEST(WireCodec, Enum_s_number_that_is_none_is_refused) {
  idl::Failure failure;
  failure.code = kLast<ErrorCode> + 1;
  EXPECT_EQ(decode<Failure>(write_generated(failure)).error().code, ErrorCode::kCorrupt);
  failure.code = -1;
  EXPECT_FALSE(decode<Failure>(write_generated(failure)).ok());
}

TEST(WireCodec, Large_numbers_keep_their_bits) {
  CursorMove move;
  move.number = ~std::uint64_t{0};
  EXPECT_EQ(decode<CursorMove>(encode(move))->number, move.number);
}

TEST(WireCodec, Message_id_of_another_length_is_refused) {
  idl::RecallRequest request;
  request.id = "short";
  EXPECT_EQ(decode<RecallRequest>(write_generated(request)).error().code, ErrorCode::kCorrupt);
}

TEST(WireCodec, Beyond_a_limit_is_told) {
  SendRequest request = filled<SendRequest>();
  const WireLimits limits{.bytes_max = 1000, .string_max = 100, .items_max = 10};
  EXPECT_TRUE(decode<SendRequest>(encode(request), limits).ok());
  request.body = Bytes(101, 'x');
  EXPECT_EQ(decode<SendRequest>(encode(request), limits).error().code,
            ErrorCode::kResourceExhausted);
  request.body = Bytes(1000, 'x');
  EXPECT_EQ(decode<SendRequest>(encode(request), limits).error().code,
            ErrorCode::kResourceExhausted);
  request.body.clear();
  request.names.resize(11);
  EXPECT_EQ(decode<SendRequest>(encode(request), limits).error().code,
            ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace longwire::middle::wire

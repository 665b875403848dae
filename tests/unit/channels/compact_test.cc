#include "channels/codec/compact.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

#include "channels/idl/push_types.h"

namespace longwire::channels {
namespace {

// Compact protocol by hand: a field header in short form, a list header in long form.
constexpr char kListField = 0x19;    // id + 1, list
constexpr char kStructField = 0x1c;  // id + 1, struct
constexpr char kBinaryField = 0x18;  // id + 1, binary
Bytes varint(std::uint64_t value) { return std::move(ByteWriter().varint(value)).take(); }
Bytes list_header(char element, std::uint64_t count) {
  return Bytes(1, static_cast<char>(0xf0 | element)) + varint(count);
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

ErrorCode refused(const Bytes& frame) {
  auto decoded = decode_compact<wire::ClientFrame>(frame, kFromClient);
  return decoded.ok() ? ErrorCode::kInternal : decoded.error().code;
}

TEST(Compact, gives_back_what_it_was_given) {
  wire::Acknowledgement item;
  item.reg_id = "r";
  item.feed = "inbox:r";
  item.number = 7;
  wire::Acknowledgements items;
  items.items.assign(100, item);
  wire::ClientFrame frame;
  frame.__set_acknowledgements(items);
  auto decoded = decode_compact<wire::ClientFrame>(encode_compact(frame), kFromClient);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, frame);
}

TEST(Compact, refuses_a_list_that_claims_millions_without_allocating) {
  const long before = peak_kib();
  Bytes frame = Bytes(1, kStructField) + Bytes(1, kListField) + list_header(0x0c, 5'000'000);
  frame.resize(15, '\0');
  EXPECT_EQ(refused(frame), ErrorCode::kResourceExhausted);
  EXPECT_LT(peak_kib() - before, 8 * 1024);
}

TEST(Compact, refuses_a_string_that_claims_a_gigabyte_without_allocating) {
  const long before = peak_kib();
  // register_app, app_id
  Bytes frame = Bytes(1, '\x3c') + Bytes(1, kBinaryField) + varint(1'500'000'000);
  EXPECT_EQ(refused(frame), ErrorCode::kResourceExhausted);
  EXPECT_LT(peak_kib() - before, 8 * 1024);
}

TEST(Compact, refuses_nesting_without_end_in_an_unknown_field) {
  Bytes frame(4000, kStructField);
  frame[0] = '\x0c';  // long form: an id of its own that nobody knows
  frame.insert(1, varint(200));
  EXPECT_EQ(refused(frame), ErrorCode::kResourceExhausted);
}

TEST(Compact, refuses_a_frame_above_its_limit_before_looking_at_it) {
  EXPECT_EQ(refused(Bytes(16 * 1024 + 1, '\0')), ErrorCode::kResourceExhausted);
}

TEST(Compact, refuses_what_is_cut_short_at_every_place) {
  wire::Register request;
  request.app_id = "1";
  request.app_key = "key";
  request.package_name = "com.example";
  wire::ClientFrame frame;
  frame.__set_register_app(request);
  const Bytes whole = encode_compact(frame);
  ASSERT_TRUE(decode_compact<wire::ClientFrame>(whole, kFromClient).ok());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(refused(whole.substr(0, size)), ErrorCode::kCorrupt) << size;
}

TEST(Compact, refuses_bytes_left_over) {
  EXPECT_EQ(refused(encode_compact(wire::ClientFrame()) + "x"), ErrorCode::kCorrupt);
}

TEST(Compact, skips_fields_it_does_not_know) {
  wire::ServerFrame newer;
  wire::Failure failure;
  failure.code = "later";
  newer.__set_failure(failure);  // id 8, unknown to clients' frames
  auto decoded = decode_compact<wire::ClientFrame>(encode_compact(newer), kFromClient);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, wire::ClientFrame());
}

TEST(Compact, decodes_one_message_after_another_for_ever) {
  wire::Failure failure;
  failure.text = Bytes(60'000, 'x');
  wire::ServerFrame frame;
  frame.__set_failure(failure);
  const Bytes bytes = encode_compact(frame);
  // Beyond the 100 MB after which a reused buffer would refuse.
  for (int i = 0; i < 2'000; ++i)
    ASSERT_TRUE(decode_compact<wire::ServerFrame>(bytes, kFromServer).ok()) << i;
}

TEST(Compact, survives_any_short_input) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second)
      for (char third : {'\0', '\x19', '\x7f', '\xff'}) {
        Bytes frame{static_cast<char>(first), static_cast<char>(second), third, third, third};
        (void)decode_compact<wire::ClientFrame>(frame, kFromClient);
      }
}

}  // namespace
}  // namespace longwire::channels

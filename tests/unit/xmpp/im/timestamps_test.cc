#include "xmpp/im/timestamps.h"

#include <gtest/gtest.h>

namespace longwire::xmpp {
namespace {

TEST(Timestamps, are_utc_with_milliseconds) {
  EXPECT_EQ(utc_text({1'767'225'600'007}), "2026-01-01T00:00:00.007Z");
  EXPECT_EQ(utc_text({0}), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace longwire::xmpp

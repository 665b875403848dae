#include <gtest/gtest.h>

#include "base/net/tls.h"

namespace longwire::net {
namespace {

TEST(SelfSigned, makes_a_key_that_fits_its_certificate) {
  const auto made = make_self_signed({"localhost", "127.0.0.1", "::1"}, system_clock().now());
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(make_tls_server({.certificate_pem = made->certificate,
                               .private_key_pem = made->private_key,
                               .alpn = {},
                               .alpn_required = false})
                  .ok());
}

TEST(SelfSigned, needs_a_host) { EXPECT_FALSE(make_self_signed({}, Timestamp{}).ok()); }

}  // namespace
}  // namespace longwire::net

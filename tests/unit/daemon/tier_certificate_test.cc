#include "daemon/serve/tier_certificate.h"

#include <gtest/gtest.h>

#include "base/net/tls.h"
#include "daemon/serve/data_directory.h"
#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

class TierCertificateTest : public testing::Test {
 protected:
  TierCertificateTest() {
    const auto now = system_clock().now();
    authority_ = net::make_authority("test", now).value();
    const auto made = net::make_signed(authority_, {"node-1", config_.name}, now).value();
    config_.certificate = file("tier.pem", made.certificate);
    config_.key = file("tier.key", made.private_key);
    config_.authority = file("ca.pem", authority_.certificate);
  }
  std::string file(const std::string& name, const std::string& text) {
    const auto path = directory_.path() / name;
    EXPECT_TRUE(write_file(path, text, 0600).ok());
    return path.string();
  }
  // What loading says is wrong.
  std::string wrong() const {
    const auto loaded = load_tier_tls(config_);
    return loaded.ok() ? "" : loaded.error().message;
  }
  void expect_wrong(std::string_view key, std::string_view what) const {
    EXPECT_TRUE(wrong().starts_with(std::string(key) + ":")) << wrong();
    EXPECT_NE(wrong().find(what), std::string::npos) << wrong();
  }

  TemporaryDirectory directory_;
  TierTlsConfig config_;
  net::CertificatePem authority_;
};

TEST_F(TierCertificateTest, loads_what_fits) { EXPECT_EQ(wrong(), ""); }

TEST_F(TierCertificateTest, is_plain_where_nothing_is_set) {
  const auto loaded = load_tier_tls({});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->server, nullptr);
  EXPECT_TRUE(check_tier_tls({}).ok());
}

TEST_F(TierCertificateTest, names_the_key_that_is_missing) {
  EXPECT_TRUE(check_tier_tls(config_).ok());
  auto config = config_;
  config.authority = "";
  EXPECT_TRUE(check_tier_tls(config).error().message.starts_with("tier.tls_ca:"));
  config.key = "";
  EXPECT_TRUE(check_tier_tls(config).error().message.starts_with("tier.tls_key:"));
  config = config_;
  config.certificate = "";
  EXPECT_TRUE(check_tier_tls(config).error().message.starts_with("tier.tls_certificate:"));
}

TEST_F(TierCertificateTest, names_the_key_whose_file_is_not_there) {
  config_.key += ".not";
  expect_wrong("tier.tls_key", config_.key);
}

TEST_F(TierCertificateTest, names_the_key_whose_file_is_no_PEM) {
  config_.authority = file("ca.pem", "no certificate");
  expect_wrong("tier.tls_ca", "BEGIN CERTIFICATE");
}

TEST_F(TierCertificateTest, names_the_key_whose_file_is_damaged) {
  config_.certificate = file("tier.pem", "-----BEGIN CERTIFICATE-----\nAA\n");
  expect_wrong("tier.tls_certificate", "tls: certificate");
}

TEST_F(TierCertificateTest, refuses_a_key_of_another_certificate) {
  config_.key = file("other.key", authority_.private_key);
  expect_wrong("tier.tls_key", "does not fit the certificate");
}

TEST_F(TierCertificateTest, refuses_a_certificate_that_others_would_refuse) {
  config_.name = "other-tier";
  expect_wrong("tier.tls_certificate", "hostname mismatch");
}

}  // namespace
}  // namespace longwire::daemon

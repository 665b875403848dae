#include "daemon/serve/certificate.h"

#include <gtest/gtest.h>

#include "base/net/tls.h"
#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

constexpr Timestamp kNow{1'767'225'600'000};

TEST(Certificate, is_made_once_and_kept) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto first = load_certificate(TlsConfig{}, paths, kNow);
  const auto second = load_certificate(TlsConfig{}, paths, kNow);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->certificate_pem, second->certificate_pem);
  EXPECT_EQ(first->certificate_path, paths.certificate().string());
}

TEST(Certificate, serves_tls) {
  TemporaryDirectory temporary;
  const auto files = load_certificate(TlsConfig{}, DataPaths(temporary.path()), kNow);
  ASSERT_TRUE(files.ok());
  net::TlsServerOptions options;
  options.certificate_pem = files->certificate_pem;
  options.private_key_pem = files->private_key_pem;
  EXPECT_TRUE(net::make_tls_server(options).ok());
}

TEST(Certificate, of_the_operator_is_read_from_where_it_lies) {
  TemporaryDirectory temporary;
  TlsConfig config;
  config.certificate = (temporary.path() / "a.pem").string();
  config.private_key = (temporary.path() / "b.pem").string();
  ASSERT_TRUE(write_file(config.certificate, "chain", 0644).ok());
  ASSERT_TRUE(write_file(config.private_key, "key", 0600).ok());
  const auto files = load_certificate(config, DataPaths(temporary.path()), kNow);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->certificate_pem, "chain");
  EXPECT_EQ(files->private_key_pem, "key");
}

TEST(Certificate, that_would_not_serve_is_told_before_the_start) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  EXPECT_TRUE(check_certificate(TlsConfig{}, paths).ok());
  EXPECT_FALSE(std::filesystem::exists(paths.certificate()));
  ASSERT_TRUE(load_certificate(TlsConfig{}, paths, kNow).ok());
  TlsConfig config;
  config.certificate = paths.certificate().string();
  config.private_key = paths.private_key().string();
  EXPECT_TRUE(check_certificate(config, paths).ok());
  ASSERT_TRUE(write_file(config.private_key, "no key", 0600).ok());
  EXPECT_FALSE(check_certificate(config, paths).ok());
}

TEST(Certificate, without_its_key_is_refused) {
  TlsConfig config;
  config.certificate = "only.pem";
  const auto files = load_certificate(config, DataPaths("/nowhere"), kNow);
  EXPECT_EQ(files.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace longwire::daemon

// TLS to a server that has a certificate, for 127.0.0.1: the first of the pair, taken alone.

#include <cstdlib>
#include <fstream>

#include "tests/contract/mysql_calls.h"
#include "tests/contract/mysql_database.h"

namespace longwire::test {
namespace {

using storage::mysql::Connection;

class MySqlTls : public MySqlCalls {
 protected:
  MySqlTls() {
    options_.peer.clear();
    const char* const certificate = std::getenv("LONGWIRE_TEST_MYSQL_CERTIFICATE");
    CHECK(certificate != nullptr);
    options_.tls_ca = certificate;
    options_.tls = "verified";
  }
  ~MySqlTls() override { directory_.reset(); }

  // Of a connection; empty: in the clear.
  std::string cipher() {
    auto connection = Connection::open(options_, Connection::Mode::kReads);
    if (!connection.ok()) return "failed: " + connection.error().message;
    auto query = (*connection)->query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return query.next() ? query.bytes(1) : "";
  }
  std::string failure() {
    const auto connection = Connection::open(options_, Connection::Mode::kReads);
    if (connection.ok()) return "connected";
    EXPECT_EQ(connection.error().code, ErrorCode::kUnavailable);
    return connection.error().message;
  }

  MySqlDatabase database_{MySqlDatabase::Where::kPair};
  storage::mysql::Options options_ = database_.as_administrator();
};

TEST_F(MySqlTls, Verified_directory_speaks_in_cipher) {
  EXPECT_EQ(cipher().substr(0, 4), "TLS_") << cipher();
  open_with(options_);
  EXPECT_EQ(add(5).value(), 5u);
}

TEST_F(MySqlTls, Required_needs_no_authority) {
  options_.tls = "required";
  options_.tls_ca.clear();
  EXPECT_EQ(cipher().substr(0, 4), "TLS_") << cipher();
}

TEST_F(MySqlTls, Off_is_in_the_clear) {
  options_.tls = "off";
  EXPECT_EQ(cipher(), "");
}

TEST_F(MySqlTls, Certificate_of_nobody_known_is_refused) {
  options_.tls_ca = testing::TempDir() + "mysql_tls_test_authorities.pem";
  std::ofstream(options_.tls_ca) << "-----BEGIN CERTIFICATE-----\n"
                                    "-----END CERTIFICATE-----\n";
  EXPECT_NE(failure().find("mysql 2026"), std::string::npos) << failure();
  options_.tls_ca.clear();  // the system's authorities
  EXPECT_NE(failure().find("mysql 2026"), std::string::npos) << failure();
}

TEST_F(MySqlTls, Certificate_of_another_host_is_refused) {
  options_.address.replace(0, options_.address.find(':'), "localhost");
  EXPECT_NE(failure().find("mysql 2026"), std::string::npos) << failure();
  options_.tls = "required";
  EXPECT_EQ(cipher().substr(0, 4), "TLS_") << "the name alone was wrong: " << cipher();
}

}  // namespace
}  // namespace longwire::test

#pragma once

// The vocabulary of the TLS tests: a server's session, a client's, and the wires between them.

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "tests/unit/base_net/tls_fixture.h"

namespace longwire::net {

// Two sessions and the wires between them.
class TlsPair : public testing::Test {
 protected:
  void connect(const TlsServerOptions& server, const TlsClientOptions& client) {
    server_ = make_tls_server(server).value()->new_session();
    client_ = make_tls_client(client).value()->new_session();
    EXPECT_TRUE(client_->start(to_server_).ok());
    exchange();
  }

  // Carries bytes until both are silent or one has failed.
  void exchange() {
    while (status_.ok() && (!to_server_.empty() || !to_client_.empty())) {
      const Bytes up = std::exchange(to_server_, {});
      if (!up.empty()) status_ = server_->receive(up, at_server_, to_client_);
      const Bytes down = std::exchange(to_client_, {});
      if (down.empty()) continue;
      const Status received = client_->receive(down, at_client_, to_server_);
      if (status_.ok()) status_ = received;
    }
  }

  void client_says(BytesView text) {
    EXPECT_TRUE(client_->send(text, to_server_).ok());
    exchange();
  }

  // The contexts are gone by the time the sessions talk: sessions keep what they need.
  std::unique_ptr<TlsSession> server_;
  std::unique_ptr<TlsSession> client_;
  Bytes to_server_, to_client_, at_server_, at_client_;
  Status status_;
};

}  // namespace longwire::net

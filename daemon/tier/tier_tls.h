#pragma once

// TierTls: how the processes of one cluster know each other. Each shows a certificate of the
// cluster's authority that is for the cluster's name, and wants to see one, whichever end it is:
// one certificate may serve them all, or each has its own, with its own name beside the cluster's.
// TLS 1.3 alone.

#include <memory>
#include <string>

#include "base/guarded.h"
#include "base/net/tls.h"
#include "base/result.h"

namespace longwire::daemon {

struct TierTlsOptions {
  std::string certificate_pem;  // chain, leaf first
  std::string private_key_pem;
  std::string authority_pem;  // one or several
  std::string name;           // of the cluster: a DNS name
};

// Thread-safe. Plain until it has taken something.
class TierTls final {
 public:
  struct Contexts {
    std::unique_ptr<net::TlsContext> server;
    std::unique_ptr<net::TlsContext> client;
  };
  // kInvalidArgument: what does not fit; or a certificate that another process with these options
  // would refuse, at either end.
  static Result<Contexts> prepare(const TierTlsOptions& options);

  // For connections that come from now on.
  void take(Contexts contexts);

  // Null: plain.
  std::unique_ptr<net::TlsSession> accept();
  std::unique_ptr<net::TlsSession> dial();

 private:
  Guarded<Contexts> contexts_;
};

}  // namespace longwire::daemon

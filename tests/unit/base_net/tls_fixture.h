#pragma once

// A certificate for localhost, made once a test program, and options that use it.

#include "base/net/tls.h"

namespace longwire::net {

inline const CertificatePem& localhost_certificate() {
  static const CertificatePem made =
      make_self_signed({"localhost", "127.0.0.1"}, system_clock().now()).value();
  return made;
}

inline TlsServerOptions server_options() {
  return {.certificate_pem = localhost_certificate().certificate,
          .private_key_pem = localhost_certificate().private_key,
          .alpn = {},
          .alpn_required = false};
}

inline TlsClientOptions client_options() {
  return {.ca_pem = localhost_certificate().certificate, .server_name = "localhost", .alpn = {}};
}

}  // namespace longwire::net

#pragma once

// Addresses and descriptors of the network.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace longwire::net {

// An IP address and port, as text and number; or a socket in the file system, of this machine's
// processes. A value.
struct Address {
  std::string ip;  // numeric, "127.0.0.1" or "::1"; or "unix:/path", without port
  std::uint16_t port = 0;
  bool is_unix() const { return ip.starts_with("unix:"); }
  std::string to_string() const;  // "127.0.0.1:80", "[::1]:80", "unix:/path"
};

// "127.0.0.1:5222", "[::1]:5222", ":5222" (all interfaces: an empty ip). kInvalidArgument else.
Result<Address> parse_address(std::string_view text);
// One to connect to: the same, or "unix:/path" of at most 107 bytes.
Result<Address> parse_peer(std::string_view text);
// The same as a check of configuration (ConfigKey::check).
Status check_address(const std::string& text);

// Owns a file descriptor. A resource, movable.
class Descriptor final {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace longwire::net

#include "daemon/control/control_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace longwire::daemon {
namespace {

Error system_error(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  return {ErrorCode::kUnavailable,
          fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(code))};
}

// Calls `use` with an address of `path`; keeps the directory open meanwhile.
template <typename Use>
int with_address(const std::filesystem::path& path, Use use) {
  net::Descriptor directory(
      ::open(path.has_parent_path() ? path.parent_path().c_str() : ".", O_PATH | O_DIRECTORY));
  if (!directory.valid()) return -1;
  const std::string name =
      fmt::format("/proc/self/fd/{}/{}", directory.get(), path.filename().string());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  return use(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

}  // namespace

Result<net::Descriptor> connect_control_socket(const std::filesystem::path& path) {
  net::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return system_error("socket for", path);
  const int connected = with_address(path, [&](const sockaddr* address, socklen_t size) {
    return ::connect(socket.get(), address, size);
  });
  if (connected != 0) return system_error("connect to", path);
  return socket;
}

Result<net::Descriptor> listen_control_socket(const std::filesystem::path& path) {
  net::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return system_error("socket for", path);
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  // Never open to others, not even for a moment: the mode is that of the creation.
  const mode_t before = ::umask(0177);
  const int bound = with_address(path, [&](const sockaddr* address, socklen_t size) {
    return ::bind(socket.get(), address, size);
  });
  ::umask(before);
  if (bound != 0) return system_error("bind", path);
  if (::listen(socket.get(), 16) != 0) return system_error("listen on", path);
  return socket;
}

}  // namespace longwire::daemon

#pragma once

// The command's side of the control socket: blocking, one request after the other.

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/net/address.h"
#include "base/result.h"
#include "daemon/control/control_frame.h"

namespace longwire::daemon {

// Where a data directory's server listens.
std::filesystem::path control_socket_path(const std::filesystem::path& data);

// A resource. Not thread-safe.
class ControlClient final {
 public:
  // kUnavailable, with how to start one, where no server listens.
  static Result<std::unique_ptr<ControlClient>> connect(const std::filesystem::path& data);

  // The server's answer. kInvalidArgument, and nothing is sent, where a parameter is not UTF-8.
  // kDeadlineExceeded after `timeout`: the request may still be carried out.
  Result<Json> call(const ControlRequest& request,
                    std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  explicit ControlClient(net::Descriptor socket) : socket_(std::move(socket)) {}
  net::Descriptor socket_;
};

}  // namespace longwire::daemon

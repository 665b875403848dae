#pragma once

// The one table of what the API serves. A new path is one row here, one function in the file of its
// resource, and its entry in docs/openapi.yaml (a test holds the two equal).

#include <cstddef>
#include <span>
#include <string_view>

#include "http_front/api/api_call.h"

namespace longwire::http {

enum class AuthKind { kNone, kAppSecret };

// How errors are told: like the public MiPush API, or with statuses and JSON of our own.
enum class Manner { kCompatible, kOwn };

struct Route {
  Method method;
  std::string_view path;  // a last segment in braces stands for any one segment
  AuthKind auth;
  Manner manner;
  std::size_t body_bytes_max;
  void (*handle)(ApiContext& context, CallPtr call);
};

std::span<const Route> routes();

}  // namespace longwire::http

#pragma once

// The demo app and demo user that a first start makes, so that it can be tried at once.

#include <optional>
#include <string>

#include "base/function.h"
#include "base/random.h"
#include "base/result.h"
#include "daemon/serve/data_directory.h"
#include "middle/service.h"

namespace longwire::daemon {

struct DemoCredentials {
  std::string app_id;
  std::string app_key;
  std::string app_secret;
  std::string package;
  std::string user;
  std::string password;
};

// What demo.json holds, while the storage knows its app; secret and password are empty where they
// were changed since, or the user removed. Else, in a storage without apps and users,
// a new app and user, kept there; in any other nothing is made, and nothing is the answer.
// Loop-bound to `service`, which outlives the call. `random` likewise.
void ensure_demo(middle::Service& service, const DataPaths& paths, Random& random,
                 Callback<std::optional<DemoCredentials>> done);

}  // namespace longwire::daemon

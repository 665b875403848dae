#pragma once

// Lists that the relational back ends keep in one column: apps' packages and secrets, the groups of
// a roster item. A stored format, the same in each of them (docs/formats/embedded.md).

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "middle/model/registry.h"

namespace longwire::storage {

// list = count:varint item*
Bytes encode_packages(const std::vector<middle::PackageName>& packages);  // item = string
Bytes encode_secrets(const std::vector<middle::AppSecretHash>& secrets);  // see the .cc
Bytes encode_groups(const std::vector<std::string>& groups);              // item = string

// Errors: kCorrupt.
Result<std::vector<middle::PackageName>> decode_packages(BytesView stored);
Result<std::vector<middle::AppSecretHash>> decode_secrets(BytesView stored);
Result<std::vector<std::string>> decode_groups(BytesView stored);

}  // namespace longwire::storage

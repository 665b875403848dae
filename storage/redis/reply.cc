#include "storage/redis/reply.h"

namespace longwire::storage::redis {

std::string describe(const Reply& reply) {
  if (const auto* failure = reply.failure()) return failure->text;
  if (reply.is_nil()) return "nothing";
  if (reply.integer() != nullptr) return "a number";
  if (reply.bytes() != nullptr) return "a string";
  return reply.array() != nullptr ? "a list" : "a status";
}

}  // namespace longwire::storage::redis

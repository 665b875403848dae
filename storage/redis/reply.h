#pragma once

// Reply: what a Redis server answered.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace longwire::storage::redis {

// A value. Owns all it holds.
class Reply final {
 public:
  struct Nil {
    friend bool operator==(const Nil&, const Nil&) = default;
  };
  struct Status {  // "OK"
    std::string text;
    friend bool operator==(const Status&, const Status&) = default;
  };
  struct Failure {  // the server did not do it: "WRONGTYPE Operation against …"
    std::string text;
    friend bool operator==(const Failure&, const Failure&) = default;
  };
  using Array = std::vector<Reply>;
  using Value = std::variant<Nil, std::int64_t, Bytes, Status, Failure, Array>;

  Reply() = default;
  // Implicit on purpose: a reply is written down as its value.
  template <typename T>
  Reply(T value) : value_(std::move(value)) {}

  bool is_nil() const { return std::holds_alternative<Nil>(value_); }
  // Null where the reply is something else.
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const Bytes* bytes() const { return std::get_if<Bytes>(&value_); }
  const Status* status() const { return std::get_if<Status>(&value_); }
  const Failure* failure() const { return std::get_if<Failure>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }

  friend bool operator==(const Reply&, const Reply&) = default;

 private:
  Value value_;
};

// What kind of reply it is and, of a failure, its words; never a stored value. For messages.
std::string describe(const Reply& reply);

}  // namespace longwire::storage::redis

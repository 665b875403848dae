#pragma once

// Result<T>: a value or an Error. The one way in which operations fail in this tree.
//
// An Error carries a code (about ten for all of Longwire), a sentence for the operator and, where a
// retry may help, the time to wait. Each edge (HTTP, XMPP, Thrift) turns codes into its own words
// in one table file.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace longwire {

enum class ErrorCode {
  kInvalidArgument,    // the request is wrong; repeating it unchanged cannot help
  kUnauthenticated,    // who are you: bad or missing credentials
  kPermissionDenied,   // known, but not allowed
  kNotFound,           // the named thing does not exist
  kAlreadyExists,      // the named thing exists, or was done already
  kResourceExhausted,  // a limit or quota: see retry_after
  kUnavailable,        // nothing was done; try again: see retry_after
  kUnknownOutcome,     // it may or may not have been done; repeat with the same id
  kDeadlineExceeded,   // not done in time; outcome as kUnknownOutcome
  kDeposed,            // the writer lost its partition; ask the new owner
  kCorrupt,            // stored or received data breaks its format
  kUnsupported,        // well-formed, but not served (a newer version, a later feature)
  kInternal,           // our fault
};

// The stable lower-case name of a code, e.g. "not_found". For logs, JSON and metrics.
std::string_view error_code_name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  // Zero: a retry does not help, or its time is unknown.
  std::chrono::milliseconds retry_after{0};
};

// True where repeating the same request later may succeed.
bool may_retry(const Error& error);

// A value type. Immutable but for moves.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` both read well.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

// Success without a value. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace longwire

// TRY(expr): returns the Error of a failed Status or Result; for statements without a value.
#define TRY(expression)                                                \
  do {                                                                 \
    if (auto try_result = (expression); !try_result.ok()) [[unlikely]] \
      return try_result.error();                                       \
  } while (false)

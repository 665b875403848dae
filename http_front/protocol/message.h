#pragma once

// A request and its answer as handlers see them, whatever version of HTTP carried them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/function.h"

namespace longwire::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions, kOther };
Method parse_method(std::string_view text);  // methods are case-sensitive
std::string_view method_name(Method method);

// Header fields in the order they came; names in lower case. One buffer for all. A value.
class HeaderList final {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void add(std::string_view name, std::string_view value);
  // The first value of that name (lower case). The view lives until the next add() or a move.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return spans_.size(); }
  Field at(std::size_t index) const;
  std::size_t bytes() const { return text_.size(); }

 private:
  struct Span {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };
  std::string text_;
  std::vector<Span> spans_;
};

// A whole request: head and body within the limits. A value.
struct Request {
  Method method = Method::kGet;
  std::string target;         // origin form: "/path?query"; "*" for OPTIONS
  std::size_t path_size = 0;  // of `target`, up to the question mark
  HeaderList headers;
  Bytes body;
  std::string peer_ip;

  std::string_view path() const { return std::string_view(target).substr(0, path_size); }
  std::string_view query() const {
    return path_size < target.size() ? std::string_view(target).substr(path_size + 1)
                                     : std::string_view();
  }
};

inline constexpr std::string_view kJsonType = "application/json;charset=UTF-8";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

struct Response {
  int status = 200;
  std::string_view content_type = kJsonType;  // of static storage
  Bytes body;
  std::optional<std::chrono::seconds> retry_after;
  HeaderList::Field extra;  // one more field: name in lower case; both of static storage
  int code = 0;             // what metrics count: the API's code, or the status
  bool close = false;       // HTTP/1: the last answer of its connection
};

// Called once, at once or later, on the loop of the connection. Where the peer is gone meanwhile,
// the answer is dropped.
using Respond = UniqueFunction<void(Response)>;

// Loop-bound.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void handle(Request request, Respond respond) = 0;
};

// A plain sentence as the body, for what is answered below the API: 400, 408, 413, 431, …
Response plain_response(int status, std::string_view sentence);
std::string_view status_phrase(int status);

// Sets target and path_size. False where `target` is no origin form, absolute form of http(s), or
// "*", or holds what a target must not: blanks, control characters, a fragment.
bool set_target(Request& request, std::string_view target);

}  // namespace longwire::http

#include "http_front/protocol/message.h"

#include <algorithm>
#include <array>

namespace longwire::http {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> kMethods{{
    {"GET", Method::kGet},
    {"HEAD", Method::kHead},
    {"POST", Method::kPost},
    {"PUT", Method::kPut},
    {"DELETE", Method::kDelete},
    {"PATCH", Method::kPatch},
    {"OPTIONS", Method::kOptions},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool target_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && c != '#';
}

// What follows the authority of "http://authority/path", or nothing.
std::optional<std::string_view> after_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.substr(0, scheme.size()) != scheme) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = target.find_first_of("/?");
    if (end == 0) return std::nullopt;
    return end == std::string_view::npos ? std::string_view() : target.substr(end);
  }
  return std::nullopt;
}

}  // namespace

Method parse_method(std::string_view text) {
  for (const auto& [name, method] : kMethods) {
    if (name == text) return method;
  }
  return Method::kOther;
}

std::string_view method_name(Method method) {
  for (const auto& [name, known] : kMethods) {
    if (known == method) return name;
  }
  return "OTHER";
}

void HeaderList::add(std::string_view name, std::string_view value) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  for (const char c : name) text_.push_back(lower(c));
  text_.append(value);
  spans_.push_back(
      {begin, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())});
}

HeaderList::Field HeaderList::at(std::size_t index) const {
  const Span& span = spans_[index];
  const std::string_view text = text_;
  return {text.substr(span.begin, span.name_size),
          text.substr(span.begin + span.name_size, span.value_size)};
}

std::optional<std::string_view> HeaderList::find(std::string_view name) const {
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (const Field field = at(i); field.name == name) return field.value;
  }
  return std::nullopt;
}

std::size_t HeaderList::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < spans_.size(); ++i) found += at(i).name == name ? 1U : 0U;
  return found;
}

Response plain_response(int status, std::string_view sentence) {
  Response response;
  response.status = status;
  response.content_type = kTextType;
  response.body.assign(sentence);
  response.body.push_back('\n');
  response.code = status;
  response.close = true;
  return response;
}

std::string_view status_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

bool set_target(Request& request, std::string_view target) {
  if (target.empty() || !std::all_of(target.begin(), target.end(), target_character)) return false;
  if (target == "*") {
    request.target = "*";
    request.path_size = 1;
    return true;
  }
  if (target.front() != '/') {
    const auto rest = after_authority(target);
    if (!rest) return false;
    request.target = rest->empty() || rest->front() != '/' ? "/" : "";
    request.target.append(*rest);
  } else {
    request.target.assign(target);
  }
  request.path_size = std::min(request.target.find('?'), request.target.size());
  return true;
}

}  // namespace longwire::http

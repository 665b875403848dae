#include "http_front/protocol/http1_parser.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace longwire::http {
namespace {

constexpr std::size_t kChunkLineMax = 256;
constexpr std::size_t kChunkDigitsMax = 15;
constexpr std::size_t kLengthDigitsMax = 15;
constexpr std::size_t kBodyReserveMax = 64 * 1024;

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kTokenTable = make_token_table();

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenTable[static_cast<unsigned char>(c)];
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y;
         });
}

// Whether a comma list holds `token` (lower case).
bool list_holds(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (equals_ignoring_case(trim_blanks(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

std::optional<std::uint64_t> parse_length(std::string_view digits) {
  if (digits.empty() || digits.size() > kLengthDigitsMax) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool Http1Parser::refuse(int status, std::string_view sentence) {
  refusal_ = Refusal{status, sentence};
  phase_ = Phase::kRefused;
  return false;
}

std::size_t Http1Parser::consume(BytesView input) {
  std::size_t used = 0;
  while (used < input.size()) {
    const BytesView rest = input.substr(used);
    switch (phase_) {
      case Phase::kHead:
        used += take_head(rest);
        break;
      case Phase::kFixedBody:
        used += take_fixed_body(rest);
        break;
      case Phase::kChunkSize:
        used += take_chunk_size(rest);
        break;
      case Phase::kChunkData:
        used += take_chunk_data(rest);
        break;
      case Phase::kChunkEnd:
        used += take_chunk_end(rest);
        break;
      case Phase::kTrailers:
        used += take_trailers(rest);
        break;
      case Phase::kComplete:
      case Phase::kRefused:
        return used;
    }
  }
  return used;
}

// Line by line, so that a peer which never sends CRLF CRLF is refused at its first bad line.
std::size_t Http1Parser::take_head(BytesView input) {
  std::size_t used = 0;
  while (used < input.size()) {
    const char* const begin = input.data() + used;
    const auto* const feed =
        static_cast<const char*>(std::memchr(begin, '\n', input.size() - used));
    const std::size_t size =
        feed == nullptr ? input.size() - used : static_cast<std::size_t>(feed - begin) + 1;
    head_bytes_ += size;
    if (head_bytes_ > limits_.head_bytes_max) {
      refuse(431, "The request's head is too long.");
      return used;
    }
    const char before_feed = size >= 2 ? begin[size - 2] : last_;
    head_.append(begin, size);
    line_bytes_ += size;
    used += size;
    last_ = begin[size - 1];
    if (feed == nullptr) return used;
    if (before_feed != '\r' || line_bytes_ < 2) {
      refuse(400, "A line of the head does not end with CRLF.");
      return used;
    }
    const bool empty_line = line_bytes_ == 2;
    line_bytes_ = 0;
    if (!empty_line) continue;
    if (head_.size() == 2) {
      head_.clear();  // RFC 9112 2.2: an empty line before a request is skipped
      continue;
    }
    parse_head();
    return used;
  }
  return used;
}

void Http1Parser::parse_head() {
  std::string_view head = head_;
  head.remove_suffix(2);
  std::size_t end = head.find('\n') - 1;
  bool good = parse_request_line(head.substr(0, end));
  head.remove_prefix(end + 2);
  while (good && !head.empty()) {
    // Every line was seen to end with CRLF; a lone CR inside is caught as a bad character.
    end = head.find('\n') - 1;
    good = parse_field(head.substr(0, end));
    head.remove_prefix(end + 2);
  }
  if (!good || !settle_connection() || !settle_framing()) return;
  head_.clear();
  line_bytes_ = 0;
  last_ = 0;
}

bool Http1Parser::parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refuse(400, "The request line is malformed.");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return refuse(400, "The method is malformed.");
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || version[6] != '.') {
    return refuse(400, "The version is malformed.");
  }
  if (version[5] != '1' || version[7] < '0' || version[7] > '9') {
    return refuse(505, "HTTP/1.1 or HTTP/2, please.");
  }
  if (method == "CONNECT") return refuse(501, "CONNECT is not served.");
  request_.method = parse_method(method);
  if (!set_target(request_, target)) return refuse(400, "The request's target is malformed.");
  http10_ = version[7] == '0';
  return true;
}

bool Http1Parser::parse_field(std::string_view line) {
  if (request_.headers.size() >= limits_.fields_max) return refuse(431, "Too many header fields.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return refuse(400, "A header field is malformed.");  // a folded line, too: it starts blank
  }
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "A header field holds a control character.");
  request_.headers.add(line.substr(0, colon), value);
  return true;
}

bool Http1Parser::settle_connection() {
  const HeaderList& headers = request_.headers;
  const std::size_t hosts = headers.count("host");
  if (hosts > 1 || (hosts == 0 && !http10_)) return refuse(400, "Exactly one Host, please.");
  keep_alive_ = !http10_;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const HeaderList::Field field = headers.at(i);
    if (field.name != "connection") continue;
    if (http10_ && list_holds(field.value, "keep-alive")) keep_alive_ = true;
    if (list_holds(field.value, "close")) {
      keep_alive_ = false;
      break;
    }
  }
  const auto expect = headers.find("expect");
  if (expect && !expect->empty()) {  // PHP's clients send it empty
    if (!equals_ignoring_case(*expect, "100-continue")) return refuse(417, "Unknown expectation.");
    expectation_ = !http10_;
  }
  return true;
}

bool Http1Parser::settle_framing() {
  const HeaderList& headers = request_.headers;
  const std::size_t lengths = headers.count("content-length");
  const std::size_t encodings = headers.count("transfer-encoding");
  head_bytes_ = 0;
  if (encodings > 0) {
    if (lengths > 0) return refuse(400, "Both Content-Length and Transfer-Encoding.");
    if (http10_) return refuse(400, "Transfer-Encoding in HTTP/1.0.");
    if (encodings > 1 || !equals_ignoring_case(*headers.find("transfer-encoding"), "chunked")) {
      return refuse(501, "The only transfer encoding is chunked.");
    }
    phase_ = Phase::kChunkSize;
    return true;
  }
  if (lengths == 0) {
    phase_ = Phase::kComplete;
    return true;
  }
  const auto length = parse_length(*headers.find("content-length"));
  if (lengths > 1 || !length) return refuse(400, "The Content-Length is malformed.");
  if (*length > limits_.body_bytes_max) return refuse(413, "The body is too long.");
  body_left_ = *length;
  request_.body.reserve(std::min<std::size_t>(*length, kBodyReserveMax));
  phase_ = *length == 0 ? Phase::kComplete : Phase::kFixedBody;
  return true;
}

std::size_t Http1Parser::take_fixed_body(BytesView input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), body_left_));
  request_.body.append(input.substr(0, size));
  body_left_ -= size;
  if (body_left_ == 0) phase_ = Phase::kComplete;
  return size;
}

std::size_t Http1Parser::take_chunk_size(BytesView input) {
  const std::size_t feed = input.find('\n');
  const std::size_t size = feed == BytesView::npos ? input.size() : feed + 1;
  if (head_.size() + size > kChunkLineMax) {
    refuse(400, "The line of a chunk is too long.");
    return 0;
  }
  head_.append(input.substr(0, size));
  if (feed == BytesView::npos) return size;
  if (!parse_chunk_size()) return size;
  head_.clear();
  phase_ = body_left_ == 0 ? Phase::kTrailers : Phase::kChunkData;
  return size;
}

bool Http1Parser::parse_chunk_size() {
  std::string_view line = head_;
  if (line.size() < 3 || line[line.size() - 2] != '\r') {
    return refuse(400, "The line of a chunk is malformed.");
  }
  line.remove_suffix(2);
  const std::size_t digits = std::min(line.find(';'), line.size());
  const std::string_view number = digits < line.size()
                                      ? trim_blanks(line.substr(0, digits))  // "5 ;name=value"
                                      : line;
  if (number.empty() || number.size() > kChunkDigitsMax || !is_field_value(line.substr(digits))) {
    return refuse(400, "The line of a chunk is malformed.");
  }
  body_left_ = 0;
  for (const char c : number) {
    const int value = hex_value(c);
    if (value < 0) return refuse(400, "The size of a chunk is malformed.");
    body_left_ = body_left_ * 16 + static_cast<std::uint64_t>(value);
  }
  if (body_left_ > limits_.body_bytes_max - request_.body.size()) {
    return refuse(413, "The body is too long.");
  }
  return true;
}

std::size_t Http1Parser::take_chunk_data(BytesView input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), body_left_));
  request_.body.append(input.substr(0, size));
  body_left_ -= size;
  if (body_left_ == 0) phase_ = Phase::kChunkEnd;
  return size;
}

std::size_t Http1Parser::take_chunk_end(BytesView input) {
  const char wanted = head_.empty() ? '\r' : '\n';
  if (input.front() != wanted) {
    refuse(400, "A chunk does not end with CRLF.");
    return 0;
  }
  if (wanted == '\r') {
    head_.push_back('\r');
  } else {
    head_.clear();
    phase_ = Phase::kChunkSize;
  }
  return 1;
}

// Trailers are checked and dropped: nothing of ours may depend on them.
std::size_t Http1Parser::take_trailers(BytesView input) {
  const std::size_t feed = input.find('\n');
  const std::size_t size = feed == BytesView::npos ? input.size() : feed + 1;
  head_bytes_ += size;
  if (head_bytes_ > limits_.head_bytes_max) {
    refuse(431, "The trailers are too long.");
    return 0;
  }
  head_.append(input.substr(0, size));
  if (feed == BytesView::npos) return size;
  std::string_view line = head_;
  if (line.size() < 2 || line[line.size() - 2] != '\r') {
    refuse(400, "A trailer does not end with CRLF.");
    return size;
  }
  line.remove_suffix(2);
  const std::size_t colon = line.find(':');
  if (line.empty()) {
    phase_ = Phase::kComplete;
  } else if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
             !is_field_value(line.substr(colon + 1))) {
    refuse(400, "A trailer is malformed.");
    return size;
  }
  head_.clear();
  return size;
}

bool Http1Parser::take_expectation() {
  if (!expectation_ || phase_ == Phase::kHead || phase_ == Phase::kRefused) return false;
  expectation_ = false;
  return phase_ != Phase::kComplete;
}

Request Http1Parser::take_request() {
  Request request = std::move(request_);
  request_ = Request();
  phase_ = Phase::kHead;
  head_.clear();
  head_bytes_ = 0;
  line_bytes_ = 0;
  last_ = 0;
  expectation_ = false;
  return request;
}

}  // namespace longwire::http

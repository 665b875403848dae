#include "http_front/api/error_table.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <set>
#include <string>

#include "http_front/api/routes.h"
#include "tests/unit/http_front/text_file.h"

namespace longwire::http {
namespace {

constexpr std::array kErrorCodes{
    ErrorCode::kInvalidArgument, ErrorCode::kUnauthenticated, ErrorCode::kPermissionDenied,
    ErrorCode::kNotFound,        ErrorCode::kAlreadyExists,   ErrorCode::kResourceExhausted,
    ErrorCode::kUnavailable,     ErrorCode::kUnknownOutcome,  ErrorCode::kDeadlineExceeded,
    ErrorCode::kDeposed,         ErrorCode::kCorrupt,         ErrorCode::kUnsupported,
    ErrorCode::kInternal,
};

TEST(ErrorTable, Every_error_has_a_described_code_that_is_not_zero) {
  for (const ErrorCode code : kErrorCodes) {
    const ApiCode told = send_code({code, "", std::chrono::milliseconds(0)});
    EXPECT_NE(told, ApiCode::kOk) << error_code_name(code);
    EXPECT_NE(api_description(told), "Unknown error") << error_code_name(code);
  }
}

TEST(ErrorTable, Every_error_has_a_status_of_its_kind) {
  for (const ErrorCode code : kErrorCodes) {
    EXPECT_GE(http_status(code), 400) << error_code_name(code);
    EXPECT_NE(status_phrase(http_status(code)), "Unknown") << error_code_name(code);
  }
}

TEST(ErrorTable, Codes_are_told_apart) {
  std::set<int> seen;
  for (const ApiCodeRow& row : api_codes()) {
    EXPECT_TRUE(seen.insert(static_cast<int>(row.code)).second) << static_cast<int>(row.code);
  }
}

TEST(ErrorTable, Quota_and_rate_are_told_apart_by_the_time_to_wait) {
  using std::chrono::milliseconds;
  EXPECT_EQ(send_code({ErrorCode::kResourceExhausted, "", milliseconds(1000)}),
            ApiCode::kRateExceeded);
  EXPECT_EQ(send_code({ErrorCode::kResourceExhausted, "", std::chrono::hours(1)}),
            ApiCode::kQuotaExceeded);
}

TEST(ErrorTable, What_a_retry_may_help_has_a_time_for_it) {
  using std::chrono::milliseconds;
  EXPECT_EQ(retry_after({ErrorCode::kUnavailable, "", milliseconds(7)}), milliseconds(7));
  EXPECT_EQ(retry_after({ErrorCode::kUnavailable, ""}), milliseconds(1000));
  EXPECT_EQ(retry_after({ErrorCode::kDeadlineExceeded, ""}), milliseconds(1000));
  EXPECT_EQ(retry_after({ErrorCode::kInvalidArgument, ""}), milliseconds(0));
}

TEST(ErrorTable, Document_names_exactly_the_codes_of_the_table) {
  std::set<std::string> documented;
  for (const std::string& line : test::lines_of("docs/ERRORS.md")) {
    const std::size_t end = line.find(" |", 2);
    if (line.substr(0, 2) != "| " || end == std::string::npos) continue;
    const std::string cell = line.substr(2, end - 2);
    const bool is_code = cell.find_first_not_of("0123456789") == std::string::npos;
    if (is_code && (cell == "0" || cell.size() >= 5)) documented.insert(cell);
  }
  std::set<std::string> known;
  for (const ApiCodeRow& row : api_codes())
    known.insert(std::to_string(static_cast<int>(row.code)));
  EXPECT_EQ(documented, known);
}

// "  /path:" and, below it, "    method:".
std::set<std::string> documented_routes() {
  std::set<std::string> found;
  std::string path;
  for (const std::string& line : test::lines_of("docs/openapi.yaml")) {
    if (line.substr(0, 3) == "  /" && line.back() == ':') path = line.substr(2, line.size() - 3);
    if (line == "components:") break;
    const bool is_method = line.substr(0, 4) == "    " && line.back() == ':' && line[4] != ' ';
    if (!path.empty() && is_method) found.insert(line.substr(4, line.size() - 5) + " " + path);
  }
  return found;
}

TEST(Routes, Document_has_exactly_the_routes_of_the_table) {
  std::set<std::string> served;
  for (const Route& route : routes()) {
    const std::string method = route.method == Method::kGet ? "get" : "post";
    served.insert(method + " " + std::string(route.path));
  }
  EXPECT_EQ(documented_routes(), served);
  EXPECT_EQ(served.size(), routes().size());
}

}  // namespace
}  // namespace longwire::http

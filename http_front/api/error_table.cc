#include "http_front/api/error_table.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace longwire::http {
namespace {

constexpr std::array<ApiCodeRow, 28> kRows{{
    {ApiCode::kOk, "Success"},
    {ApiCode::kSystemError, "System error"},
    {ApiCode::kBusy, "Service busy, try again later"},
    {ApiCode::kOutcomeUnknown, "The outcome is unknown, repeat with the same idempotency key"},
    {ApiCode::kContentType, "Unsupported content type"},
    {ApiCode::kBadParameter, "Bad parameters"},
    {ApiCode::kIllegalRequest, "Illegal request"},
    {ApiCode::kMissingParameter, "A required parameter is missing"},
    {ApiCode::kIllegalValue, "A parameter has an illegal value"},
    {ApiCode::kBodyTooLong, "The request is too long"},
    {ApiCode::kUnknownPath, "API not found"},
    {ApiCode::kWrongMethod, "HTTP method not supported for this API"},
    {ApiCode::kAddressRate, "Too many requests from this address"},
    {ApiCode::kForbidden, "Operation forbidden"},
    {ApiCode::kBadTopic, "Illegal topic"},
    {ApiCode::kNoTarget, "Send failed"},
    {ApiCode::kBadSecret, "Authentication failed"},
    {ApiCode::kBadPackage, "Not a package of this app"},
    {ApiCode::kAliasTooLong, "Alias too long"},
    {ApiCode::kMessageTooLong, "Message too long"},
    {ApiCode::kTopicTooLong, "Topic too long"},
    {ApiCode::kTooManyExtras, "Too many extra pairs"},
    {ApiCode::kExtrasTooLong, "Extra pairs too long"},
    {ApiCode::kAccountTooLong, "User account too long"},
    {ApiCode::kUnknownMessage, "Message not found"},
    {ApiCode::kTooManyTopics, "Too many topics"},
    {ApiCode::kQuotaExceeded, "Daily quota used up"},
    {ApiCode::kRateExceeded, "Too many requests per second"},
}};

// A rate of at least one a second recovers within one, a quota at the day's end.
constexpr std::chrono::seconds kLongestRateWait{2};
constexpr std::chrono::seconds kRetryAfterDefault{1};

}  // namespace

std::span<const ApiCodeRow> api_codes() { return kRows; }

std::string_view api_description(ApiCode code) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [code](const ApiCodeRow& r) { return r.code == code; });
  return row == kRows.end() ? "Unknown error" : row->description;
}

ApiCode send_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return ApiCode::kIllegalValue;
    case ErrorCode::kUnauthenticated:
      return ApiCode::kBadSecret;
    case ErrorCode::kPermissionDenied:
      return ApiCode::kForbidden;
    case ErrorCode::kNotFound:
      return ApiCode::kNoTarget;
    case ErrorCode::kAlreadyExists:
      return ApiCode::kIllegalRequest;
    case ErrorCode::kResourceExhausted:
      return error.retry_after > kLongestRateWait ? ApiCode::kQuotaExceeded
                                                  : ApiCode::kRateExceeded;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeposed:
      return ApiCode::kBusy;
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kDeadlineExceeded:
      return ApiCode::kOutcomeUnknown;
    case ErrorCode::kUnsupported:
      return ApiCode::kIllegalRequest;
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return ApiCode::kSystemError;
  }
  return ApiCode::kSystemError;
}

std::chrono::milliseconds retry_after(const Error& error) {
  if (error.retry_after.count() > 0) return error.retry_after;
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeposed:
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kDeadlineExceeded:
      return kRetryAfterDefault;
    default:
      return std::chrono::milliseconds(0);
  }
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
      return 409;
    case ErrorCode::kResourceExhausted:
      return 429;
    case ErrorCode::kUnsupported:
      return 501;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeposed:
      return 503;
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace longwire::http

#pragma once

// The one place where our errors become the words of the HTTP API: numeric codes (and always status
// 200) for the compatible send API, proper statuses for our own paths. docs/ERRORS.md says what to
// do about each; a test holds the two equal.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace longwire::http {

enum class ApiCode : int {
  kOk = 0,
  kSystemError = 10001,
  kBusy = 10002,
  kOutcomeUnknown = 10003,
  kContentType = 10007,
  kBadParameter = 10008,
  kIllegalRequest = 10012,
  kMissingParameter = 10016,
  kIllegalValue = 10017,
  kBodyTooLong = 10018,
  kUnknownPath = 10020,
  kWrongMethod = 10021,
  kAddressRate = 10022,
  kForbidden = 10036,
  kBadTopic = 20209,
  kNoTarget = 20301,
  kBadSecret = 21301,
  kBadPackage = 22022,
  kAliasTooLong = 65008,
  kMessageTooLong = 65009,
  kTopicTooLong = 65010,
  kTooManyExtras = 65014,
  kExtrasTooLong = 65015,
  kAccountTooLong = 65017,
  kUnknownMessage = 65028,
  kTooManyTopics = 65035,
  kQuotaExceeded = 200001,
  kRateExceeded = 200002,
};

struct ApiCodeRow {
  ApiCode code;
  std::string_view description;
};
std::span<const ApiCodeRow> api_codes();
std::string_view api_description(ApiCode code);

// Why a call is refused before the middle sees it.
struct ApiProblem {
  ApiCode code = ApiCode::kIllegalValue;
  std::string reason;
};

// An error of the middle, as the answer to a send.
ApiCode send_code(const Error& error);
// … and to a call of our own.
int http_status(ErrorCode code);
// When to try again: what the error says, or a second where it says nothing and a retry may help.
// 0: it does not help.
std::chrono::milliseconds retry_after(const Error& error);

}  // namespace longwire::http

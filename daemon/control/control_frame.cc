#include "daemon/control/control_frame.h"

#include <array>
#include <utility>

namespace longwire::daemon {
namespace {

constexpr std::array kCodes = {
    ErrorCode::kInvalidArgument, ErrorCode::kUnauthenticated, ErrorCode::kPermissionDenied,
    ErrorCode::kNotFound,        ErrorCode::kAlreadyExists,   ErrorCode::kResourceExhausted,
    ErrorCode::kUnavailable,     ErrorCode::kUnknownOutcome,  ErrorCode::kDeadlineExceeded,
    ErrorCode::kDeposed,         ErrorCode::kCorrupt,         ErrorCode::kUnsupported,
    ErrorCode::kInternal,
};

ErrorCode code_of(const std::string& name) {
  for (const ErrorCode code : kCodes) {
    if (error_code_name(code) == name) return code;
  }
  return ErrorCode::kInternal;
}

Error corrupt(std::string message) { return {ErrorCode::kCorrupt, std::move(message)}; }

}  // namespace

Bytes encode_control_frame(const Json& document) {
  const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(text.size())).raw(text);
  return std::move(writer).take();
}

Result<std::optional<Json>> take_control_frame(Bytes& buffer, std::size_t bytes_max) {
  constexpr std::size_t kHeaderBytes = 4;
  if (buffer.size() < kHeaderBytes) return std::optional<Json>();
  ByteReader reader(buffer);
  const std::size_t size = reader.u32();
  if (size > bytes_max) return corrupt("a control frame above its limit");
  if (reader.rest().size() < size) return std::optional<Json>();
  Json document = Json::parse(reader.raw(size), nullptr, false);
  if (document.is_discarded()) return corrupt("a control frame that is not JSON");
  buffer.erase(0, kHeaderBytes + size);
  return std::optional<Json>(std::move(document));
}

Json make_control_request(const ControlRequest& request) {
  return {{"command", request.command}, {"params", request.params}};
}

Result<ControlRequest> read_control_request(const Json& document) {
  if (!document.is_object() || !document.contains("command") || !document["command"].is_string()) {
    return corrupt("a control request without command");
  }
  return ControlRequest{document["command"].get<std::string>(),
                        document.value("params", Json::object())};
}

Json make_control_response(const Result<Json>& outcome) {
  if (outcome.ok()) return {{"result", *outcome}};
  const Error& error = outcome.error();
  return {{"error",
           {{"code", error_code_name(error.code)},
            {"message", error.message},
            {"retryAfterMs", error.retry_after.count()}}}};
}

Result<Json> read_control_response(const Json& document) {
  if (document.is_object() && document.contains("result")) return document["result"];
  if (!document.is_object() || !document.contains("error") || !document["error"].is_object()) {
    return corrupt("a control response with neither result nor error");
  }
  const Json& error = document["error"];
  return Error{code_of(error.value("code", "")), error.value("message", ""),
               std::chrono::milliseconds(error.value("retryAfterMs", std::int64_t{0}))};
}

}  // namespace longwire::daemon

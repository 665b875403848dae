#pragma once

// From the parameters of a send to what the middle is asked. Pure: fuzzed, and tested by a table of
// what real clients send.

#include <string_view>
#include <variant>

#include "base/clock.h"
#include "http_front/api/error_table.h"
#include "http_front/protocol/form.h"
#include "middle/service.h"

namespace longwire::http {

inline constexpr std::size_t kTargetsMax = 1000;
inline constexpr std::size_t kTopicsMax = 5;
inline constexpr std::size_t kPayloadBytesMax = 4096;
inline constexpr std::size_t kTitleCharactersMax = 49;         // "less than 50"
inline constexpr std::size_t kDescriptionCharactersMax = 127;  // "less than 128"
inline constexpr std::size_t kExtraPairsMax = 10;
inline constexpr std::size_t kExtraCharactersMax = 1024;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 128;
inline constexpr std::size_t kCollapseKeyBytesMax = 128;
inline constexpr std::chrono::hours kScheduleMax{24 * 7};

struct SendContext {
  middle::TargetKind target = middle::TargetKind::kRegId;
  const middle::App& app;
  Timestamp now;
  std::string_view idempotency_key;  // of the header; empty: a parameter may have one
};

// The path alone decides the kind of target: target parameters of another kind are ignored.
std::variant<middle::SendRequest, ApiProblem> read_send(const Form& form,
                                                        const SendContext& context);

}  // namespace longwire::http

#include "storage/mysql/failure.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace longwire::storage::mysql {
namespace {

struct Rule {
  int number;
  FailureKind kind;
  ErrorCode code;
};

// Unavailable means here: this statement changed nothing that a rollback does not take back.
constexpr Rule kRules[] = {
    {1205, FailureKind::kConflict, ErrorCode::kUnavailable},  // lock wait timeout
    {1213, FailureKind::kConflict, ErrorCode::kUnavailable},  // deadlock
    {1317, FailureKind::kConflict, ErrorCode::kUnavailable},  // KILL QUERY
    {1969, FailureKind::kConflict, ErrorCode::kUnavailable},  // max_statement_time

    {1053, FailureKind::kLost, ErrorCode::kUnavailable},  // the server shuts down
    {1158, FailureKind::kLost, ErrorCode::kUnavailable},  // errors of the network, 1158-1161
    {1159, FailureKind::kLost, ErrorCode::kUnavailable},
    {1160, FailureKind::kLost, ErrorCode::kUnavailable},
    {1161, FailureKind::kLost, ErrorCode::kUnavailable},
    {1927, FailureKind::kLost, ErrorCode::kUnavailable},  // KILL CONNECTION
    {2002, FailureKind::kLost, ErrorCode::kUnavailable},  // cannot connect
    {2003, FailureKind::kLost, ErrorCode::kUnavailable},
    {2005, FailureKind::kLost, ErrorCode::kUnavailable},  // host name not known
    {2006, FailureKind::kLost, ErrorCode::kUnavailable},  // gone away
    {2012, FailureKind::kLost, ErrorCode::kUnavailable},
    {2013, FailureKind::kLost, ErrorCode::kUnavailable},  // lost while waiting; time is over
    {2026, FailureKind::kLost, ErrorCode::kUnavailable},  // TLS
    {2027, FailureKind::kLost, ErrorCode::kUnavailable},  // malformed packet
    {2055, FailureKind::kLost, ErrorCode::kUnavailable},
    {4031, FailureKind::kLost, ErrorCode::kUnavailable},  // closed for being idle

    {1062, FailureKind::kDuplicate, ErrorCode::kAlreadyExists},

    {3, FailureKind::kOther, ErrorCode::kUnavailable},     // a write to disk failed
    {1021, FailureKind::kOther, ErrorCode::kUnavailable},  // disk full
    {1026, FailureKind::kOther, ErrorCode::kUnavailable},
    {1040, FailureKind::kOther, ErrorCode::kUnavailable},  // too many connections
    {1044, FailureKind::kOther, ErrorCode::kUnavailable},  // access denied: until it is granted
    {1045, FailureKind::kOther, ErrorCode::kUnavailable},
    {1049, FailureKind::kOther, ErrorCode::kUnavailable},  // no such database
    {1114, FailureKind::kOther, ErrorCode::kUnavailable},  // table full
    {1129, FailureKind::kOther, ErrorCode::kUnavailable},  // host blocked
    {1130, FailureKind::kOther, ErrorCode::kUnavailable},  // host not allowed
    {1142, FailureKind::kOther, ErrorCode::kUnavailable},
    {1203, FailureKind::kOther, ErrorCode::kUnavailable},  // too many connections of this user
    {1206, FailureKind::kOther, ErrorCode::kUnavailable},  // lock table full
    {1226, FailureKind::kOther, ErrorCode::kUnavailable},  // a limit of this user
    {1290, FailureKind::kOther, ErrorCode::kUnavailable},  // read only
    {1698, FailureKind::kOther, ErrorCode::kUnavailable},  // access denied
    {1836, FailureKind::kOther, ErrorCode::kUnavailable},  // read only

    {1153, FailureKind::kOther, ErrorCode::kInvalidArgument},  // larger than a packet may be
    {1264, FailureKind::kOther, ErrorCode::kInvalidArgument},  // out of range
    {1406, FailureKind::kOther, ErrorCode::kInvalidArgument},  // too long for its column
    {2020, FailureKind::kOther, ErrorCode::kInvalidArgument},  // larger than a packet may be

    {1054, FailureKind::kOther, ErrorCode::kCorrupt},  // no such column
    {1146, FailureKind::kOther, ErrorCode::kCorrupt},  // no such table
};

}  // namespace

Failure classify(int number, std::string_view message, std::chrono::milliseconds retry_after) {
  const auto* const rule = std::find_if(std::begin(kRules), std::end(kRules),
                                        [number](const Rule& r) { return r.number == number; });
  Failure failure;
  if (rule == std::end(kRules)) {
    failure.error.code = ErrorCode::kInternal;
  } else {
    failure.kind = rule->kind;
    failure.error.code = rule->code;
  }
  failure.error.message = "mysql " + std::to_string(number) + ": " + std::string(message);
  if (failure.error.code == ErrorCode::kUnavailable) failure.error.retry_after = retry_after;
  return failure;
}

}  // namespace longwire::storage::mysql

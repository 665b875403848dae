#include "middle/model/message.h"

namespace longwire::middle {

std::string_view copy_state_name(CopyState state) {
  switch (state) {
    case CopyState::kWaiting:
      return "waiting";
    case CopyState::kDelivered:
      return "delivered";
    case CopyState::kExpired:
      return "expired";
    case CopyState::kRecalled:
      return "recalled";
    case CopyState::kCollapsed:
      return "collapsed";
    case CopyState::kFiltered:
      return "filtered";
    case CopyState::kRejected:
      return "rejected";
  }
  return "unknown";
}

}  // namespace longwire::middle

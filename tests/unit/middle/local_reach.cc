#include "tests/unit/middle/reach.h"

namespace longwire::middle {

MiddleLink reach(MiddleLink link, Environment) { return link; }

}  // namespace longwire::middle

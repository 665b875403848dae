#pragma once

// How the tests of the middle reach it: in their own process, or through the wire between two. The
// same tests are linked with either.

#include "base/environment.h"
#include "middle/middle.h"

namespace longwire::middle {

// The link itself, or one through the wire to it.
MiddleLink reach(MiddleLink link, Environment environment);

}  // namespace longwire::middle

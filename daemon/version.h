#pragma once

namespace longwire::daemon {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace longwire::daemon

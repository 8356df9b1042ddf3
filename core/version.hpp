// The version of the program: the same as project(... VERSION ...) in CMakeLists.txt, which a test
// compares.
#pragma once

#include <string_view>

namespace assembly_sync::core {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace assembly_sync::core

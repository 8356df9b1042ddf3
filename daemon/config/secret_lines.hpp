// Where a line of a configuration might hold a secret that was written in clear text. Works on the
// text alone, so that it also holds for files that are no YAML; in doubt it says yes. Thread-safe.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace assembly_sync::config {

/// The first byte of `lines[index]` that must not be shown; npos when all may be.
std::size_t secret_begin(const std::vector<std::string_view>& lines, std::size_t index);

}  // namespace assembly_sync::config

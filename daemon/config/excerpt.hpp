// What a person sees of a problem: its line of the file with a mark under the column, and what to
// write instead. Lines in which a secret might have been written in clear text are shown up to its
// key only. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/problem.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::config {

/// The problem as `file:line:col: key: message`, below it its line of the file, the mark and the
/// hint, as far as there are any. Ends with a line end.
std::string explained(const core::Problem& problem, const std::vector<ConfigFile>& files);

/// The text with each line cut off where a secret might have been written in clear text.
std::string without_secrets(std::string_view text);

}  // namespace assembly_sync::config

// Problems of a configuration as the verbs print them: for people with their lines, and as JSON.
#pragma once

#include <iosfwd>
#include <vector>

#include "core/problem.hpp"
#include "core/value.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::cli {

/// {file, line, column, key, message} of each, and its hint where it has one.
core::Value to_value(const core::Problems& problems);
/// What to_value() gave.
core::Problems problems_of(const core::Value& list);

/// Each with its line of the file, the mark and the hint.
void explain(const core::Problems& problems, const std::vector<config::ConfigFile>& files,
             std::ostream& err);

}  // namespace assembly_sync::cli

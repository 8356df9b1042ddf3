// Rules that no record ever reaches: a `when` that is never true, a branch behind one that is
// always taken, a mapping that says again what another one says. Only what is sure without a record
// is a problem. Not thread-safe, as its sink.
#pragma once

#include <string>
#include <vector>

#include "mapping/problem_sink.hpp"
#include "mapping/rules.hpp"

namespace assembly_sync::mapping {

/// `paths`: how problems call each mapping.
void check_unreachable(const std::vector<Mapping>& mappings, const std::vector<std::string>& paths,
                       ProblemSink& sink);

}  // namespace assembly_sync::mapping

// What can be said of rules once the source has told what its records hold: properties that there
// are not, values that can't be what a function or an attribute takes, comparisons that are never
// true, options that a table lacks. Pure; thread-safe.
#pragma once

#include <string>

#include "core/catalogue.hpp"
#include "core/ids.hpp"
#include "core/problem.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::mapping {

struct FieldFindings {
  core::Problems problems;  // records will be refused, or never mapped as it was meant
  core::Problems warnings;  // some records may be
};

/// Looks at every expression over the object, each finding at its place in the expression. `file`:
/// of the configuration.
FieldFindings check_fields(const Rules& rules, const std::string& file,
                           const core::SourceName& source, const core::ObjectName& object,
                           const core::Catalogue& catalogue);

}  // namespace assembly_sync::mapping

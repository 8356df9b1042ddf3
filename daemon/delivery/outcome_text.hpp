// Outcomes in words: as stored, logged and shown. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/assembly/outcome.hpp"

namespace assembly_sync::delivery {

/// `delivered`, `throttled`, `transient`, `rejected`, `ambiguous`, `unauthorized`.
std::string_view name_of(const assembly::Outcome& outcome);
/// Short and without values, so it may be logged; empty for delivered.
std::string reason_of(const assembly::Outcome& outcome);
/// HTTP status of the answer; 0 = there was none, or its words are all that is kept.
int status_of(const assembly::Outcome& outcome);
/// The same outcome for the change that needed the read.
assembly::Outcome to_outcome(const assembly::Failure& failure);

}  // namespace assembly_sync::delivery

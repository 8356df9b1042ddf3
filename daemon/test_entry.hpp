// An entry of the `tests:` block, made of a record and of what the mappings make of it, and put
// into the text of a configuration. A part of the composition root. Pure; thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/value.hpp"
#include "daemon/map_document.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::app {

struct TestEntry {
  std::string name;     // may be empty
  std::string mapping;  // whose result it is
  core::Value record;
  core::Value options;  // for label(): as the test block writes them; null = none
  core::Value expect;
};

/// One for each result, with the record cut down to what rules look at (`paths`).
std::vector<TestEntry> test_entries(const std::string& name, const core::Value& record,
                                    const std::vector<mapping::Result>& results,
                                    const std::set<std::vector<std::string>>& paths,
                                    const core::Value& options);

/// As items of a YAML list whose dashes stand at column `indent` + 1.
std::string to_yaml(const std::vector<TestEntry>& entries, int indent);

/// The configuration's text with the entries behind the last of its `tests:`, or with a block of
/// its own at the end. An error when the block is written in a way that can't be added to.
core::Result<std::string> with_tests(const std::string& text,
                                     const std::vector<TestEntry>& entries);

}  // namespace assembly_sync::app

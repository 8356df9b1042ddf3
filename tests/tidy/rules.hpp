// The house rules that a compiler does not check: who may include whom, where SQL and the heavy
// libraries may stand, what is banned, how long lines and files may be. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/scan.hpp"

namespace assembly_sync::tidy {

struct Finding {
  std::string path;
  int line = 0;  // from 1
  std::string message;
};

/// `daemon/store/x.cpp:12: message`
std::string to_text(const Finding& finding);

using Findings = std::vector<Finding>;

/// The arrows between folders (ARCHITECTURE.md).
Findings check_includes(const Source& source);
/// Statements and the database library outside daemon/store.
Findings check_sql(const Source& source);
/// Calls and libraries that have one place, or none.
Findings check_bans(const Source& source);
/// Length of lines and files, header banner, #pragma once.
Findings check_shape(const Source& source);
/// Notes to self and paths of one machine, in any text file.
Findings check_words(const Source& source);

Findings check_all(const Source& source);

}  // namespace assembly_sync::tidy

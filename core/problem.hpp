// A problem of a configuration, with its place; what `check` prints and `--json` lists.
#pragma once

#include <string>
#include <vector>

namespace assembly_sync::core {

struct Problem {
  std::string file;
  int line = 0;         // from 1; 0 when the problem has no place in the file
  int column = 0;       // from 1
  std::string key;      // dotted path: mappings[0].fields.domain
  std::string message;  // "expected …, got …" (a configured value may be named, a secret never)
  std::string hint{};   // what to do, where the message does not say it: "write: …"; else empty
};

using Problems = std::vector<Problem>;

/// `file:line:col: key: message`
std::string to_text(const Problem& problem);

/// By file, then by line and column. Files come in the order of `files`; those it does not name
/// after them, in the order in which each has its first problem.
void sort_by_place(Problems& problems, const std::vector<std::string>& files = {});

/// The candidate nearest to `word` when it is near enough to be a slip, else empty. For
/// did-you-mean.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace assembly_sync::core

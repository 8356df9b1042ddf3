// Our contender of the mapping's measurement, in a process of its own. Not thread-safe.
#pragma once

#include <string>

namespace assembly_sync::bench {

/// Maps a file of records, one a line, and writes the intents as JSON, one a line; all of it so
/// many times. Throws when a record is not mapped.
void map_file(const std::string& rules_file, const std::string& records, const std::string& output,
              int passes);

}  // namespace assembly_sync::bench

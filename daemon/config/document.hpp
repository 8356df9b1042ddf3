// The configuration's text as one tree: the main file and the files that its `include` names, each
// read once, with every node's own place. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.hpp"
#include "core/result.hpp"
#include "core/yaml.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::config {

/// The names of the blocks that an included file may hold.
const std::vector<std::string>& included_blocks();

/// The tree of `text` with what it includes merged in: maps joined, lists appended in the order of
/// the files. `files` gets all that were read, `file` first. Nothing when some file can't be read
/// as a map at all; then `problems` says why. Included files are looked for beside `file`; one that
/// `instead` names is taken with its text there.
std::optional<core::YamlNode> read_document(const std::string& file, const std::string& text,
                                            std::vector<ConfigFile>& files,
                                            core::Problems& problems,
                                            const std::vector<ConfigFile>& instead = {});

/// A regular file's content, at most one byte more than allowed. The error is what was got instead.
core::Result<std::string> read_config_file(const std::string& file);

/// The file's absolute path without dots: what tells one file from another.
std::string full_path(const std::string& file);

/// SHA-256 in hex; of a single file that of its text.
std::string hash_of(const std::vector<ConfigFile>& files);

}  // namespace assembly_sync::config

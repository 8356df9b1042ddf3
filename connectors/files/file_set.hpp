// Which files a path of the configuration names now, and what tells one state of them from another.
// Reads names and dates; no content but where a date can't be trusted. Pure but for the file
// system; thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace assembly_sync::connectors::files {

struct FileState {
  std::string path;  // whole
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  // since the epoch
  std::int64_t changed_ns = 0;   // of content, name or rights: no program can set it back

  bool operator==(const FileState&) const = default;
};

/// True when the file was written to so shortly before `now` that its writer may not be done.
bool is_fresh(const FileState& file, core::WallTime now);
/// How long a file must not have been written to, to be taken for finished.
inline constexpr std::chrono::milliseconds kQuiet{2000};

/// `*`, `?` and `[` name several files; a file of exactly this name comes first.
bool is_pattern(const std::string& path);

/// The state of one file. Rejected: "PATH: no such file", "PATH: is not a file".
ReadResult<FileState> state_of(const std::string& path);

/// The files that `path` names, by name in order of bytes. Rejected when there is none. Folders and
/// names that begin with a dot are not among those that a pattern names.
ReadResult<std::vector<FileState>> files_of(const std::string& path);

/// Short, and equal only for equal states of equal files.
std::string signature(const FileState& file);
std::string signature(const std::vector<FileState>& files);
/// As signature(), with the content of those files of which the dates may not tell everything:
/// small ones, which change within one tick of the clock, and those on file systems that keep whole
/// seconds only.
ReadResult<std::string> fingerprint(const std::vector<FileState>& files);

}  // namespace assembly_sync::connectors::files

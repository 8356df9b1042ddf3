// What the drills of a bad day share: changing the configuration, and what an operator saw, printed
// so that a run of the drills can be read like a diary. Not thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {

/// Replaces the one place of `from` in the world's configuration; fails the test when there is
/// none.
void edit_config(const World& world, const std::string& from, const std::string& to);

/// Changes every record of the CRM; the events that tell of it.
std::vector<core::Value> touch_all(World& world, const std::string& mark);

struct Answered {
  int status = 0;
  std::string retry_after;
};
/// Sends the events in one webhook.
Answered post(World& world, const std::vector<core::Value>& events);

/// The status and the whole answer of GET on the admin port.
core::HttpResponse get(World& world, const std::string& path, const std::string& accept = "");

/// Prints what an operator sees now: the lines of the status that ask for him, and /freshz.
void show(World& world, const std::string& what);
/// Prints the lines of the log that hold `mark`, the first of each.
void show_log(World& world, const std::string& mark);

/// A file system of its own that is so large, mounted at `folder`; gone with this. Only root may.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, int megabytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  /// It could be mounted; `why_not` says why else.
  bool is_there() const { return why_not_.empty(); }
  const std::string& why_not() const { return why_not_; }
  /// Leaves about so many bytes free (0 = none).
  void fill(std::int64_t leave_bytes) const;
  void relieve() const;
  void make_read_only(bool read_only) const;

 private:
  const std::filesystem::path folder_;
  const int megabytes_;
  std::string why_not_;
};

}  // namespace assembly_sync::test

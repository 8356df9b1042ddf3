// Waiting for the end of a long-running verb: SIGINT or SIGTERM; and for SIGHUP, which asks the
// daemon to load its configuration again.
#pragma once

#include <chrono>
#include <utility>

namespace assembly_sync::cli {

/// Blocks SIGINT and SIGTERM for this thread and all it starts; make it before any other thread.
/// The previous mask comes back at the end.
class StopSignals {
 public:
  /// `reloads`: SIGHUP is waited for too; else it ends the process, as when a terminal closes.
  explicit StopSignals(bool reloads = false);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// True when a stop signal came within `at_most`.
  bool wait(std::chrono::milliseconds at_most);
  /// True when SIGHUP came since this was asked last.
  bool reload_asked() { return std::exchange(reload_asked_, false); }

 private:
  struct Mask;
  const bool reloads_;
  bool reload_asked_ = false;
  Mask* before_;
};

}  // namespace assembly_sync::cli

// Waiting for the end of a long-running verb: SIGINT or SIGTERM.
#pragma once

#include <chrono>

namespace assembly_sync::cli {

/// Blocks SIGINT and SIGTERM for this thread and all it starts; make it before any other thread.
/// The previous mask comes back at the end.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// True when a stop signal came within `at_most`.
  bool wait(std::chrono::milliseconds at_most);

 private:
  struct Mask;
  Mask* before_;
};

}  // namespace assembly_sync::cli

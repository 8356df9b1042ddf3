// Progress of a long verb: a bar that overwrites itself on a terminal, a line every ten seconds
// elsewhere. Not thread-safe.
#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>

#include "core/clock.hpp"

namespace assembly_sync::cli {

class Progress {
 public:
  Progress(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  /// `share` in [0, 1] is drawn as a bar; nothing = the end is not known yet.
  void show(const std::string& text, std::optional<double> share, core::SteadyTime now);
  /// Ends the bar's line, so that other text can follow.
  void end();

 private:
  std::ostream& out_;
  const bool terminal_;
  bool drawn_ = false;
  std::optional<core::SteadyTime> last_;
};

}  // namespace assembly_sync::cli

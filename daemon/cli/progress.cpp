#include "daemon/cli/progress.hpp"

#include <algorithm>
#include <ostream>

namespace assembly_sync::cli {

using namespace std::chrono_literals;

void Progress::show(const std::string& text, std::optional<double> share, core::SteadyTime now) {
  constexpr int kWidth = 24;
  const auto pause = terminal_ ? std::chrono::nanoseconds(200ms) : std::chrono::nanoseconds(10s);
  if (last_ && now - *last_ < pause) return;
  last_ = now;
  if (!terminal_) {
    out_ << text << std::endl;
    return;
  }
  std::string bar;
  if (share) {
    const int filled = static_cast<int>(std::clamp(*share, 0.0, 1.0) * kWidth);
    bar = '[' + std::string(static_cast<std::size_t>(filled), '#') +
          std::string(static_cast<std::size_t>(kWidth - filled), '.') + "] ";
  }
  out_ << "\r\x1b[K" << bar << text << std::flush;
  drawn_ = true;
}

void Progress::end() {
  if (drawn_) out_ << '\n';
  drawn_ = false;
}

}  // namespace assembly_sync::cli

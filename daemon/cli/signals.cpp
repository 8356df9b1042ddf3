#include "daemon/cli/signals.hpp"

#include <csignal>
#include <ctime>

namespace assembly_sync::cli {

struct StopSignals::Mask {
  sigset_t set;
};

namespace {

sigset_t awaited(bool reloads) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (reloads) sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

StopSignals::StopSignals(bool reloads) : reloads_(reloads), before_(new Mask) {
  const sigset_t set = awaited(reloads_);
  pthread_sigmask(SIG_BLOCK, &set, &before_->set);
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is an error like a full disk, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
}

StopSignals::~StopSignals() {
  // A stop signal that came while nobody waited must not end the process now.
  const sigset_t set = awaited(reloads_);
  const timespec none{0, 0};
  while (sigtimedwait(&set, nullptr, &none) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_->set, nullptr);
  delete before_;
}

bool StopSignals::wait(std::chrono::milliseconds at_most) {
  const sigset_t set = awaited(reloads_);
  const timespec span{static_cast<std::time_t>(at_most.count() / 1000),
                      static_cast<long>(at_most.count() % 1000) * 1'000'000};
  const int signal = sigtimedwait(&set, nullptr, &span);
  if (signal == SIGHUP) reload_asked_ = true;
  return signal > 0 && signal != SIGHUP;
}

}  // namespace assembly_sync::cli

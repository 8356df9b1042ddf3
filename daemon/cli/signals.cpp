#include "daemon/cli/signals.hpp"

#include <csignal>
#include <ctime>

namespace assembly_sync::cli {

struct StopSignals::Mask {
  sigset_t set;
};

namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() : before_(new Mask) {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, &before_->set);
  std::signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
  // A stop signal that came while nobody waited must not end the process now.
  const sigset_t set = stop_set();
  const timespec none{0, 0};
  while (sigtimedwait(&set, nullptr, &none) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_->set, nullptr);
  delete before_;
}

bool StopSignals::wait(std::chrono::milliseconds at_most) {
  const sigset_t set = stop_set();
  const timespec span{static_cast<std::time_t>(at_most.count() / 1000),
                      static_cast<long>(at_most.count() % 1000) * 1'000'000};
  return sigtimedwait(&set, nullptr, &span) > 0;
}

}  // namespace assembly_sync::cli

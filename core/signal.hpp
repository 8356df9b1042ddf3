// Signal: "something changed, look again". A waiter that looks first and waits then with the ticket
// it took before looking can't miss a change. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace assembly_sync::core {

class Signal {
 public:
  using Ticket = std::uint64_t;

  Ticket ticket() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  void raise() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    wake_.notify_all();
  }
  /// Returns when raise() was called after `seen` was taken, after `at_most`, or on stop.
  void wait(Ticket seen, std::chrono::milliseconds at_most, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, at_most, [&] { return count_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  Ticket count_ = 0;
};

}  // namespace assembly_sync::core

// One thread that makes pages, so that the listener's own never waits for the store: health and
// metrics are answered whatever a page costs. Jobs are done one after the other; a job must not
// throw. post() is thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace assembly_sync::console {

class Worker {
 public:
  /// Takes at most `most` waiting jobs.
  explicit Worker(std::size_t most)
      : most_(most), thread_([this](const std::stop_token& stop) { work(stop); }) {}
  /// What waits is dropped.
  ~Worker() = default;

  /// False when too many wait.
  bool post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      if (jobs_.size() >= most_) return false;
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
  }

 private:
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      if (stop.stop_requested()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  std::jthread thread_;                     // last: ends before what it uses
};

}  // namespace assembly_sync::console

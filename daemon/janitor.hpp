// Janitor: once a second, what nobody else has time for. It writes down that the program is alive,
// notices a wall clock that was set back, tells senders to wait when the store has no room, and
// sweeps out what is kept no longer. A part of the composition root. Owner: start() once; the rest
// is thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "daemon/config/config.hpp"
#include "daemon/disk_guard.hpp"
#include "daemon/store/store.hpp"
#include "daemon/surroundings.hpp"

namespace assembly_sync::app {

struct JanitorPorts {
  /// Somebody waits for this program's answers: time in which it is away counts. Not so of a run on
  /// its own.
  bool is_awaited = true;
  std::function<std::shared_ptr<const config::Config>()> config;  // that in force
  /// Senders and sources must wait, and why; nullptr = they need not.
  std::function<void(const char* why)> set_full;
  /// What is only drawn: it must not keep the rest from being done.
  std::function<void()> sample;
};

class Janitor {
 public:
  Janitor(store::Store& store, DiskGuard& disk, const Surroundings& around, JanitorPorts ports);

  void start();
  void request_stop() { thread_.request_stop(); }
  void join();

  /// The program is back: since when it was away, for every source to catch up on. A clock that was
  /// set back meanwhile is corrected.
  void note_return(const config::Config& config);
  void note_alive();

 private:
  struct Look {
    std::int64_t wall_ms = 0;
    core::SteadyTime steady{};
  };

  void work(const std::stop_token& stop);
  void look_at_clock();
  void correct_times(std::int64_t back_ms);
  void look_for_room();
  void clean_up(const std::stop_token& stop);
  std::int64_t now_ms() const { return core::to_ms(around_.clock.wall_now()); }

  store::Store& store_;
  DiskGuard& disk_;
  const Surroundings around_;
  const JanitorPorts ports_;
  Look last_look_;  // its own thread
  std::jthread thread_;
};

}  // namespace assembly_sync::app

// Dispatcher: steps 5 to 8. One thread waits for the budget, claims the best change of that moment
// and hands it to an idle worker, which makes the call and settles it. So a live change that
// arrives while a backfill drains takes the very next turn.
//
// An Unauthorized answer closes the gate (View::key_refused_ms): nothing is sent, everything is
// kept, and one call at a time tries again after 5 s, 10 s, … at most 5 minutes.
//
// Owner: start() once, stop() once. stats() is thread-safe.
#pragma once

#include <chrono>
#include <memory>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/delivery/labels.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::delivery {

struct DispatcherParts {
  store::Store& store;
  const assembly::Client& client;
  Budget& budget;
  Labels& labels;
  core::Clock& clock;
  core::Random& random;
  telemetry::Log& log;
  /// How long the directory is believed; when it is older, a creation looks first (lookup.hpp).
  std::chrono::milliseconds directory_age;
};

class Dispatcher {
 public:
  Dispatcher(DispatcherParts parts, int max_in_flight);
  ~Dispatcher();

  void start();
  /// Claims nothing more and waits for the calls under way; true when all were settled within
  /// `grace`. Call interrupt-capable transports' close afterwards, then join().
  bool stop(std::chrono::milliseconds grace);
  void join();

  /// Moves whenever the loop turns or a call ends: what the watchdog looks at.
  std::uint64_t heartbeat() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::delivery

// App: the composition root. The one place that knows every part; it builds them in the order in
// which they need each other and takes them down in reverse. Used by `run`, by a one-shot
// `backfill`, by `demo` and by tests.
//
// Owner: create, start() once, stop() once. status(), ports and heartbeat() are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/value.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::app {

struct Surroundings {
  core::Clock& clock;
  core::Random& random;
  telemetry::Log& log;
};

struct AppOptions {
  bool listen = true;  // false: a one-shot process without webhooks and admin port
};

class App {
 public:
  /// Opens the store (taking its lock), binds the ports. Nothing runs yet. Throws
  /// std::runtime_error when a port is taken.
  static tl::expected<std::unique_ptr<App>, store::OpenError> create(config::Config config,
                                                                     Surroundings around,
                                                                     AppOptions options = {});
  ~App();

  void start();
  /// Stops receiving, lets calls under way finish for at most `grace`, cuts the rest off (they are
  /// settled as ambiguous), ends all threads. Everything not done is in the store.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds{6});

  store::Store& store();
  const config::Config& config() const;
  core::Value status() const;
  std::string webhook_url() const;  // empty without a listener
  std::string admin_url() const;
  /// Grows while the pipeline turns; a value that stands still means that a thread hangs.
  std::uint64_t heartbeat() const;

 private:
  class Impl;
  explicit App(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::app

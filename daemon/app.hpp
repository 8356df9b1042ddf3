// App: the composition root. The one place that knows every part; it builds them in the order in
// which they need each other and takes them down in reverse. What lasts as long as the process (the
// store, the listeners, the janitor) is here; what a configuration decides is in Receiving and
// Sending, which reload() replaces. Used by `run`, by a one-shot `backfill`, by `demo` and by
// tests.
//
// Owner: create, start() once, reload() now and then, stop() once. status(), config(), ports and
// heartbeat() are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/disk.hpp"
#include "core/result.hpp"
#include "core/value.hpp"
#include "daemon/config/config.hpp"
#include "daemon/store/store.hpp"
#include "daemon/surroundings.hpp"

namespace assembly_sync::app {

struct AppOptions {
  bool listen = true;  // false: a one-shot process without webhooks and admin port
  std::shared_ptr<const core::Disk> disk = core::system_disk();
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

  /// What a reload came to.
  struct Reloaded {
    store::ConfigVersion version;
    bool changed = false;  // another configuration than before; false: it was only read again
    bool remaps = false;   // the mapping differs: mirrored records are mapped again
  };
  /// Puts another configuration in force, which has passed all checks (I13): all or nothing. No
  /// webhook is refused meanwhile and nothing in the store is touched but by the new mapping: where
  /// that differs, all mirrored records are mapped again in the backfill lane. The error says why
  /// it can't be done without a restart; then everything goes on as before.
  core::Result<Reloaded> reload(config::Config config);

  store::Store& store();
  /// The one in force.
  std::shared_ptr<const config::Config> config() const;
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

// A network with jitter, for one client: an HTTP proxy that holds each request back for a random
// time of its own on the way there, and its answer on the way back. Requests overtake each other.
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/clock.hpp"

namespace assembly_sync::bench {

class JitterProxy {
 public:
  /// Listens at once; each way takes 0 to `range` longer, evenly distributed.
  JitterProxy(std::string target_url, std::chrono::milliseconds range, core::Clock& clock);
  ~JitterProxy();
  std::string url() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::bench

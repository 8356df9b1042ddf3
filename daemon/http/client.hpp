// HttpTransport over real sockets (Poco Net / NetSSL): keep-alive connections kept in a pool per
// host, TLS verified against the system's certificates with host-name check, no redirect followed,
// answers capped. Connections opened <= calls under way at once (T23). Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "core/clock.hpp"
#include "core/http.hpp"

namespace assembly_sync::http {

class PooledTransport final : public core::HttpTransport {
 public:
  /// From now on the process ignores SIGPIPE: OpenSSL writes without MSG_NOSIGNAL.
  explicit PooledTransport(core::Clock& clock);
  ~PooledTransport() override;

  /// A reused connection that turns out closed before a byte of the answer came, on a request that
  /// wrote nothing or whose write failed at once, is opened anew once; any other break is reported
  /// with reached_server = true.
  tl::expected<core::HttpResponse, core::HttpFailure> send(
      const core::HttpRequest& request) override;

  /// Cuts off the calls under way (they fail as after a time-out) and refuses new ones: the program
  /// is stopping. Can't be undone.
  void shut_down();

  /// Connections opened since construction, for metrics and T23.
  std::uint64_t opened() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::http

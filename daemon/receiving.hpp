// Receiving: everything between the CRMs and the outbox, built from one configuration: webhooks,
// resolvers, runs. A part of the composition root; a changed configuration replaces it while the
// store and the listeners stay.
//
// Owner: start() once, stop() once; the rest is thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/http/server.hpp"
#include "daemon/intake/mirror_scope.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/intake/webhooks.hpp"
#include "daemon/sending.hpp"
#include "daemon/store/store.hpp"
#include "daemon/surroundings.hpp"

namespace assembly_sync::app {

std::vector<intake::PulledSource> pulled_sources(const config::Config& config);

class Receiving {
 public:
  /// `sending` is kept as long as this needs it. `polls`: sources are asked without an order.
  /// `answered`: told of each answer to a webhook.
  Receiving(const config::Config& config, Surroundings around, store::Store& store,
            std::shared_ptr<Sending> sending, intake::MirrorScope scope, bool polls,
            intake::Webhooks::Answered answered);
  ~Receiving();

  void start();
  /// stop() will follow.
  void request_stop();
  /// Ends all threads at the next place where nothing is half done; a call to a CRM that takes
  /// longer than `grace` is cut off. Webhooks are received all the same.
  void stop(std::chrono::milliseconds grace);

  /// A request to the webhook listener; also before start() and after stop().
  void handle_webhook(http::Request request, const http::Responder& responder);
  /// Why senders are told to wait (I12), a literal; nullptr = they are not.
  void set_full(const char* why);
  std::uint64_t heartbeat() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::app

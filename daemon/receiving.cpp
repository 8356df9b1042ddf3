#include "daemon/receiving.hpp"

#include <thread>

#include "daemon/http/client.hpp"
#include "daemon/intake/backfill.hpp"
#include "daemon/intake/catalogues.hpp"
#include "daemon/intake/hook_care.hpp"
#include "daemon/intake/poller.hpp"
#include "daemon/intake/resolver.hpp"
#include "daemon/intake/run_order.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

std::vector<intake::WebhookSource> webhook_sources(const config::Config& config) {
  std::vector<intake::WebhookSource> sources;
  for (const config::SourceConfig& source : config.sources) {
    if (source.connector->takes_webhooks()) sources.push_back({source.name, source.connector});
  }
  return sources;
}

/// Orders that all records are mapped again.
std::function<void(store::Tx&)> remap_of(const config::Config& config,
                                         const intake::MirrorScope& scope, core::Clock& clock) {
  return [sources = pulled_sources(config), scope, &clock](store::Tx& tx) {
    intake::order_remap(tx, sources, scope, core::to_ms(clock.wall_now()));
  };
}

}  // namespace

std::vector<intake::PulledSource> pulled_sources(const config::Config& config) {
  std::vector<intake::PulledSource> sources;
  for (const config::SourceConfig& source : config.sources) {
    sources.push_back({source.name,
                       source.connector,
                       {.every = source.poll.every,
                        .sweep = source.poll.sweep,
                        .max_shrink_percent = source.poll.max_shrink_percent}});
  }
  return sources;
}

class Receiving::Impl {
 public:
  Impl(const config::Config& config, Surroundings around, store::Store& store,
       std::shared_ptr<Sending> sending, const intake::MirrorScope& scope, bool polls,
       intake::Webhooks::Answered answered)
      : around_(around),
        sending_(std::move(sending)),
        transport_(around.clock),
        mapper_(config.rules, std::make_shared<intake::Catalogues>(intake::CatalogueParts{
                                  .store = &store,
                                  .transport = transport_,
                                  .clock = around.clock,
                                  .log = around.log,
                                  .on_change = remap_of(config, scope, around.clock)})),
        webhooks_(webhook_sources(config), config.listen.public_url, store, around.clock,
                  around.log, std::move(answered)),
        backfill_({pulled_sources(config), mapper_, store, transport_, around.clock, around.log,
                   [this](store::RowId run, const std::stop_token& stop) {
                     return sending_->refresh_directory(run, stop);
                   },
                   scope}) {
    for (const config::SourceConfig& source : config.sources) {
      resolvers_.push_back(std::make_unique<intake::Resolver>(
          intake::ResolverParts{source.name, source.connector, mapper_, store, transport_,
                                around.clock, around.log, scope}));
    }
    if (!polls) return;
    hook_care_ = std::make_unique<intake::HookCare>(
        intake::HookCareParts{pulled_sources(config), config.listen.public_url, config.rules,
                              transport_, around.clock, around.log});
    for (const intake::PulledSource& source : pulled_sources(config)) {
      pollers_.push_back(std::make_unique<intake::Poller>(
          intake::PollerParts{source, mapper_, store, transport_, around.clock, around.log}));
    }
  }

  void start() {
    for (const auto& resolver : resolvers_) resolver->start();
    for (const auto& poller : pollers_) poller->start();
    if (hook_care_) hook_care_->start();
    backfill_.start();
  }

  void request_stop() {
    for (const auto& resolver : resolvers_) resolver->request_stop();
    for (const auto& poller : pollers_) poller->request_stop();
    if (hook_care_) hook_care_->request_stop();
    backfill_.request_stop();
  }

  void stop(std::chrono::milliseconds grace) {
    request_stop();
    {
      const std::jthread cutter([this, grace](const std::stop_token& joined) {
        if (around_.clock.sleep_for(grace, joined)) transport_.shut_down();
      });
      for (const auto& resolver : resolvers_) resolver->join();
      for (const auto& poller : pollers_) poller->join();
      if (hook_care_) hook_care_->join();
      backfill_.join();
    }
    transport_.shut_down();
  }

  void handle_webhook(http::Request request, const http::Responder& responder) {
    webhooks_.handle(std::move(request), responder);
  }
  void set_full(const char* why) { webhooks_.set_full(why); }

  std::uint64_t heartbeat() const {
    std::uint64_t sum = backfill_.heartbeat();
    for (const auto& resolver : resolvers_) sum += resolver->heartbeat();
    for (const auto& poller : pollers_) sum += poller->heartbeat();
    return sum;
  }

 private:
  // In the order of need; destroyed in reverse.
  const Surroundings around_;
  const std::shared_ptr<Sending> sending_;
  http::PooledTransport transport_;
  intake::Mapper mapper_;
  intake::Webhooks webhooks_;
  std::vector<std::unique_ptr<intake::Resolver>> resolvers_;
  std::vector<std::unique_ptr<intake::Poller>> pollers_;
  std::unique_ptr<intake::HookCare> hook_care_;
  intake::Backfill backfill_;
};

Receiving::Receiving(const config::Config& config, Surroundings around, store::Store& store,
                     std::shared_ptr<Sending> sending, intake::MirrorScope scope, bool polls,
                     intake::Webhooks::Answered answered)
    : impl_(std::make_unique<Impl>(config, around, store, std::move(sending), scope, polls,
                                   std::move(answered))) {}
Receiving::~Receiving() = default;
void Receiving::start() {
  impl_->start();
}
void Receiving::request_stop() {
  impl_->request_stop();
}
void Receiving::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}
void Receiving::handle_webhook(http::Request request, const http::Responder& responder) {
  impl_->handle_webhook(std::move(request), responder);
}
void Receiving::set_full(const char* why) {
  impl_->set_full(why);
}
std::uint64_t Receiving::heartbeat() const {
  return impl_->heartbeat();
}

}  // namespace assembly_sync::app

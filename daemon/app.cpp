#include "daemon/app.hpp"

#include <atomic>
#include <thread>

#include "daemon/assembly/client.hpp"
#include "daemon/console/admin.hpp"
#include "daemon/console/status.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/delivery/directory.hpp"
#include "daemon/delivery/dispatcher.hpp"
#include "daemon/delivery/labels.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/server.hpp"
#include "daemon/intake/backfill.hpp"
#include "daemon/intake/resolver.hpp"
#include "daemon/intake/webhooks.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

/// A directory younger than this is believed by a backfill.
constexpr auto kBackfillDirectoryAge = 1h;
/// So often the directory's age is looked at.
constexpr auto kDirectoryLook = 60s;
/// After lists that could not be read to their end.
constexpr auto kDirectoryRetry = 3600s;
constexpr auto kJanitorPause = 1s;
constexpr int kSweepRows = 500;

std::vector<intake::WebhookSource> webhook_sources(const config::Config& config) {
  std::vector<intake::WebhookSource> sources;
  for (const config::SourceConfig& source : config.sources) {
    if (source.connector->takes_webhooks()) sources.push_back({source.name, source.connector});
  }
  return sources;
}

std::vector<intake::BackfillSource> backfill_sources(const config::Config& config) {
  std::vector<intake::BackfillSource> sources;
  for (const config::SourceConfig& source : config.sources) {
    sources.push_back({source.name, source.connector});
  }
  return sources;
}

assembly::ClientSettings client_settings(const config::AssemblyConfig& assembly) {
  return {assembly.base_url, assembly.api_key, assembly.timeout};
}

}  // namespace

class App::Impl {
 public:
  Impl(config::Config config, Surroundings around, AppOptions options,
       std::unique_ptr<store::Store> store)
      : config_(std::move(config)),
        around_(around),
        store_(std::move(store)),
        ledger_(delivery::BudgetLedger::open(config_.store_path + ".budget",
                                             around.clock.steady_now())),
        assembly_transport_(around.clock),
        source_transport_(around.clock),
        client_(assembly_transport_, around.clock, client_settings(config_.assembly)),
        budget_(config_.assembly.rate_per_second, *ledger_, around.clock),
        labels_({config_.labels.create, config_.labels.colors, config_.labels.description}, client_,
                budget_, *store_, around.clock),
        directory_(client_, budget_, labels_, *store_, around.clock, around.log),
        dispatcher_({*store_, client_, budget_, labels_, around.clock, around.random, around.log,
                     config_.assembly.directory_age},
                    config_.assembly.max_in_flight),
        mapper_(config_.rules, std::make_shared<intake::Catalogues>(
                                   intake::CatalogueParts{.store = store_.get(),
                                                          .transport = source_transport_,
                                                          .clock = around.clock,
                                                          .log = around.log})),
        webhooks_(webhook_sources(config_), config_.listen.public_url, *store_, around.clock,
                  around.log),
        backfill_({backfill_sources(config_), mapper_, *store_, source_transport_, around.clock,
                   around.log,
                   [this](store::RowId run, const std::stop_token& stop) {
                     return directory_.refresh(
                         std::min<std::chrono::milliseconds>(kBackfillDirectoryAge,
                                                             config_.assembly.directory_age),
                         {core::Lane::backfill, run}, stop);
                   }}),
        admin_([this] { return status(); }) {
    for (const config::SourceConfig& source : config_.sources) {
      resolvers_.push_back(std::make_unique<intake::Resolver>(
          intake::ResolverParts{source.name, source.connector, mapper_, *store_, source_transport_,
                                around.clock, around.log}));
    }
    if (options.listen) bind();
  }

  void start() {
    store_->write(store::Urgency::live, [&](store::Tx& tx) {
      tx.record_config(config_.hash, core::to_ms(around_.clock.wall_now()));
    });
    dispatcher_.start();
    for (const auto& resolver : resolvers_) resolver->start();
    backfill_.start();
    janitor_ = std::jthread([this](const std::stop_token& stop) { keep_house(stop); });
    if (webhook_server_) {  // a one-shot process leaves it to its backfill
      directory_thread_ =
          std::jthread([this](const std::stop_token& stop) { keep_directory(stop); });
    }
    if (webhook_server_) webhook_server_->start();
    if (admin_server_) admin_server_->start();
    around_.log.info("started", {{"webhooks", webhook_server_ ? webhook_server_->url() : "off"},
                                 {"admin", admin_server_ ? admin_server_->url() : "off"},
                                 {"store", config_.store_path}});
  }

  void stop(std::chrono::milliseconds grace) {
    if (stopped_.exchange(true)) return;
    around_.log.info("stopping");
    if (webhook_server_) webhook_server_->stop();
    for (const auto& resolver : resolvers_) resolver->request_stop();
    backfill_.request_stop();
    janitor_.request_stop();
    directory_thread_.request_stop();
    source_transport_.shut_down();
    const bool settled = dispatcher_.stop(grace);
    if (!settled)
      around_.log.warn("calls_cut_off",
                       {{"what", "calls under way at the stop are settled as ambiguous"}});
    assembly_transport_.shut_down();
    dispatcher_.join();
    for (const auto& resolver : resolvers_) resolver->join();
    backfill_.join();
    if (janitor_.joinable()) janitor_.join();
    if (directory_thread_.joinable()) directory_thread_.join();
    if (admin_server_) admin_server_->stop();
    around_.log.info("stopped");
  }

  core::Value status() const {
    console::StatusInputs inputs;
    inputs.rate_per_second = config_.assembly.rate_per_second;
    inputs.used_last_second = budget_.used_last_second();
    for (const config::SourceConfig& source : config_.sources)
      inputs.sources.push_back(source.name);
    inputs.now_ms = core::to_ms(around_.clock.wall_now());
    core::Value status = console::status(*store_, inputs);
    status.set("authorized", dispatcher_.authorized());
    return status;
  }

  std::uint64_t heartbeat() const {
    std::uint64_t sum = dispatcher_.heartbeat() + backfill_.heartbeat();
    for (const auto& resolver : resolvers_) sum += resolver->heartbeat();
    return sum;
  }

  store::Store& store() { return *store_; }
  const config::Config& config() const { return config_; }
  std::string webhook_url() const { return webhook_server_ ? webhook_server_->url() : ""; }
  std::string admin_url() const { return admin_server_ ? admin_server_->url() : ""; }

 private:
  void bind() {
    webhook_server_ = std::make_unique<http::Server>(
        config_.listen.webhooks, [this](http::Request request, const http::Responder& responder) {
          webhooks_.handle(std::move(request), responder);
        });
    admin_server_ = std::make_unique<http::Server>(
        config_.listen.admin,
        [this](const http::Request& request, const http::Responder& responder) {
          admin_.handle(request, responder);
        });
  }

  void keep_house(const std::stop_token& stop) {
    while (around_.clock.sleep_for(kJanitorPause, stop)) {
      try {
        const std::int64_t now_ms = core::to_ms(around_.clock.wall_now());
        const auto totals = store_->read([](const store::View& view) { return view.totals(); });
        webhooks_.set_full(store::at_limit(totals));
        // Again while there is more than one transaction should take: a burst must not outgrow it.
        std::int64_t removed = 0;
        do {
          store_->write(store::Urgency::bulk, [&](store::Tx& tx) {
            delivery::recover(tx, false, now_ms);
            removed = tx.sweep(now_ms, kSweepRows);
          });
        } while (removed >= kSweepRows && !stop.stop_requested());
      } catch (const std::exception& error) {
        around_.log.error("housekeeping_failed", {{"error", error.what()}});
      }
    }
  }

  void keep_directory(const std::stop_token& stop) {
    const auto age = config_.assembly.directory_age;
    std::chrono::seconds pause = kDirectoryLook;
    do {
      try {
        directory_.refresh(age, {core::Lane::audit}, stop);
        const std::int64_t now_ms = core::to_ms(around_.clock.wall_now());
        const bool complete = store_->read([&](const store::View& view) {
          return delivery::directory_is_fresh(view, age, now_ms);
        });
        pause = complete ? kDirectoryLook : kDirectoryRetry;
      } catch (const std::exception& error) {
        around_.log.error("directory_failed", {{"error", error.what()}});
      }
    } while (around_.clock.sleep_for(pause, stop));
  }

  // In the order of need; destroyed in reverse.
  const config::Config config_;
  const Surroundings around_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<delivery::BudgetLedger> ledger_;
  http::PooledTransport assembly_transport_;
  http::PooledTransport source_transport_;
  assembly::Client client_;
  delivery::Budget budget_;
  delivery::Labels labels_;
  delivery::DirectoryReader directory_;
  delivery::Dispatcher dispatcher_;
  intake::Mapper mapper_;
  intake::Webhooks webhooks_;
  std::vector<std::unique_ptr<intake::Resolver>> resolvers_;
  intake::Backfill backfill_;
  console::Admin admin_;
  std::unique_ptr<http::Server> webhook_server_;
  std::unique_ptr<http::Server> admin_server_;
  std::jthread janitor_;
  std::jthread directory_thread_;
  std::atomic<bool> stopped_{false};
};

tl::expected<std::unique_ptr<App>, store::OpenError> App::create(config::Config config,
                                                                 Surroundings around,
                                                                 AppOptions options) {
  auto store = store::Store::open(config.store_path, around.clock);
  if (!store) return tl::unexpected(store.error());
  return std::unique_ptr<App>(
      new App(std::make_unique<Impl>(std::move(config), around, options, std::move(*store))));
}

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() {
  impl_->stop(0ms);
}
void App::start() {
  impl_->start();
}
void App::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}
store::Store& App::store() {
  return impl_->store();
}
const config::Config& App::config() const {
  return impl_->config();
}
core::Value App::status() const {
  return impl_->status();
}
std::string App::webhook_url() const {
  return impl_->webhook_url();
}
std::string App::admin_url() const {
  return impl_->admin_url();
}
std::uint64_t App::heartbeat() const {
  return impl_->heartbeat();
}

}  // namespace assembly_sync::app

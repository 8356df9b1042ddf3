#include "daemon/app.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/unguessable.hpp"
#include "daemon/admin_token.hpp"
#include "daemon/answer_ports.hpp"
#include "daemon/answers/status.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/excerpt.hpp"
#include "daemon/console/console.hpp"
#include "daemon/delivery/budget_ledger.hpp"
#include "daemon/disk_guard.hpp"
#include "daemon/http/server.hpp"
#include "daemon/intake/run_order.hpp"
#include "daemon/janitor.hpp"
#include "daemon/measuring.hpp"
#include "daemon/receiving.hpp"
#include "daemon/sending.hpp"
#include "daemon/sync/lineage.hpp"
#include "daemon/workbench.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

/// Calls to Assembly under way when its block of the configuration changes.
constexpr auto kReloadGrace = 6s;
/// Calls to a CRM under way at a reload.
constexpr auto kReadGrace = 3s;
constexpr const char* kMappingNote = "mapping_hash";

/// For the store: see Tx::record_config().
std::string files_text(const config::Config& config) {
  core::Value files = core::Value::list();
  for (const config::ConfigFile& file : config.files) {
    files.as_list().push_back(
        core::Value::object({{"path", config::full_path(file.path)}, {"text", file.text}}));
  }
  return core::dump_json(files);
}

/// The setting that needs a restart because of this difference; nothing when none does.
std::optional<std::string> needs_restart(const config::Config& before,
                                         const config::Config& after) {
  const auto differs = [](const std::string& key, const std::string& from, const std::string& to) {
    return key + " changed from " + from + " to " + to + ", which needs a restart";
  };
  if (before.store_path != after.store_path) {
    return differs("store.path", before.store_path, after.store_path);
  }
  if (before.listen.webhooks != after.listen.webhooks) {
    return differs("listen.webhooks", before.listen.webhooks, after.listen.webhooks);
  }
  if (before.listen.admin != after.listen.admin) {
    return differs("listen.admin", before.listen.admin, after.listen.admin);
  }
  return std::nullopt;
}

/// When the source is stale. What is neither asked nor was given an age may be quiet for ever.
answers::FreshRules::Source fresh_rule(const config::SourceConfig& source,
                                       const mapping::Rules& rules) {
  if (source.poll.every.count() == 0) return {source.poll.fresh.count(), false};
  const connectors::Connector& connector = *source.connector;
  const auto objects = connector.objects();
  // As the poller does: without a first backfill the others are not listed by the clock.
  const bool is_asked = std::any_of(objects.begin(), objects.end(), [&](const auto& object) {
    return rules.reads(source.name, object) &&
           (connector.finds_changes(object) ||
            (connector.lists_objects() && !connector.takes_webhooks()));
  });
  return is_asked ? answers::FreshRules::Source{source.poll.fresh.count(), true}
                  : answers::FreshRules::Source{};
}

/// What a configuration says of Sending is the same.
bool sends_alike(const config::Config& a, const config::Config& b) {
  return a.assembly == b.assembly && a.labels == b.labels;
}

}  // namespace

class App::Impl {
 public:
  Impl(config::Config config, Surroundings around, AppOptions options,
       std::unique_ptr<Measuring> measuring, std::unique_ptr<store::Store> store)
      : around_(around),
        options_(options),
        measuring_(std::move(measuring)),
        store_(std::move(store)),
        disk_(options.disk, config.store_path, around.log),
        ledger_(
            delivery::BudgetLedger::open(config.store_path + ".budget", around.clock.steady_now())),
        force_{std::make_shared<const config::Config>(std::move(config)), {}, {}, {}},
        workbench_(*store_, around, [this] { return this->config(); }),
        console_(console_ports()),
        janitor_(*store_, disk_, around, janitor_ports()) {
    if (options.listen) bind();
  }

  void start() {
    InForce force = in_force();
    Entered entered = enter(*force.config);
    if (options_.listen) janitor_.note_return(*force.config);
    force.sending = make_sending(*force.config);
    force.receiving = make_receiving(*force.config, force.sending, entered.scope);
    force.scope = std::move(entered.scope);
    put_in_force(force);
    force.sending->start(options_.listen);
    force.receiving->start();
    janitor_.start();
    if (webhook_server_) webhook_server_->start();
    if (admin_server_) admin_server_->start();
    around_.log.info("started", {{"webhooks", webhook_server_ ? webhook_server_->url() : "off"},
                                 {"admin", admin_server_ ? admin_server_->url() : "off"},
                                 {"admin_token", token_.file.empty() ? "configured" : token_.file},
                                 {"store", force.config->store_path},
                                 {"config", entered.version.version}});
  }

  core::Result<Reloaded> reload(config::Config config) {
    const InForce before = in_force();
    if (const auto why = needs_restart(*before.config, config)) return core::fail(*why);
    AdminToken token;
    try {
      if (options_.listen) token = admin_token(config);
    } catch (const std::exception& error) {
      return core::fail(error.what());
    }
    InForce after = before;
    after.config = std::make_shared<const config::Config>(std::move(config));
    before.receiving->stop(kReadGrace);
    Entered entered;
    try {
      entered = enter(*after.config);
    } catch (const std::exception& error) {
      after = before;
      after.receiving = make_receiving(*before.config, before.sending, before.scope);
      put_in_force(after);
      after.receiving->start();
      return core::fail(error.what());
    }
    if (!sends_alike(*before.config, *after.config)) {
      before.sending->stop(kReloadGrace);
      after.sending = make_sending(*after.config);
      after.sending->start(options_.listen);
    }
    if (options_.listen) set_token(std::move(token));
    after.receiving = make_receiving(*after.config, after.sending, entered.scope);
    after.scope = std::move(entered.scope);
    put_in_force(after);
    after.receiving->start();
    return Reloaded{entered.version, entered.changed, entered.remaps};
  }

  void stop(std::chrono::milliseconds grace) {
    if (stopped_.exchange(true)) return;
    around_.log.info("stopping");
    if (webhook_server_) webhook_server_->stop();
    janitor_.request_stop();
    const InForce force = in_force();
    // Receiving may wait for a list that Sending reads, Sending for nobody.
    if (force.receiving) force.receiving->request_stop();
    if (force.sending) force.sending->stop(grace);
    if (force.receiving) force.receiving->stop(0ms);
    janitor_.join();
    if (force.receiving && options_.listen) janitor_.note_alive();
    if (admin_server_) admin_server_->stop();
    around_.log.info("stopped");
  }

  core::Value status() const {
    const InForce force = in_force();
    answers::StatusInputs inputs;
    inputs.now_ms = now_ms();
    inputs.used_last_second = force.sending ? force.sending->used_last_second() : 0;
    inputs.disk_free_bytes = disk_.free_bytes();
    inputs.disk_low = disk_.low();
    inputs.store_failing = store_->failing();
    core::Value status = answers::status(*store_, inputs);
    if (force.sending) {
      core::Value budget = status.at("budget");
      budget.set("pace", force.sending->pace_per_second());
      status.set("budget", std::move(budget));
    }
    return status;
  }

  std::string metrics() const {
    core::Value document = status();
    core::Value::List limits = document.at("limits").as_list();
    const auto connections = [&](const char* of, const std::unique_ptr<http::Server>& server) {
      if (!server) return;
      limits.push_back(core::Value::object(
          {{"of", of},
           {"is", static_cast<std::int64_t>(server->connections())},
           {"most", static_cast<std::int64_t>(core::limits::kListenerConnections)}}));
    };
    connections("webhook_connections", webhook_server_);
    connections("admin_connections", admin_server_);
    document.set("limits", core::Value(std::move(limits)));
    return measuring_->text(document);
  }

  std::uint64_t heartbeat() const {
    const InForce force = in_force();
    return (force.sending ? force.sending->heartbeat() : 0) +
           (force.receiving ? force.receiving->heartbeat() : 0);
  }

  store::Store& store() { return *store_; }
  std::shared_ptr<const config::Config> config() const { return in_force().config; }
  std::string webhook_url() const { return webhook_server_ ? webhook_server_->url() : ""; }
  std::string admin_url() const { return admin_server_ ? admin_server_->url() : ""; }

 private:
  struct InForce {
    std::shared_ptr<const config::Config> config;
    std::shared_ptr<Sending> sending;      // null before start()
    std::shared_ptr<Receiving> receiving;  // null before start()
    intake::MirrorScope scope;
  };
  struct Entered {
    store::ConfigVersion version;
    bool changed = false;
    bool remaps = false;
    intake::MirrorScope scope;
  };

  std::int64_t now_ms() const { return core::to_ms(around_.clock.wall_now()); }

  InForce in_force() const {
    const std::lock_guard lock(mutex_);
    return force_;
  }
  void put_in_force(const InForce& force) {
    const std::lock_guard lock(mutex_);
    force_ = force;
  }

  std::shared_ptr<Sending> make_sending(const config::Config& config) {
    return std::make_shared<Sending>(config, around_, *store_, *ledger_);
  }
  std::shared_ptr<Receiving> make_receiving(const config::Config& config,
                                            std::shared_ptr<Sending> sending,
                                            const intake::MirrorScope& scope) {
    return std::make_shared<Receiving>(config, around_, *store_, std::move(sending), scope,
                                       options_.listen,
                                       [this](const core::SourceName& source, int status) {
                                         measuring_->answered(source, status);
                                       });
  }

  /// The configuration is recorded as the one in force, and what its mapping changes is ordered, in
  /// one transaction; nothing may be mapping at that moment.
  Entered enter(const config::Config& config) {
    const auto sources = pulled_sources(config);
    const std::int64_t now = now_ms();
    Entered entered;
    store_->write(store::Urgency::live, [&](store::Tx& tx) {
      const auto before = tx.config_version();
      const std::string mapping = tx.note(kMappingNote);
      entered.version = tx.record_config(config.hash, files_text(config), now);
      entered.changed = !before || before->version != entered.version.version;
      entered.scope = intake::MirrorScope::enter(tx, sources, *config.rules, now);
      tx.keep_passes_of(intake::read_streams(sources, *config.rules));
      entered.remaps = !mapping.empty() && mapping != config.mapping_hash;
      if (entered.remaps) {
        tx.keep_contributions_of(config.rules->names());
        intake::order_remap(tx, sources, entered.scope, now);
      }
      tx.set_note(kMappingNote, config.mapping_hash);
      sync::keep_history(tx, config.hashes_history, around_.random);
      answers::set_in_force(tx, in_force_of(config, now));
    });
    return entered;
  }

  static answers::InForce in_force_of(const config::Config& config, std::int64_t now_ms) {
    answers::InForce force;
    force.rate_per_second = config.assembly.rate_per_second;
    force.min_free_bytes = config.min_free_bytes;
    force.lineage_bytes = config.retention.lineage_bytes;
    force.fresh.pending_seconds = config.pending_limit.count();
    force.fresh.since_ms = now_ms;
    for (const config::SourceConfig& source : config.sources) {
      force.sources.push_back(source.name);
      force.fresh.sources[source.name] = fresh_rule(source, *config.rules);
    }
    return force;
  }

  void bind() {
    const config::ListenConfig& listen = force_.config->listen;
    set_token(admin_token(*force_.config));
    webhook_server_ = std::make_unique<http::Server>(
        listen.webhooks, [this](http::Request request, const http::Responder& responder) {
          in_force().receiving->handle_webhook(std::move(request), responder);
        });
    http::ServerLimits limits;
    limits.body_bytes = core::limits::kConsoleBodyBytes;
    limits.connections = core::limits::kConsoleConnections;
    admin_server_ = std::make_unique<http::Server>(
        listen.admin,
        [this](const http::Request& request, const http::Responder& responder) {
          console_.handle(request, responder);
        },
        limits);
  }

  void set_token(AdminToken token) {
    token_ = std::move(token);
    console_.set_token(token_.token);
  }

  console::Ports console_ports() {
    return {
        .store = *store_,
        .clock = around_.clock,
        .status = [this] { return status(); },
        .metrics = [this] { return metrics(); },
        .new_secret = core::unguessable_text,
        .listen_admin = force_.config->listen.admin,
        .shown_text = [](const std::string& text) { return config::without_secrets(text); },
        .workbench = workbench_ports(),
        .steps =
            [this](const store::View& view, const core::RecordRef& record,
                   const std::string& mapping, const std::string& attribute) {
              return steps_of(workbench_.mapper())(view, record, mapping, attribute);
            },
        .would_send =
            [this](const store::View& view, const core::RecordRef& record) {
              return would_send_of(workbench_.mapper())(view, record);
            },
        .reads_of = [this](const core::SourceName& source) { return reads_of(config())(source); },
        .recheck = [this](const store::QuarantinedWebhook& webhook,
                          bool unverified) { return recheck_of(config())(webhook, unverified); }};
  }

  JanitorPorts janitor_ports() {
    return {.is_awaited = options_.listen,
            .config = [this] { return config(); },
            .set_full = [this](const char* why) { in_force().receiving->set_full(why); },
            .sample = [this] { console_.sample(); }};
  }

  console::WorkbenchPorts workbench_ports() {
    return {
        .begin = [this](const std::string& file) { return workbench_.begin(file); },
        .record = [this](const std::string& object,
                         const std::string& id) { return workbench_.record(object, id); },
        .try_out = [this](const console::Draft& draft) { return workbench_.try_out(draft); },
        .save_test = [this](const console::Draft& draft) { return workbench_.save_test(draft); }};
  }

  // In the order of need; destroyed in reverse.
  const Surroundings around_;
  const AppOptions options_;
  const std::unique_ptr<Measuring> measuring_;
  std::unique_ptr<store::Store> store_;
  DiskGuard disk_;
  std::unique_ptr<delivery::BudgetLedger> ledger_;
  mutable std::mutex mutex_;
  InForce force_;  // guarded by mutex_
  AdminToken token_;
  const Workbench workbench_;
  console::Console console_;
  std::unique_ptr<http::Server> webhook_server_;
  std::unique_ptr<http::Server> admin_server_;
  Janitor janitor_;
  std::atomic<bool> stopped_{false};
};

tl::expected<std::unique_ptr<App>, store::OpenError> App::create(config::Config config,
                                                                 Surroundings around,
                                                                 AppOptions options) {
  auto measuring = std::make_unique<Measuring>();
  auto store =
      store::Store::open(config.store_path, around.clock, {.observer = measuring->observer()});
  if (!store) return tl::unexpected(store.error());
  return std::unique_ptr<App>(new App(std::make_unique<Impl>(
      std::move(config), around, options, std::move(measuring), std::move(*store))));
}

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() {
  impl_->stop(0ms);
}
void App::start() {
  impl_->start();
}
core::Result<App::Reloaded> App::reload(config::Config config) {
  return impl_->reload(std::move(config));
}
void App::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}
store::Store& App::store() {
  return impl_->store();
}
std::shared_ptr<const config::Config> App::config() const {
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

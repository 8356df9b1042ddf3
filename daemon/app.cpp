#include "daemon/app.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include "core/json.hpp"
#include "core/unguessable.hpp"
#include "daemon/console/limits_tmp.hpp"
#include "daemon/admin_token.hpp"
#include "daemon/answer_ports.hpp"
#include "daemon/answers/status.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/excerpt.hpp"
#include "daemon/console/console.hpp"
#include "daemon/delivery/budget_ledger.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/http/server.hpp"
#include "daemon/intake/run_order.hpp"
#include "daemon/receiving.hpp"
#include "daemon/sending.hpp"
#include "daemon/sync/lineage.hpp"
#include "daemon/workbench.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kJanitorPause = 1s;
constexpr int kSweepRows = 500;
/// Calls to Assembly under way when its block of the configuration changes.
constexpr auto kReloadGrace = 6s;
/// Calls to a CRM under way at a reload.
constexpr auto kReadGrace = 3s;
constexpr const char* kMappingNote = "mapping_hash";
/// When the program was last seen alive; written so often.
constexpr const char* kAliveNote = "alive_ms";
constexpr auto kAliveEvery = 15s;

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

/// What a configuration says of Sending is the same.
bool sends_alike(const config::Config& a, const config::Config& b) {
  return a.assembly == b.assembly && a.labels == b.labels;
}

}  // namespace

class App::Impl {
 public:
  Impl(config::Config config, Surroundings around, AppOptions options,
       std::unique_ptr<store::Store> store)
      : around_(around),
        options_(options),
        store_(std::move(store)),
        ledger_(
            delivery::BudgetLedger::open(config.store_path + ".budget", around.clock.steady_now())),
        force_{std::make_shared<const config::Config>(std::move(config)), {}, {}, {}},
        workbench_(*store_, around, [this] { return this->config(); }),
        console_(console_ports()) {
    if (options.listen) bind();
  }

  void start() {
    InForce force = in_force();
    Entered entered = enter(*force.config);
    note_absence(*force.config);
    force.sending = make_sending(*force.config);
    force.receiving = make_receiving(*force.config, force.sending, entered.scope);
    force.scope = std::move(entered.scope);
    put_in_force(force);
    force.sending->start(options_.listen);
    force.receiving->start();
    janitor_ = std::jthread([this](const std::stop_token& stop) { keep_house(stop); });
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
    if (janitor_.joinable()) janitor_.join();
    if (force.receiving) note_alive();
    if (admin_server_) admin_server_->stop();
    around_.log.info("stopped");
  }

  core::Value status() const {
    const InForce force = in_force();
    answers::StatusInputs inputs;
    inputs.used_last_second = force.sending ? force.sending->used_last_second() : 0;
    core::Value status = answers::status(*store_, inputs);
    status.set("authorized", !force.sending || force.sending->authorized());
    return status;
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
                                       options_.listen);
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
      answers::set_in_force(tx, in_force_of(config));
    });
    return entered;
  }

  /// Since when the program was away, for every source to catch up on.
  void note_absence(const config::Config& config) {
    if (!options_.listen) return;  // a run on its own: nobody waits for webhooks
    store_->write(store::Urgency::live, [&](store::Tx& tx) {
      const std::string alive = tx.note(kAliveNote);
      // A clock that was set back says nothing of how long it was.
      if (!alive.empty() && std::stoll(alive) < now_ms()) {
        for (const config::SourceConfig& source : config.sources) {
          tx.begin_catch_up(source.name, std::stoll(alive), now_ms());
          if (source.poll.every.count() == 0) tx.end_catch_up(source.name, now_ms());
        }
      }
      tx.set_note(kAliveNote, std::to_string(now_ms()));
    });
  }

  void note_alive() {
    if (!options_.listen) return;
    try {
      store_->write(store::Urgency::bulk,
                    [&](store::Tx& tx) { tx.set_note(kAliveNote, std::to_string(now_ms())); });
    } catch (const std::exception& error) {
      around_.log.error("housekeeping_failed", {{"error", error.what()}});
    }
  }

  static answers::InForce in_force_of(const config::Config& config) {
    answers::InForce force;
    force.rate_per_second = config.assembly.rate_per_second;
    for (const config::SourceConfig& source : config.sources) force.sources.push_back(source.name);
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
        .new_secret = core::unguessable_text,
        .listen_admin = force_.config->listen.admin,
        .shown_text = [](const std::string& text) { return config::without_secrets(text); },
        .workbench = workbench_ports(),
        .would_send =
            [this](const store::View& view, const core::RecordRef& record) {
              return would_send_of(workbench_.mapper())(view, record);
            },
        .reads_of = [this](const core::SourceName& source) { return reads_of(config())(source); },
        .recheck = [this](const store::QuarantinedWebhook& webhook,
                          bool unverified) { return recheck_of(config())(webhook, unverified); }};
  }

  console::WorkbenchPorts workbench_ports() {
    const auto draft_of = [](const console::Draft& draft) {
      return Workbench::Draft{draft.file,   draft.text,   draft.base,
                              draft.object, draft.record, draft.name};
    };
    return {
        .begin = [this](const std::string& file) { return workbench_.begin(file); },
        .record = [this](const std::string& object,
                         const std::string& id) { return workbench_.record(object, id); },
        .try_out = [this, draft_of](
                       const console::Draft& draft) { return workbench_.try_out(draft_of(draft)); },
        .save_test =
            [this, draft_of](const console::Draft& draft) {
              return workbench_.save_test(draft_of(draft));
            }};
  }

  void keep_house(const std::stop_token& stop) {
    core::SteadyTime alive = around_.clock.steady_now();
    while (around_.clock.sleep_for(kJanitorPause, stop)) {
      if (around_.clock.steady_now() - alive >= kAliveEvery) {
        alive = around_.clock.steady_now();
        note_alive();
      }
      try {
        console_.sample();
        const auto totals = store_->read([](const store::View& view) { return view.totals(); });
        in_force().receiving->set_full(store::at_limit(totals));
        // Again while there is more than one transaction should take: a burst must not outgrow it.
        std::int64_t removed = 0;
        do {
          store_->write(store::Urgency::bulk, [&](store::Tx& tx) {
            delivery::recover(tx, false, now_ms());
            removed = tx.sweep(now_ms(), kSweepRows);
          });
        } while (removed >= kSweepRows && !stop.stop_requested());
      } catch (const std::exception& error) {
        around_.log.error("housekeeping_failed", {{"error", error.what()}});
      }
    }
  }

  // In the order of need; destroyed in reverse.
  const Surroundings around_;
  const AppOptions options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<delivery::BudgetLedger> ledger_;
  mutable std::mutex mutex_;
  InForce force_;  // guarded by mutex_
  AdminToken token_;
  const Workbench workbench_;
  console::Console console_;
  std::unique_ptr<http::Server> webhook_server_;
  std::unique_ptr<http::Server> admin_server_;
  std::jthread janitor_;
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

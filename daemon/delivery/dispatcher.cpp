#include "daemon/delivery/dispatcher.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/delivery/gate.hpp"
#include "daemon/delivery/lookup.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/delivery/request.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/delivery/usage.hpp"
#include "daemon/sync/adoption.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;

/// Without a signal the outbox is looked at this often: another process may have written to it.
constexpr auto kIdleLook = 1000ms;
constexpr auto kStorePause = 1s;

struct Job {
  store::Claim claim;
  Budget::Ticket ticket = 0;
};

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(DispatcherParts parts, int max_in_flight)
      : parts_(parts),
        workers_wanted_(max_in_flight),
        usage_(parts.client, parts.store),
        idle_(max_in_flight) {}

  ~Impl() {
    stop(0ms);
    join();
  }

  void start() {
    int recovered = 0;
    parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
      recovered = recover(tx, true, core::to_ms(parts_.clock.wall_now()));
      // Perhaps it is another key now: the first call will tell.
      for (const auto use : {store::KeyUse::lists, store::KeyUse::changes}) {
        tx.set_key_refused(use, std::nullopt);
      }
    });
    if (recovered > 0) {
      parts_.log.warn("deliveries_recovered",
                      {{"count", recovered},
                       {"why", "the process that made the calls ended without settling them"}});
    }
    for (int i = 0; i < workers_wanted_; ++i) {
      workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
    dispatcher_ = std::jthread([this](const std::stop_token& stop) { dispatch(stop); });
  }

  bool stop(std::chrono::milliseconds grace) {
    dispatcher_.request_stop();
    std::unique_lock lock(mutex_);
    return settled_.wait_for(lock, grace, [&] { return idle_ == workers_wanted_; });
  }

  void join() {
    if (dispatcher_.joinable()) dispatcher_.join();
    for (std::jthread& worker : workers_) worker.request_stop();
    work_.notify_all();
    workers_.clear();
  }

  std::uint64_t heartbeat() const { return heartbeat_.load(); }

 private:
  // -- the dispatcher's thread

  void dispatch(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ++heartbeat_;
      try {
        dispatch_one(stop);
      } catch (const std::exception& error) {
        parts_.log.recurring("dispatch_failed", {{"error", error.what()}});
        parts_.clock.sleep_for(1s, stop);
      }
    }
  }

  void dispatch_one(const std::stop_token& stop) {
    if (!wait_for_idle_worker(stop)) return;
    const auto seen = parts_.store.outbox_changed().ticket();
    if (const auto until = gate_.closed_until()) {
      const auto now = parts_.clock.steady_now();
      if (*until > now) {
        parts_.clock.sleep_until(std::min(*until, now + 200ms), stop);
        return;
      }
    }
    const std::int64_t now_ms = core::to_ms(parts_.clock.wall_now());
    const auto lane = parts_.store.read([&](const store::View& v) { return v.best_lane(now_ms); });
    if (!lane) {
      const auto due =
          parts_.store.read([&](const store::View& v) { return v.next_due_ms(now_ms); });
      auto pause = std::chrono::milliseconds(kIdleLook);
      if (due) pause = std::min(pause, std::chrono::milliseconds(*due - now_ms));
      parts_.store.outbox_changed().wait(seen, pause, stop);
      return;
    }
    auto turn = parts_.budget.wait_turn(*lane, stop);
    if (!turn) return;
    auto claim = take_claim();
    if (!claim) return;
    if (needs_no_call(*claim)) {
      record(stop, [&](store::Tx& tx) {
        settle_unchanged(tx, *claim, core::to_ms(parts_.clock.wall_now()));
      });
      return;
    }
    gate_.probe();
    hand_over({std::move(*claim), std::move(*turn).start()});
  }

  std::optional<store::Claim> take_claim() {
    std::optional<store::Claim> claim;
    const std::string lease = std::to_string(parts_.random.next());
    parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
      claim = tx.claim(core::to_ms(parts_.clock.wall_now()), lease);
    });
    return claim;
  }

  bool wait_for_idle_worker(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, stop, [&] { return idle_ > 0; });
    return !stop.stop_requested();
  }

  void hand_over(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      --idle_;
    }
    work_.notify_one();
  }

  // -- the workers' threads

  void work(const std::stop_token& stop) {
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, stop, [&] { return !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      try {
        deliver(job, stop);
      } catch (const std::exception& error) {
        gate_.probe_undecided(parts_.clock.steady_now());
        parts_.log.error("delivery_failed",
                         {{"change", job.claim.change.id}, {"error", error.what()}});
        give_back(job, error.what());
      }
      ++heartbeat_;
      {
        const std::lock_guard lock(mutex_);
        ++idle_;
      }
      settled_.notify_all();
    }
  }

  void deliver(Job& job, const std::stop_token& stop) {
    auto failure = look_first(job, stop);
    const sync::Difference difference = remaining(job.claim);
    if (!failure && job.claim.entity.present && difference.empty() &&
        job.claim.change.action == store::Action::upsert) {
      // The look was answered, and there is nothing else to ask.
      const bool key_news = react(assembly::Delivered{});
      record(stop, [&](store::Tx& tx) {
        if (key_news) note_key(tx);
        settle_unchanged(tx, job.claim, core::to_ms(parts_.clock.wall_now()));
      });
      return;
    }
    UsedLabels used;
    std::optional<std::vector<core::AssemblyId>> present_tags;
    if (!failure) failure = resolve_labels(job, difference, used, stop);
    if (!failure && needs_present_tags(job.claim)) failure = read_tags(job, present_tags, stop);
    if (failure) {
      not_sent(job, *failure, stop);
      return;
    }
    const auto lookup = [&](const std::string& type, const std::string& name) {
      return parts_.labels.known(type, name);
    };
    Request request = request_for(job.claim, difference, lookup, present_tags);
    const core::SteadyTime start = parts_.clock.steady_now();
    assembly::Outcome outcome = send(job.claim, request);
    parts_.budget.answered(job.ticket);
    if (std::holds_alternative<assembly::Rejected>(outcome) &&
        parts_.labels.changed(used, start, job.claim.change.lane, stop)) {
      outcome = assembly::Transient{"a label was deleted in Assembly", std::nullopt};
    }
    if (refused_as_existing(job.claim, outcome)) {
      if (auto other = adopt_existing(job, stop)) outcome = std::move(*other);
    }
    conclude(job, request, outcome, start, stop);
  }

  /// The change itself was not sent, because a call before it failed or the program stops.
  void not_sent(const Job& job, const assembly::Outcome& failure, const std::stop_token& stop) {
    if (!stop.stop_requested()) {
      conclude(job, Request{}, failure, std::nullopt, stop);
      return;
    }
    gate_.probe_undecided(parts_.clock.steady_now());
    record(stop, [&](store::Tx& tx) {
      settle_unsent(tx, job.claim, core::to_ms(parts_.clock.wall_now()));
    });
  }

  /// Writes what must not be lost, again and again while the store can't take it: unwritten, a
  /// settled call would count as under way until its lease ends.
  void record(const std::stop_token& stop, const std::function<void(store::Tx&)>& work) {
    for (bool told = false;; told = true) {
      try {
        parts_.store.write(store::Urgency::calm, work);
        return;
      } catch (const store::StoreError& error) {
        if (!told) parts_.log.error("settle_postponed", {{"error", error.what()}});
        if (!parts_.clock.sleep_for(kStorePause, stop)) throw;
      }
    }
  }

  /// What could not be worked on, for a reason of our own, must not stay in flight either.
  void give_back(const Job& job, const std::string& why) {
    try {
      parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
        settle(tx, job.claim, Request{}, assembly::Ambiguous{why}, parts_.random,
               core::to_ms(parts_.clock.wall_now()));
      });
    } catch (const std::exception& error) {
      // Its lease, or the next start, brings it back.
      parts_.log.error("settle_failed", {{"change", job.claim.change.id}, {"error", error.what()}});
    }
  }

  using UsedLabels = std::map<Labels::TypeAndName, core::AssemblyId>;

  /// A call of its own before the change's: it takes the turn, and the change waits for a new one.
  std::optional<assembly::Outcome> next_turn(Job& job, const std::stop_token& stop) {
    const auto ticket = parts_.budget.spend(job.claim.change.lane, stop);
    if (!ticket) return assembly::Transient{"stopping", std::nullopt};
    job.ticket = *ticket;
    return std::nullopt;
  }

  /// Labels that are not known yet cost calls of their own.
  std::optional<assembly::Outcome> resolve_labels(Job& job, const sync::Difference& difference,
                                                  UsedLabels& used, const std::stop_token& stop) {
    if (job.claim.change.action != store::Action::upsert) return std::nullopt;
    bool asked = false;
    for (const auto& name : labels_needed(job.claim, difference)) {
      if (const auto id = parts_.labels.use(name.first, name.second)) {
        used.emplace(name, *id);
        continue;
      }
      if (!asked) parts_.budget.answered(job.ticket);
      asked = true;
      const auto id = parts_.labels.resolve(name.first, name.second, job.claim.change.lane, stop);
      if (!id) return id.error();
      used.emplace(name, *id);
    }
    return asked ? next_turn(job, stop) : std::nullopt;
  }

  /// Whether what is to be made is there already, where the directory is too old to tell: one call,
  /// seldom two.
  std::optional<assembly::Outcome> look_first(Job& job, const std::stop_token& stop) {
    if (!makes_new(job.claim)) return std::nullopt;
    const std::int64_t now_ms = core::to_ms(parts_.clock.wall_now());
    const bool looks = parts_.store.read([&](const store::View& view) {
      return looks_first(view, job.claim, parts_.directory_age, now_ms);
    });
    const auto domain = looks ? wanted_domain(job.claim) : std::nullopt;
    if (!domain) return std::nullopt;
    Found found;
    found.asked_for_domain = true;
    if (auto failure = ask(job, *domain, found.by_domain)) return failure;
    if (found.key_is_open(job.claim)) {
      if (auto failure = next_turn(job, stop)) return failure;
      const auto key = assembly::Identifier::of(job.claim.entity.key);
      if (auto failure = ask(job, key, found.by_key)) return failure;
    }
    bool adopted = false;
    record(stop, [&](store::Tx& tx) { adopted = adopt_found(tx, job.claim, found, now_ms); });
    const bool done = adopted && remaining(job.claim).empty();
    return done ? std::nullopt : next_turn(job, stop);
  }

  /// Assembly says that it exists: found by its key or its domain, it is ours, and updated in the
  /// next attempt. Nothing when it can't be adopted.
  std::optional<assembly::Outcome> adopt_existing(Job& job, const std::stop_token& stop) {
    Found found;
    const auto key = assembly::Identifier::of(job.claim.entity.key);
    if (auto failure = next_turn(job, stop)) return failure;
    if (auto failure = ask(job, key, found.by_key)) return failure;
    if (const auto domain = wanted_domain(job.claim); domain && !found.by_key) {
      if (auto failure = next_turn(job, stop)) return failure;
      if (auto failure = ask(job, *domain, found.by_domain)) return failure;
    }
    bool adopted = false;
    record(stop, [&](store::Tx& tx) {
      adopted = adopt_found(tx, job.claim, found, core::to_ms(parts_.clock.wall_now()));
    });
    if (!adopted) return std::nullopt;
    return assembly::Transient{"it exists already, and was adopted", std::nullopt};
  }

  /// One read in the job's turn.
  assembly::Answer<std::optional<assembly::AccountView>> read_account(
      const Job& job, const assembly::Identifier& identifier) {
    auto seen = parts_.client.get(collection_of(job.claim.entity.kind), identifier);
    parts_.budget.answered(job.ticket);
    parts_.store.write(store::Urgency::live,
                       [](store::Tx& tx) { tx.count_calls(1, std::nullopt); });
    return seen;
  }

  /// The same, for a look. A refusal of the question itself answers nothing.
  std::optional<assembly::Outcome> ask(Job& job, const assembly::Identifier& identifier,
                                       std::optional<assembly::AccountView>& into) {
    const auto seen = read_account(job, identifier);
    if (seen) {
      into = *seen;
    } else if (!std::holds_alternative<assembly::Rejected>(seen.error())) {
      return to_outcome(seen.error());
    }
    return std::nullopt;
  }

  /// The tags that the account has now, whoever set them.
  std::optional<assembly::Outcome> read_tags(Job& job,
                                             std::optional<std::vector<core::AssemblyId>>& tags,
                                             const std::stop_token& stop) {
    const auto account =
        read_account(job, assembly::Identifier::of(job.claim.entity.assembly_id.value()));
    if (!account) return to_outcome(account.error());
    if (*account) tags = sync::tag_ids_of((*account)->attributes);
    return next_turn(job, stop);
  }

  assembly::Outcome send(const store::Claim& claim, Request& request) {
    const store::Entity& entity = claim.entity;
    if (entity.kind == store::EntityKind::usage) return usage_.send(claim, request);
    switch (request.verb) {
      case Request::Verb::upsert:
        return parts_.client.upsert(request.collection, entity.key, request.body);
      case Request::Verb::update:
        return parts_.client.update(request.collection, entity.assembly_id.value(), request.body);
      case Request::Verb::remove:
        return parts_.client.remove(
            request.collection, entity.assembly_id ? assembly::Identifier::of(*entity.assembly_id)
                                                   : assembly::Identifier::of(entity.key));
      case Request::Verb::remove_properties:
        return parts_.client.remove_properties(request.collection,
                                               assembly::Identifier::of(entity.assembly_id.value()),
                                               request.properties);
      default:
        throw std::logic_error("unknown verb");
    }
  }

  /// `start`: of the call; nothing when none was made.
  void conclude(const Job& job, const Request& request, const assembly::Outcome& outcome,
                std::optional<core::SteadyTime> start, const std::stop_token& stop) {
    const bool key_news = react(outcome);
    const core::SteadyTime end = parts_.clock.steady_now();
    const std::int64_t now_ms = core::to_ms(parts_.clock.wall_now());
    const auto duration =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - start.value_or(end)).count();
    store::DeliveryRecord delivery;
    delivery.change = job.claim.change.id;
    delivery.entity = job.claim.entity.id;
    delivery.attempt = job.claim.change.attempts + 1;
    delivery.lane = job.claim.change.lane;
    delivery.method = request.method();
    delivery.path = request.path();
    delivery.status = status_of(outcome);
    delivery.outcome = name_of(outcome);
    delivery.reason = reason_of(outcome);
    delivery.started_ms = now_ms - duration;
    delivery.duration_ms = duration;
    bool ours = false;
    record(stop, [&](store::Tx& tx) {
      if (key_news) note_key(tx);
      if (start) tx.add_delivery(delivery);
      ours = settle(tx, job.claim, request, outcome, parts_.random, now_ms);
    });
    if (!ours) {
      parts_.log.warn("claim_lost",
                      {{"change", job.claim.change.id}, {"outcome", delivery.outcome}});
    }
    report(job, delivery);
    if (request.look == Request::Look::untold) {
      parts_.log.error("usage_log_held",
                       {{"entity", job.claim.entity.id}, {"reason", request.why}});
    }
  }

  /// What was refused here, before sending, says nothing about the key.
  static bool accepted_the_key(const assembly::Outcome& outcome) {
    const auto* rejected = std::get_if<assembly::Rejected>(&outcome);
    return std::holds_alternative<assembly::Delivered>(outcome) ||
           (rejected != nullptr && rejected->status != 0);
  }

  /// What an outcome means for everybody, not for this change alone. True when it is news about the
  /// key.
  bool react(const assembly::Outcome& outcome) {
    if (const auto* throttled = std::get_if<assembly::Throttled>(&outcome)) {
      parts_.budget.refused(throttled->retry_after);
      parts_.log.warn("throttled", {{"pause_ms", throttled->retry_after.value_or(1000ms).count()}});
    }
    if (const auto* refused = std::get_if<assembly::Unauthorized>(&outcome)) {
      if (gate_.close(parts_.clock.steady_now())) {
        parts_.log.error("unauthorized", {{"status", refused->status},
                                          {"what",
                                           "Assembly refuses the key: nothing is sent, everything "
                                           "is kept; it is tried again by itself"}});
        return true;
      }
    } else if (accepted_the_key(outcome)) {
      if (gate_.open()) {
        parts_.log.info("authorized", {{"what", "Assembly accepts the key again"}});
        return true;
      }
    } else {
      gate_.probe_undecided(parts_.clock.steady_now());
    }
    return false;
  }

  /// What holds now: news of two calls may be written in another order than they came.
  void note_key(store::Tx& tx) const {
    tx.set_key_refused(
        store::KeyUse::changes,
        gate_.is_open() ? std::nullopt : std::optional(core::to_ms(parts_.clock.wall_now())));
  }

  void report(const Job& job, const store::DeliveryRecord& delivery) {
    if (delivery.outcome == "rejected") {
      parts_.log.error("delivery_rejected", {{"entity", job.claim.entity.id},
                                             {"kind", core::to_text(job.claim.entity.kind)},
                                             {"status", delivery.status},
                                             {"reason", delivery.reason}});
    } else if (delivery.outcome == "transient" || delivery.outcome == "ambiguous") {
      parts_.log.warn("delivery_postponed", {{"entity", job.claim.entity.id},
                                             {"outcome", delivery.outcome},
                                             {"attempt", delivery.attempt},
                                             {"reason", delivery.reason}});
    }
  }

  // Constant after construction.
  const DispatcherParts parts_;
  const int workers_wanted_;
  // Own synchronisation.
  UsageCalls usage_;
  Gate gate_;
  std::atomic<std::uint64_t> heartbeat_{0};

  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable_any settled_;
  std::deque<Job> jobs_;  // guarded by mutex_; never longer than the idle workers
  int idle_;              // guarded by mutex_
  std::vector<std::jthread> workers_;
  std::jthread dispatcher_;
};

Dispatcher::Dispatcher(DispatcherParts parts, int max_in_flight)
    : impl_(std::make_unique<Impl>(parts, max_in_flight)) {}
Dispatcher::~Dispatcher() = default;
void Dispatcher::start() {
  impl_->start();
}
bool Dispatcher::stop(std::chrono::milliseconds grace) {
  return impl_->stop(grace);
}
void Dispatcher::join() {
  impl_->join();
}
std::uint64_t Dispatcher::heartbeat() const {
  return impl_->heartbeat();
}

}  // namespace assembly_sync::delivery

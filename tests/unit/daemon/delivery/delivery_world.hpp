// What the concurrency tests of delivery share: a clock on which minutes pass in a moment, an
// Assembly inside the process that many threads call at once, and a real store with an outbox.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "daemon/delivery/dispatcher.hpp"
#include "daemon/sync/state.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::delivery {

/// Runs `speed` times as fast as the machine's clocks. Thread-safe.
class FastClock final : public core::Clock {
 public:
  explicit FastClock(int speed) : speed_(speed), start_(real_.steady_now()) {}

  core::WallTime wall_now() const override {
    return core::from_ms(1'767'225'600'000) +
           std::chrono::duration_cast<core::Millis>(steady_now().time_since_epoch());
  }
  core::SteadyTime steady_now() const override {
    return core::SteadyTime{(real_.steady_now() - start_) * speed_};
  }
  bool sleep_until(core::SteadyTime when, std::stop_token stop) override {
    // Far away is far away, without overflow.
    const auto span = std::min<std::chrono::nanoseconds>(when - steady_now(), kFar);
    return real_.sleep_until(real_.steady_now() + span / speed_, std::move(stop));
  }

 private:
  static constexpr std::chrono::hours kFar{1000};
  mutable core::SystemClock real_;
  const int speed_;
  const core::SteadyTime start_;
};

/// Looks again and again; false when a deadline has passed, which is there to fail instead of
/// hanging.
inline bool eventually(const std::function<bool()>& condition) {
  core::SystemClock clock;
  const auto deadline = clock.steady_now() + std::chrono::seconds(100);
  while (!condition()) {
    if (clock.steady_now() > deadline) return false;
    clock.sleep_for(std::chrono::milliseconds(1), {});
  }
  return true;
}

/// Accounts and labels behind the documented paths. Thread-safe.
class FakeAssembly final : public core::HttpTransport {
 public:
  using Answer = tl::expected<core::HttpResponse, core::HttpFailure>;

  struct Call {
    std::string method;
    std::string key;  // empty = about labels
    core::Value body;
    core::SteadyTime start;
    core::SteadyTime end{};
    bool effect = false;
  };

  explicit FakeAssembly(core::Clock& clock) : clock_(clock) {}

  /// Decides about a call by its number (from 0) before it has an effect; nothing = as usual.
  std::function<std::optional<Answer>(std::size_t)> before{};
  /// Replaces the answer of a call that has had its effect.
  std::function<std::optional<Answer>(std::size_t)> after{};

  /// What each call takes.
  std::chrono::milliseconds latency{20};

  /// The coming calls wait for each other until this many are under way.
  void let_meet(int calls) {
    const std::lock_guard lock(mutex_);
    meet_ = calls;
  }

  Answer send(const core::HttpRequest& request) override {
    std::size_t number = 0;
    std::optional<Answer> answer;
    {
      std::unique_lock lock(mutex_);
      number = begin(request);
      met_.notify_all();
      met_.wait_for(lock, std::chrono::seconds(100), [&] { return most_at_once_ >= meet_; });
    }
    if (before) answer = before(number);
    if (!answer) {
      {
        const std::lock_guard lock(mutex_);
        answer = carry_out(calls_[number]);
      }
      if (after) {
        if (auto other = after(number)) answer = std::move(other);
      }
    }
    clock_.sleep_for(latency, {});
    const std::lock_guard lock(mutex_);
    --under_way_;
    busy_.erase(calls_[number].key);
    calls_[number].end = clock_.steady_now();
    return *std::move(answer);
  }

  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  int under_way() const {
    const std::lock_guard lock(mutex_);
    return under_way_;
  }
  int most_at_once() const {
    const std::lock_guard lock(mutex_);
    return most_at_once_;
  }
  void forget_most_at_once() {
    const std::lock_guard lock(mutex_);
    most_at_once_ = 0;
  }
  /// Two calls about one account at the same time.
  bool overlapped() const {
    const std::lock_guard lock(mutex_);
    return overlapped_;
  }
  /// How often each account was written.
  std::map<std::string, int> writes() const {
    std::map<std::string, int> writes;
    for (const Call& call : calls()) {
      if (call.effect && !call.key.empty()) ++writes[call.key];
    }
    return writes;
  }
  /// Labels made, as type/name.
  std::multiset<std::string> labels() const {
    const std::lock_guard lock(mutex_);
    return labels_;
  }

 private:
  std::size_t begin(const core::HttpRequest& request) {  // mutex_ held
    constexpr std::string_view kQuery = "source_specific_id=";
    Call call;
    call.method = request.method;
    call.start = clock_.steady_now();
    if (const auto at = request.url.find(kQuery); at != std::string::npos) {
      call.key = request.url.substr(at + kQuery.size());
      overlapped_ = overlapped_ || !busy_.insert(call.key).second;
    }
    if (auto body = core::parse_json(request.body)) call.body = *std::move(body);
    most_at_once_ = std::max(most_at_once_, ++under_way_);
    calls_.push_back(std::move(call));
    return calls_.size() - 1;
  }

  core::HttpResponse carry_out(Call& call) {  // mutex_ held
    call.effect = true;
    if (!call.key.empty()) return {200, {}, R"({"id":"a-)" + call.key + "\"}"};
    if (call.method == "GET") return {200, {}, R"({"labels":[]})"};
    labels_.insert(call.body.text_or("type") + '/' + call.body.text_or("name"));
    return {200, {}, R"({"id":"l-)" + std::to_string(labels_.size()) + "\"}"};
  }

  core::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable met_;
  std::vector<Call> calls_;            // guarded by mutex_
  std::set<std::string> busy_;         // guarded by mutex_
  std::multiset<std::string> labels_;  // guarded by mutex_
  int under_way_ = 0;                  // guarded by mutex_
  int most_at_once_ = 0;               // guarded by mutex_
  int meet_ = 0;                       // guarded by mutex_
  bool overlapped_ = false;            // guarded by mutex_
};

/// The parts around a dispatcher.
class DeliveryWorld {
 public:
  /// `rate` is per second of the fast clock.
  explicit DeliveryWorld(int speed = 100, double rate = 1000)
      : clock(speed),
        assembly(clock),
        client(assembly, clock,
               {"http://assembly.test", core::Secret("key"), std::chrono::hours(1)}),
        ledger_(BudgetLedger::in_memory()),
        budget(rate, *ledger_, clock),
        labels({.create = true, .colors = {}}, client, budget, *store, clock),
        random_(core::make_seeded_random(1)),
        log_(telemetry::LogStyle::quiet) {
    // As after a refresh: a creation needs no look.
    store.write([&](store::Tx& tx) {
      tx.set_note("directory.as_of_ms", std::to_string(core::to_ms(clock.wall_now())));
    });
  }

  std::unique_ptr<Dispatcher> dispatcher(int workers) {
    return std::make_unique<Dispatcher>(
        DispatcherParts{*store, client, budget, labels, clock, *random_, log_,
                        std::chrono::hours(24 * 365)},
        workers);
  }

  /// Wants the company `key` to have this version (contract_value) and these tags; a notice waits
  /// for it.
  store::RowId put(const std::string& key, int version,
                   std::optional<std::vector<std::string>> tags = std::nullopt) {
    store::RowId entity = 0;
    store.write([&](store::Tx& tx) {
      const std::int64_t now_ms = core::to_ms(clock.wall_now());
      entity = tx.ensure_entity(store::EntityKind::company, core::Key(key)).id;
      sync::State wanted;
      wanted.fields = {{"name", key}, {"domain", key + ".test"}, {"contract_value", version}};
      wanted.tags = std::move(tags);
      store::Change change;
      change.entity = entity;
      change.wanted = sync::to_text(wanted);
      change.due_ms = now_ms;
      const store::RowId id = tx.put_change(change, now_ms);
      const store::RowId notice = tx.add_notice({});
      tx.link(notice, id);
      tx.await_changes(notice, now_ms);
    });
    return entity;
  }

  store::Totals totals() {
    return store.read([](const store::View& view) { return view.totals(); });
  }
  std::int64_t count(store::NoticeState state) {
    return totals().notices[static_cast<std::size_t>(state)];
  }
  bool idle() {
    const store::Totals now = totals();
    return now.in_flight == 0 && now.notices[0] == 0 &&
           std::all_of(now.pending.begin(), now.pending.end(), [](auto n) { return n == 0; });
  }

  FastClock clock;
  test::TempStore store;
  FakeAssembly assembly;
  assembly::Client client;

 private:
  std::unique_ptr<BudgetLedger> ledger_;

 public:
  Budget budget;
  Labels labels;

 private:
  std::unique_ptr<core::Random> random_;
  telemetry::Log log_;
};

inline std::string company(int number) {
  return "company-" + std::to_string(number);
}

}  // namespace assembly_sync::delivery

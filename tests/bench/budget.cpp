#include <cmath>
#include <memory>

#include "tests/bench/jitter_proxy.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/peers.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/sockets.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;
using sandbox::LimiterKind;

constexpr auto kWarmUp = 5s;
constexpr auto kLatency = 150ms;
constexpr double kRate = 30;

struct Model {
  const char* name;
  LimiterKind kind;
  double burst;
};
constexpr Model kFixed{"fixed window", LimiterKind::fixed, 30};
constexpr Model kSliding{"sliding window", LimiterKind::sliding, 30};
constexpr Model kBucket30{"bucket of 30", LimiterKind::bucket, 30};
constexpr Model kBucket5{"bucket of 5", LimiterKind::bucket, 5};

sandbox::SandboxOptions limited_by(const Model& model) {
  sandbox::SandboxOptions options;
  options.rate_per_second = kRate;
  options.limiter = model.kind;
  options.bucket_burst = model.burst;
  options.latency = kLatency;
  options.seed = 7;  // of the fixed window's phase
  return options;
}

/// What arrived within the time that counts.
struct Use {
  double per_second = 0;  // admitted
  int refused = 0;
};

Use use_of(const sandbox::Sandbox& assembly, core::SteadyTime from) {
  const auto from_us =
      std::chrono::duration_cast<std::chrono::microseconds>(from.time_since_epoch()).count();
  Use use;
  std::int64_t first = 0;
  std::int64_t last = 0;
  int admitted = 0;
  for (const sandbox::JournalEntry& entry : assembly.journal()) {
    if (entry.arrived_us < from_us) continue;
    if (entry.status == 429) {
      ++use.refused;
      continue;
    }
    if (admitted++ == 0) first = entry.arrived_us;
    last = entry.arrived_us;
  }
  if (last > first) use.per_second = (admitted - 1) * 1e6 / static_cast<double>(last - first);
  return use;
}

/// A daemon with enough to send for the whole time.
class Contender {
 public:
  Contender(const Options& options, const Model& model, std::string through = {})
      : model_(model),
        rig_(options, {.assembly = limited_by(model),
                       .assembly_url = std::move(through),
                       .environment = {}}) {}

  void start(std::chrono::seconds span) {
    rig_.write_csv(static_cast<std::int64_t>((span + kWarmUp + 15s).count() * kRate));
    rig_.start();
    rig_.order_backfill();
    wait_until([&] { return rig_.assembly().stats().requests > 30; }, 60s);
  }
  const Model& model() const { return model_; }
  Rig& rig() { return rig_; }

 private:
  const Model model_;
  Rig rig_;
};

/// A Node library that was told "30 a second".
struct Peer {
  Peer(const Folder& folder, core::Clock& clock, const std::string& library, const Model& model)
      : name(library), assembly(open(model), clock), program(order(folder, model)) {}

  static sandbox::SandboxOptions open(const Model& model) {
    sandbox::SandboxOptions options = limited_by(model);
    options.api_key.clear();
    return options;
  }
  Program::Order order(const Folder& folder, const Model& model) const {
    Program::Order made = peer_order(folder, {"limited.mjs", name, assembly.url()});
    made.output += model.name;
    return made;
  }

  std::string name;
  sandbox::Sandbox assembly;
  Program program;
};

std::string per_second(double rate) {
  return number(rate) + "/s";
}

void measure_models(const Options& options, Report& report) {
  core::SystemClock clock;
  Folder folder(options.data);
  std::vector<std::unique_ptr<Contender>> ours;
  for (const Model& model : {kFixed, kBucket30, kBucket5, kSliding}) {
    ours.push_back(std::make_unique<Contender>(options, model));
    ours.back()->start(options.budget);
  }
  std::vector<std::unique_ptr<Peer>> peers;
  for (const Model& model : {kSliding, kBucket5}) {
    for (const char* library : {"p-throttle", "p-queue", "bottleneck"}) {
      peers.push_back(std::make_unique<Peer>(folder, clock, library, model));
    }
  }
  pause(kWarmUp);
  ConnectionCount connections(ours.front()->rig().assembly().url());
  const auto from = clock.steady_now();
  while (clock.steady_now() - from < options.budget) {
    connections.look();
    pause(100ms);
  }
  const std::size_t opened = connections.seen();

  int refused = 0;
  for (const auto& contender : ours) {
    const Use use = use_of(contender->rig().assembly(), from);
    const bool sliding = contender->model().kind == LimiterKind::sliding;
    if (!sliding) refused += use.refused;
    Line line{"T12",
              std::string("use of 30/s, ") + contender->model().name,
              per_second(use.per_second),
              "-",
              per_second(kRate),
              100 * use.per_second / kRate,
              "%",
              at_least(99, 99.5)};
    if (sliding) line.limits.reset();
    report.add(line);
  }
  report.add({"T12", "refusals: fixed window, buckets of 30 and 5", std::to_string(refused), "-",
              "-", static_cast<double>(refused), "", at_most(0, 0)});
  const auto compare = [&](std::size_t our_index, std::size_t first_peer) {
    std::string theirs;
    for (std::size_t i = first_peer; i < first_peer + 3; ++i) {
      theirs += (theirs.empty() ? "" : ", ") + peers[i]->name + ' ' +
                std::to_string(use_of(peers[i]->assembly, from).refused);
    }
    const Contender& contender = *ours[our_index];
    const int count = use_of(ours[our_index]->rig().assembly(), from).refused;
    report.add({"T14", std::string("refusals beside Node's libraries, ") + contender.model().name,
                std::to_string(count), "see below", "-", static_cast<double>(count), "",
                at_most(2, 0), theirs});
  };
  compare(3, 0);
  compare(2, 3);
  const double allowed = std::ceil(kRate * 0.151) + 4;
  report.add({"T23", "connections opened to Assembly in that time", std::to_string(opened), "-",
              number(std::ceil(kRate * 0.151)), static_cast<double>(opened), "",
              at_most(allowed, allowed - 4)});
}

void measure_jitter(const Options& options, Report& report) {
  struct Case {
    std::chrono::milliseconds jitter;
    std::unique_ptr<JitterProxy> proxy;
    std::unique_ptr<Contender> contender;
  };
  core::SystemClock clock;
  // The proxy needs the sandbox's address, which the rig makes; so each has a sandbox in front that
  // is only listened to.
  std::vector<Case> cases;
  std::vector<std::unique_ptr<sandbox::Sandbox>> targets;
  for (const auto jitter : {5ms, 25ms, 50ms}) {
    sandbox::SandboxOptions target = limited_by(kSliding);
    target.api_key.clear();
    targets.push_back(std::make_unique<sandbox::Sandbox>(target, clock));
    Case made{jitter, std::make_unique<JitterProxy>(targets.back()->url(), 2 * jitter, clock), {}};
    made.contender = std::make_unique<Contender>(options, kSliding, made.proxy->url());
    cases.push_back(std::move(made));
  }
  for (Case& each : cases) {
    each.contender->rig().write_csv(
        static_cast<std::int64_t>((options.budget + 4 * kWarmUp).count() * kRate));
    each.contender->rig().start();
    each.contender->rig().order_backfill();
  }
  for (const auto& target : targets) {
    wait_until([&] { return target->stats().requests > 60; }, 60s);
  }
  pause(kWarmUp);
  const auto from = clock.steady_now();
  pause(options.budget);
  int refused = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Use use = use_of(*targets[i], from);
    const double width = 2 * static_cast<double>(cases[i].jitter.count()) / 1000;
    const double bound = kRate / (1 + width);
    refused += use.refused;
    report.add(
        {"T13",
         "use of 30/(1+W), sliding, jitter +-" + std::to_string(cases[i].jitter.count()) + " ms",
         per_second(use.per_second), "-", per_second(bound), 100 * use.per_second / bound, "%",
         at_least(95, 99)});
  }
  report.add({"T13", "refusals with jitter", std::to_string(refused), "-", "-",
              static_cast<double>(refused), "", at_most(0, 0)});
}

}  // namespace

void measure_budget(const Options& options, Report& report) {
  Report::progress("budget: four limiters for " + std::to_string(options.budget.count()) + " s");
  measure_models(options, report);
  Report::progress("budget: three jitters for " + std::to_string(options.budget.count()) + " s");
  measure_jitter(options, report);
}

}  // namespace assembly_sync::bench

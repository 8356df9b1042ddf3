#include <map>
#include <memory>
#include <stdexcept>

#include <unistd.h>

#include "core/json.hpp"
#include "tests/bench/load.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/peers.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/statistics.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;

struct Sample {
  LoadResult load;
  double cpu_us = 0;  // of processor time a request
  double resident_mb = 0;
};

/// All rounds of one contender at one number of connections.
struct Series {
  std::vector<Sample> samples;

  template <class Get>
  double median_of(Get get) const {
    std::vector<double> values;
    values.reserve(samples.size());
    for (const Sample& sample : samples) values.push_back(get(sample));
    return median(values);
  }
  double per_second() const {
    return median_of([](const Sample& s) { return s.load.per_second; });
  }
  double p99_ms() const {
    return median_of([](const Sample& s) { return s.load.p99_ms; });
  }
  double cpu_us() const {
    return median_of([](const Sample& s) { return s.cpu_us; });
  }
  double resident_mb() const {
    return median_of([](const Sample& s) { return s.resident_mb; });
  }
};

/// The median of the rounds' own ratios: neighbours in time saw the same machine.
template <class Get>
double ratio(const Series& a, const Series& b, Get get) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.samples.size(), b.samples.size()); ++i) {
    ratios.push_back(get(a.samples[i]) / get(b.samples[i]));
  }
  return median(ratios);
}
double rate_of(const Sample& sample) {
  return sample.load.per_second;
}

Sample measure(const Options& options, const Folder& folder, const core::HttpRequest& request,
               Program& program, int connections) {
  ::sync();                                    // nobody pays for what the one before has written
  run_load(folder, request, connections, 1s);  // connections, caches, compiled code
  if (!program.running()) throw std::runtime_error("ended under load: " + program.output());
  const double cpu = program.cpu_seconds();
  Sample sample;
  sample.load = run_load(folder, request, connections, options.load);
  sample.cpu_us = (program.cpu_seconds() - cpu) / sample.load.requests * 1e6;
  sample.resident_mb = program.resident_mb();
  if (sample.load.failed > 0) {
    throw std::runtime_error(number(sample.load.failed) + " of " + number(sample.load.requests) +
                             " webhooks were not answered 2xx: " + program.output());
  }
  return sample;
}

class Ingest {
 public:
  Ingest(const Options& options, std::map<std::string, std::string> environment)
      : options_(options), environment_(std::move(environment)), folder_(options.data) {}

  void round(const std::vector<int>& connections, bool with_group_peer) {
    for (const int count : connections) {
      floor_[count].samples.push_back(durable_floor(count));
      ours_[count].samples.push_back(daemon(count));
      commit_[count].samples.push_back(peer("commit.mjs", count));
      if (with_group_peer) group_[count].samples.push_back(peer("group.mjs", count));
    }
  }

  const Series& ours(int connections) { return ours_[connections]; }
  const Series& commit(int connections) { return commit_[connections]; }
  const Series& group(int connections) { return group_[connections]; }
  const Series& floor(int connections) { return floor_[connections]; }

 private:
  Sample durable_floor(int producers) {
    ::sync();
    const std::string text =
        run({{options_.self.string(), "durable-floor", (folder_ / fresh("floor")).string(),
              std::to_string(producers), std::to_string(options_.load.count())},
             environment_,
             folder_ / "floor.log"},
            options_.load + 60s);
    Sample sample;
    sample.load.per_second = std::stod(text);
    return sample;
  }

  Sample daemon(int connections) {
    Rig rig(options_, {.assembly = {}, .environment = environment_});
    const std::string id = rig.crm().create("companies", {{"name", "Acme"}, {"domain", "a.test"}});
    rig.crm().take_events();
    Program& program = rig.start();
    const auto request = kilobyte_webhook(rig.webhook_url(), std::stoll(id));
    const Sample sample = measure(options_, folder_, request, program, connections);
    const core::Value status = rig.status();
    // One event a body: what was answered waits as a receipt or has become a notice.
    std::int64_t kept = status.at("receipts_waiting").as_int();
    for (const auto& [state, count] : status.at("notices").as_object()) kept += count.as_int();
    if (static_cast<double>(kept) < sample.load.requests) {
      throw std::runtime_error("webhooks were answered and are not in the store");
    }
    return sample;
  }

  Sample peer(const std::string& script, int connections) {
    std::map<std::string, std::string> environment = environment_;
    environment["DATABASE"] = (folder_ / fresh("peer")).string();
    environment["CLIENT_SECRET"] = kClientSecret;
    environment["PUBLIC_URL"] = kPublicUrl;
    Program program(peer_order(folder_, {script}, environment));
    const auto request = kilobyte_webhook(program.await("listening "), 1);
    return measure(options_, folder_, request, program, connections);
  }

  std::string fresh(const std::string& name) { return name + std::to_string(++files_) + ".db"; }

  const Options& options_;
  const std::map<std::string, std::string> environment_;
  Folder folder_;
  std::map<int, Series> ours_, commit_, group_, floor_;
  int files_ = 0;
};

std::string per_second(const Series& series) {
  return number(series.per_second());
}

void add_fast(Ingest& ingest, Report& report) {
  const Series& ours = ingest.ours(64);
  const Series& commit = ingest.commit(64);
  report.add({"T1", "durable webhooks/s, 64 connections, to Fastify", per_second(ours),
              per_second(commit), per_second(ingest.floor(64)), ratio(ours, commit, rate_of), "x",
              at_least(6, 12)});
  report.add({"T2", "the same, 16 connections", per_second(ingest.ours(16)),
              per_second(ingest.commit(16)), per_second(ingest.floor(16)),
              ratio(ingest.ours(16), ingest.commit(16), rate_of), "x", at_least(5.5, 7)});
  report.add({"T4", "share of the durable floor, 16 connections", per_second(ingest.ours(16)), "-",
              per_second(ingest.floor(16)), 100 * ratio(ingest.ours(16), ingest.floor(16), rate_of),
              "%", at_least(60, 75)});
  report.add({"T4", "share of the durable floor, 64 connections", per_second(ours), "-",
              per_second(ingest.floor(64)), 100 * ratio(ours, ingest.floor(64), rate_of), "%",
              at_least(28, 55)});
  report.add({"T6", "webhooks/s to Node with group commit, 64 connections", per_second(ours),
              per_second(ingest.group(64)), per_second(ingest.floor(64)),
              ratio(ours, ingest.group(64), rate_of), "x", at_least(1, 1.7)});
  report.add({"T7", "p99 of the answer in ms, 64 connections, to Fastify", number(ours.p99_ms()),
              number(commit.p99_ms()), "-",
              ratio(ours, commit, [](const Sample& s) { return s.load.p99_ms; }), "x",
              at_most(0.1, 0.0334)});
  report.add({"T8", "processor us a webhook, 64 connections, to Fastify", number(ours.cpu_us()),
              number(commit.cpu_us()), "-",
              ratio(ours, commit, [](const Sample& s) { return s.cpu_us; }), "x",
              at_most(0.35, 0.1)});
  report.add({"T25", "memory in MB after 64 connections, to Fastify", number(ours.resident_mb()),
              number(commit.resident_mb()), "-",
              ratio(ours, commit, [](const Sample& s) { return s.resident_mb; }), "x",
              at_most(0.334, 0.167)});
}

void add_slow(Ingest& slow, Report& report) {
  const Series& ours = slow.ours(64);
  report.add({"T3", "webhooks/s, fsync +5 ms, 64 connections, to Fastify", per_second(ours),
              per_second(slow.commit(64)), per_second(slow.floor(64)),
              ratio(ours, slow.commit(64), rate_of), "x", at_least(25, 33)});
  report.add({"T5", "share of the floor, fsync +5 ms, 64 connections", per_second(ours), "-",
              per_second(slow.floor(64)), 100 * ratio(ours, slow.floor(64), rate_of), "%",
              at_least(80, 90)});
}

/// T9: does a webhook wait because 64 other connections are open and silent?
void measure_idle_connections(const Options& options, Report& report) {
  Rig rig(options);
  const std::string id = rig.crm().create("companies", {{"name", "Acme"}, {"domain", "a.test"}});
  rig.crm().take_events();
  rig.start();
  const auto request = kilobyte_webhook(rig.webhook_url(), std::stoll(id));
  core::SystemClock clock;
  const auto median_ms = [&] {
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
      http::PooledTransport fresh(clock);  // a connection of its own
      const auto start = clock.steady_now();
      const auto answer = fresh.send(request);
      if (!answer || answer->status != 200) throw std::runtime_error("a webhook was refused");
      times.push_back(
          std::chrono::duration<double, std::milli>(clock.steady_now() - start).count());
    }
    return median(times);
  };
  const double alone = median_ms();
  std::vector<std::unique_ptr<http::PooledTransport>> open;
  for (int i = 0; i < 64; ++i) {
    open.push_back(std::make_unique<http::PooledTransport>(clock));
    open.back()->send(request);
  }
  const double beside = median_ms();
  report.add({"T9", "ms that 64 idle connections add to a new webhook", number(beside), "-",
              number(alone), std::max(0.0, beside - alone), "ms", at_most(50, 5)});
}

}  // namespace

void measure_ingest(const Options& options, Report& report) {
  Ingest fast(options, {});
  for (int i = 1; i <= options.rounds; ++i) {
    Report::progress("ingest, round " + std::to_string(i) + " of " +
                     std::to_string(options.rounds));
    fast.round({16, 64}, true);
  }
  add_fast(fast, report);
  Ingest slow(options, {{"LD_PRELOAD", options.slowfsync.string()}, {"FSYNC_DELAY_US", "5000"}});
  for (int i = 1; i <= std::min(options.rounds, 3); ++i) {
    Report::progress("ingest with a slow disk, round " + std::to_string(i));
    slow.round({64}, false);
  }
  add_slow(slow, report);
  measure_idle_connections(options, report);
}

}  // namespace assembly_sync::bench

#include "daemon/measuring.hpp"

#include <array>

#include "daemon/answers/measures.hpp"

namespace assembly_sync::app {
namespace {

using telemetry::Counted;
using telemetry::Timed;

constexpr std::array kOutcomes = {"delivered", "throttled", "transient",
                                  "rejected",  "ambiguous", "unauthorized"};

std::string lane_name(core::Lane lane) {
  return std::string(core::to_text(lane));
}

double seconds_of(std::int64_t ms) {
  return static_cast<double>(ms) / 1000;
}

}  // namespace

Measuring::Measuring() {
  // A rate needs the zero before the first.
  for (int i = 0; i < core::kLaneCount; ++i) {
    const std::string lane = lane_name(static_cast<core::Lane>(i));
    metrics_.announce(Timed::delivery_delay, {lane});
    for (const char* outcome : kOutcomes) metrics_.count(Counted::deliveries, {lane, outcome}, 0);
  }
  for (const char* outcome : kOutcomes) metrics_.announce(Timed::call, {outcome});
  for (const char* state : {"done", "failed", "cancelled"}) {
    metrics_.count(Counted::runs, {state}, 0);
  }
  for (const char* result : {"done", "failed"}) metrics_.count(Counted::commits, {result}, 0);
  metrics_.count(Counted::operations, {}, 0);
  metrics_.announce(Timed::commit, {});
}

std::function<void(const store::Committed&)> Measuring::observer() {
  return [this](const store::Committed& commit) { note(commit); };
}

void Measuring::note(const store::Committed& commit) {
  metrics_.count(Counted::commits, {commit.failed ? "failed" : "done"});
  if (commit.failed) return;
  metrics_.count(Counted::operations, {}, static_cast<double>(commit.operations));
  metrics_.time(Timed::commit, {}, std::chrono::duration<double>(commit.took).count());
  for (const auto& delivered : commit.delivered) {
    metrics_.time(Timed::delivery_delay, {lane_name(delivered.lane)},
                  seconds_of(delivered.waited_ms));
  }
  for (const auto& attempt : commit.attempts) {
    metrics_.count(Counted::deliveries, {lane_name(attempt.lane), attempt.outcome});
    metrics_.time(Timed::call, {attempt.outcome}, seconds_of(attempt.duration_ms));
  }
  for (const auto& reading : commit.readings) {
    metrics_.count(Counted::source_reads,
                   {reading.source.str(), reading.trouble.empty() ? "ok" : reading.trouble});
  }
  for (const core::SourceName& source : commit.passes) {
    metrics_.count(Counted::sweeps, {source.str()});
  }
  for (const store::RunState state : commit.runs) {
    metrics_.count(Counted::runs, {std::string(store::to_text(state))});
  }
}

void Measuring::answered(const core::SourceName& source, int status) {
  metrics_.count(Counted::webhook_answers, {source.str(), std::to_string(status)});
}

std::string Measuring::text(const core::Value& status) const {
  return metrics_.text(answers::measures(status));
}

}  // namespace assembly_sync::app

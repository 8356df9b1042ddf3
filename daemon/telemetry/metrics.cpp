#include "daemon/telemetry/metrics.hpp"

#include <array>
#include <stdexcept>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace assembly_sync::telemetry {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

struct CounterRow {
  Counted what;
  const char* name;
  const char* help;
  std::vector<const char*> labels;
};
struct TimerRow {
  Timed what;
  const char* name;
  const char* help;
  std::vector<const char*> labels;
  Buckets seconds;
};

/// In the order of Counted.
const std::vector<CounterRow>& counter_rows() {
  static const std::vector<CounterRow> kRows = {
      {Counted::webhook_answers,
       "assembly_sync_webhook_answers_total",
       "Answers to webhooks.",
       {"source", "status"}},
      {Counted::source_reads,
       "assembly_sync_source_reads_total",
       "Readings of a source: well, or with the kind of trouble.",
       {"source", "result"}},
      {Counted::sweeps,
       "assembly_sync_sweeps_total",
       "Complete passes over an object of a source.",
       {"source"}},
      {Counted::runs, "assembly_sync_runs_finished_total", "Runs that ended.", {"state"}},
      {Counted::deliveries,
       "assembly_sync_deliveries_total",
       "Attempts to deliver a change.",
       {"lane", "outcome"}},
      {Counted::commits, "assembly_sync_store_commits_total", "Commits of the store.", {"result"}},
      {Counted::operations,
       "assembly_sync_store_operations_total",
       "Operations that were committed, many in one commit.",
       {}},
  };
  return kRows;
}

/// In the order of Timed.
const std::vector<TimerRow>& timer_rows() {
  static const std::vector<TimerRow> kRows = {
      {Timed::delivery_delay,
       "assembly_sync_delivery_delay_seconds",
       "From the receipt of a notice to its delivery.",
       {"lane"},
       {0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14'400, 86'400}},
      {Timed::call,
       "assembly_sync_call_seconds",
       "Duration of the calls that deliver a change.",
       {"outcome"},
       {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}},
      {Timed::commit,
       "assembly_sync_store_commit_seconds",
       "Duration of a commit of the store.",
       {},
       {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5}},
  };
  return kRows;
}

prometheus::Labels labels_of(const std::vector<const char*>& names,
                             const std::vector<std::string>& values) {
  if (names.size() != values.size()) throw std::logic_error("a metric's labels are incomplete");
  prometheus::Labels labels;
  for (std::size_t i = 0; i < names.size(); ++i) labels[names[i]] = values[i];
  return labels;
}

prometheus::MetricFamily converted(const core::MetricFamily& family) {
  const bool counts = family.kind == core::MetricFamily::Kind::counter;
  prometheus::MetricFamily out;
  out.name = family.name;
  out.help = family.help;
  out.type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  for (const core::MetricFamily::Sample& sample : family.samples) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
    (counts ? metric.counter.value : metric.gauge.value) = sample.value;
    out.metric.push_back(std::move(metric));
  }
  return out;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  std::vector<prometheus::Family<prometheus::Counter>*> counters;  // by Counted
  std::vector<prometheus::Family<prometheus::Histogram>*> timers;  // by Timed

  Impl() {
    for (const CounterRow& row : counter_rows()) {
      counters.push_back(
          &prometheus::BuildCounter().Name(row.name).Help(row.help).Register(registry));
    }
    for (const TimerRow& row : timer_rows()) {
      timers.push_back(
          &prometheus::BuildHistogram().Name(row.name).Help(row.help).Register(registry));
    }
  }

  prometheus::Histogram& timer(Timed what, const std::vector<std::string>& values) {
    const auto index = static_cast<std::size_t>(what);
    const TimerRow& row = timer_rows()[index];
    return timers[index]->Add(labels_of(row.labels, values), row.seconds);
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(Counted what, const std::vector<std::string>& values, double by) {
  const auto index = static_cast<std::size_t>(what);
  // Add() gives the series that is there already.
  impl_->counters[index]->Add(labels_of(counter_rows()[index].labels, values)).Increment(by);
}

void Metrics::time(Timed what, const std::vector<std::string>& values, double seconds) {
  impl_->timer(what, values).Observe(seconds);
}

void Metrics::announce(Timed what, const std::vector<std::string>& values) {
  impl_->timer(what, values);
}

std::string Metrics::text(const std::vector<core::MetricFamily>& also) const {
  std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
  for (const core::MetricFamily& family : also) families.push_back(converted(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace assembly_sync::telemetry

// The parts of the benchmark; `--only` names them. Each starts what it needs, adds its lines and
// ends what it started.
#pragma once

#include "tests/bench/options.hpp"
#include "tests/bench/report.hpp"

namespace assembly_sync::bench {

/// T1 to T9, T25: webhooks, durable before the answer.
void measure_ingest(const Options& options, Report& report);
/// T12 to T14, T23: how much of 30 a second is used without a refusal.
void measure_budget(const Options& options, Report& report);
/// T15 to T17: live changes beside a backlog.
void measure_live(const Options& options, Report& report);
/// Calls that bring Assembly to the state of the sources.
void measure_converge(const Options& options, Report& report);
/// T18 to T22, T24: what a long outbox costs.
void measure_backlog(const Options& options, Report& report);
/// T11: records mapped by rules from YAML.
void measure_mapping(const Options& options, Report& report);
/// What the daemon costs when there is nothing to do.
void measure_idle(const Options& options, Report& report);

}  // namespace assembly_sync::bench

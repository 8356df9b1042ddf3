#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <ostream>
#include <tuple>

#include "core/json.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "daemon/answers/status.hpp"
#include "daemon/app.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/dry_run.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/pace.hpp"
#include "daemon/cli/progress.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/cli/times.hpp"
#include "daemon/intake/run_order.hpp"
#include "daemon/receiving.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;
using store::NoticeState;
using store::Run;
using store::RunState;

/// It was tried again meanwhile: one refusal may be a hiccup.
constexpr std::int64_t kRefusedForGoodMs = 10'000;
constexpr int kProblemsShown = 10;

std::string name_of(const store::Pass& pass) {
  return pass.source.str() + '.' + pass.object.str();
}

std::string name_of(const core::RecordRef& ref) {
  return ref.source.str() + '.' + ref.object.str() + ' ' + ref.id.str();
}

std::int64_t final_count(const Run& run, NoticeState state) {
  return run.finals[static_cast<std::size_t>(state)];
}

/// The unfinished run of the same order, else a new one: so the same command resumes.
store::RowId order(store::Store& store, const Run& wanted, bool& resumed) {
  store::RowId id = 0;
  store.write(store::Urgency::live, [&](store::Tx& tx) {
    for (const Run& run : tx.unfinished_runs()) {
      // One that has read all already would not see what is there now.
      if (wanted.accept_shrink && run.state == RunState::draining) continue;
      if (run.what == wanted.what && run.since_ms == wanted.since_ms && run.limit == wanted.limit &&
          run.accept_shrink == wanted.accept_shrink) {
        id = run.id;
        resumed = true;
        return;
      }
    }
    id = tx.add_run(wanted);
  });
  return id;
}

/// What a person who watches should know beside the run itself.
struct Surroundings {
  double budget = 0;             // calls a second
  std::optional<double> pace{};  // those that the run made of late
  bool key_refused = false;      // by Assembly
  std::string source_trouble{};  // "crm: the API answered 429"; empty = none
};

/// How long until all is sent that was read so far. What others take of the budget, or Assembly
/// grants less of, shows in the pace after a while.
std::string eta_of(const Run& run, const Surroundings& around) {
  const double rate = std::min(around.budget, around.pace.value_or(around.budget));
  if (around.key_refused || rate <= 0) return ", nothing goes out now";
  const auto eta = std::chrono::seconds(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(run.open) / rate)));
  return (run.state == RunState::reading ? ", ETA at least " : ", ETA ") + core::duration_text(eta);
}

std::string line_of(const Run& run, const Surroundings& around) {
  const std::int64_t done = std::accumulate(run.finals.begin(), run.finals.end(), std::int64_t{0});
  std::string text = std::to_string(run.records) + " read, " + std::to_string(done) +
                     " done: " + std::to_string(final_count(run, NoticeState::delivered)) +
                     " sent, " + std::to_string(final_count(run, NoticeState::unchanged)) +
                     " unchanged, " +
                     std::to_string(final_count(run, NoticeState::dead) + run.bad_rows) + " failed";
  char pace[32];
  std::snprintf(pace, sizeof pace, ", %.1f calls/s", around.pace.value_or(0));
  if (around.pace) text += pace;
  if (run.state == RunState::reading) text += ", still reading";
  if (run.open > 0) text += ", " + std::to_string(run.open) + " open" + eta_of(run, around);
  if (around.key_refused) text += "; Assembly refuses the API key, so nothing is sent";
  if (!around.source_trouble.empty()) text += "; waits for " + around.source_trouble;
  return text;
}

/// What the sources that the run reads say now, of those in trouble the first.
std::string trouble_of(const store::View& view, const Run& run) {
  for (const std::string& stream : intake::streams_of(run)) {
    const std::string source = stream.substr(0, stream.find('.'));
    const auto activity = view.activity(core::SourceName(source));
    if (activity.last_error_ms) return source + ": " + activity.last_error;
  }
  return "";
}

std::optional<double> share_of(const Run& run) {
  if (run.state != RunState::draining || run.records == 0) return std::nullopt;
  return 1.0 - static_cast<double>(run.open) / static_cast<double>(run.records);
}

/// What a summary tells beyond the run's sums.
struct Findings {
  std::vector<store::Pass> doubted;  // what they did not show was not taken for gone
  std::vector<store::RunProblem> problems;
};

core::Value summary_of(const Run& run, const Findings& findings, double seconds) {
  core::Value doubted = core::Value::list();
  for (const store::Pass& pass : findings.doubted) {
    doubted.as_list().push_back(core::Value::object({{"object", name_of(pass)},
                                                     {"there", pass.present},
                                                     {"absent", pass.absent},
                                                     {"shrunk", pass.shrunk},
                                                     {"bad_rows", pass.bad_rows}}));
  }
  core::Value problems = core::Value::list();
  for (const store::RunProblem& problem : findings.problems) {
    problems.as_list().push_back(core::Value::object({{"reason", problem.reason},
                                                      {"records", problem.records},
                                                      {"example", name_of(problem.example)}}));
  }
  return core::Value::object({{"run", run.id},
                              {"state", store::to_text(run.state)},
                              {"records", run.records},
                              {"delivered", final_count(run, NoticeState::delivered)},
                              {"unchanged", final_count(run, NoticeState::unchanged)},
                              {"filtered", final_count(run, NoticeState::filtered)},
                              {"superseded", final_count(run, NoticeState::superseded)},
                              {"orphaned", final_count(run, NoticeState::orphaned)},
                              {"ignored", final_count(run, NoticeState::ignored)},
                              {"held", final_count(run, NoticeState::held)},
                              {"dead", final_count(run, NoticeState::dead)},
                              {"bad_rows", run.bad_rows},
                              {"calls", run.calls},
                              {"doubted", std::move(doubted)},
                              {"problems", std::move(problems)},
                              {"seconds", std::round(seconds * 10) / 10}});
}

void print_findings(std::ostream& out, const Findings& findings) {
  for (const store::Pass& pass : findings.doubted) {
    out << answers::doubt_text(name_of(pass), pass.present, pass.absent, pass.bad_rows) << '\n';
  }
  if (findings.problems.empty()) return;
  out << "what went wrong most often:\n";
  for (const store::RunProblem& problem : findings.problems) {
    out << "  " << problem.records << " x " << problem.reason << "  (such as "
        << name_of(problem.example) << ")\n";
  }
}

void print_summary(const Context& context, const Run& run, const Findings& findings,
                   double seconds) {
  std::ostream& out = context.streams.out;
  if (context.json) {
    out << core::dump_json(summary_of(run, findings, seconds)) << '\n';
    return;
  }
  out << "backfill " << store::to_text(run.state) << " in "
      << core::duration_text(std::chrono::seconds(static_cast<std::int64_t>(seconds))) << ": "
      << run.records << " records read, " << final_count(run, NoticeState::delivered)
      << " delivered, " << final_count(run, NoticeState::unchanged) << " unchanged, "
      << final_count(run, NoticeState::filtered) << " filtered, "
      << final_count(run, NoticeState::orphaned) << " orphaned, "
      << final_count(run, NoticeState::superseded) << " superseded, "
      << final_count(run, NoticeState::dead) << " dead, " << run.bad_rows << " bad rows; "
      << run.calls << " calls to Assembly\n";
  if (const auto held = final_count(run, NoticeState::held); held > 0) {
    out << core::count_text(held, "usage log")
        << " held: perhaps in Assembly already, so not sent again\n";
  }
  if (!run.error.empty()) out << "it stopped early: " << run.error << '\n';
  print_findings(out, findings);
}

int exit_code(const Run& run, const Findings& findings) {
  if (run.state == RunState::failed) return kUnavailable;
  if (!findings.doubted.empty()) return kNeedsHuman;
  const std::int64_t for_a_person =
      final_count(run, NoticeState::dead) + final_count(run, NoticeState::held) + run.bad_rows;
  return for_a_person > 0 ? kNeedsHuman : kDone;
}

/// Who executes the run.
enum class Executor : std::uint8_t { daemon, here };

/// Follows the run to its end, or to Ctrl-C; a run of this process also to where only another key
/// helps.
int watch(const Context& context, store::Store& store, store::RowId id, Executor executor,
          const config::Config& config, StopSignals& signals, core::Clock& clock) {
  // Progress goes to stderr when stdout carries JSON.
  Progress progress(context.json ? context.streams.err : context.streams.out,
                    context.streams.out_is_terminal && !context.json);
  const auto start = clock.steady_now();
  Pace pace;
  while (true) {
    const auto [run, refused_ms, trouble] = store.read([&](const store::View& view) {
      const auto changes_ms = view.key_refused_ms(store::KeyUse::changes);
      const Run now = view.run(id).value();
      return std::tuple(now, changes_ms ? changes_ms : view.key_refused_ms(store::KeyUse::lists),
                        trouble_of(view, now));
    });
    const auto now = clock.steady_now();
    if (run.state >= RunState::done) {
      progress.end();
      const auto findings = store.read([&](const store::View& view) {
        Findings found{view.passes_of(id), view.run_problems(id, kProblemsShown)};
        std::erase_if(found.doubted, [](const store::Pass& pass) { return !pass.is_doubted(); });
        return found;
      });
      print_summary(context, run, findings, std::chrono::duration<double>(now - start).count());
      return exit_code(run, findings);
    }
    pace.note(now, run.calls);
    progress.show(line_of(run, {.budget = config.assembly.rate_per_second,
                                .pace = pace.per_second(),
                                .key_refused = refused_ms.has_value(),
                                .source_trouble = trouble}),
                  share_of(run), now);
    const bool refused_for_good =
        refused_ms && core::to_ms(clock.wall_now()) - *refused_ms >= kRefusedForGoodMs;
    if (refused_for_good && executor == Executor::here) {
      progress.end();
      context.streams.err << "Assembly refuses the API key (assembly.api_key). What was read is "
                             "kept: put the right key in place, and the same command goes on where "
                             "it stopped\n";
      return kUnavailable;
    }
    if (signals.wait(100ms)) {
      progress.end();
      context.streams.err
          << "interrupted; what was read is kept: the same command goes on where it "
             "stopped\n";
      return kTryAgain;
    }
  }
}

/// The running daemon holds the lock: it executes the run, we watch.
int through_daemon(const Context& context, const BackfillOptions& options,
                   const config::Config& config, const Run& wanted, StopSignals& signals,
                   core::Clock& clock) {
  auto store = store::Store::open(config.store_path, clock, {.exclusive = false});
  if (!store) return explain(store.error(), context.streams.err);
  bool resumed = false;
  const store::RowId id = order(**store, wanted, resumed);
  context.streams.err << (resumed ? "the running daemon goes on with run "
                                  : "the running daemon takes over run ")
                      << id << " (" << wanted.what << ")\n";
  if (options.no_wait) return kDone;
  return watch(context, **store, id, Executor::daemon, config, signals, clock);
}

}  // namespace

int backfill(const Context& context, const BackfillOptions& options) {
  auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  const auto sources = app::pulled_sources(*config);
  const auto what = intake::choose_streams(sources, *config->rules, options.what);
  const auto since = parse_time(options.since, core::SystemClock().wall_now());
  if (!what || !since) {
    context.streams.err << "assembly-sync backfill: "
                        << (what ? since.error().message : what.error().message) << '\n';
    return kUsage;
  }
  core::SystemClock clock;
  Run wanted;
  wanted.what = *what;
  wanted.since_ms = *since;
  if (options.limit > 0) wanted.limit = options.limit;
  wanted.accept_shrink = options.accept_shrink;
  wanted.created_ms = core::to_ms(clock.wall_now());
  if (options.dry_run) return dry_run(context, *config, wanted);  // a signal just ends it

  StopSignals signals;
  const auto random = core::make_system_random();
  telemetry::Log log(telemetry::LogStyle::quiet);
  auto created = app::App::create(*config, {clock, *random, log}, {.listen = false});
  if (!created) {
    if (created.error().kind == store::OpenError::Kind::busy) {
      return through_daemon(context, options, *config, wanted, signals, clock);
    }
    return explain(created.error(), context.streams.err);
  }
  if (options.no_wait) {
    context.streams.err << "assembly-sync backfill: no daemon is running to leave it to; "
                           "run it without --no-wait, or start `assembly-sync run`\n";
    return kTryAgain;
  }
  bool resumed = false;
  const store::RowId id = order((*created)->store(), wanted, resumed);
  if (resumed) context.streams.err << "going on with run " << id << " where it stopped\n";
  (*created)->start();
  const int code = watch(context, (*created)->store(), id, Executor::here, *config, signals, clock);
  (*created)->stop();
  return code;
}

}  // namespace assembly_sync::cli

#include "daemon/answers/runs.hpp"

#include <cmath>

#include "core/clock.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;

constexpr int kProblemsShown = 20;

Value time_or_null(std::int64_t ms) {
  return ms > 0 ? Value(core::format_utc(core::from_ms(ms))) : Value();
}

Value value_of(const store::Run& run, double per_second) {
  Value finals = Value::object();
  for (int state = 1; state < store::kNoticeStateCount; ++state) {
    finals.set(std::string(store::to_text(static_cast<store::NoticeState>(state))),
               run.finals[static_cast<std::size_t>(state)]);
  }
  const bool ended = run.state >= store::RunState::done;
  Value eta;
  if (!ended && per_second > 0) {
    eta = static_cast<std::int64_t>(std::ceil(static_cast<double>(run.open) / per_second));
  }
  return Value::object({{"id", run.id},
                        {"what", run.what},
                        {"state", store::to_text(run.state)},
                        {"created_at", time_or_null(run.created_ms)},
                        {"finished_at", time_or_null(run.finished_ms)},
                        {"records", run.records},
                        {"open", run.open},
                        {"bad_rows", run.bad_rows},
                        {"calls", run.calls},
                        {"error", run.error},
                        {"finals", std::move(finals)},
                        {"eta_seconds", std::move(eta)}});
}

}  // namespace

Value runs(const store::View& view, double per_second, int limit) {
  Value list = Value::list();
  for (const store::Run& run : view.latest_runs(limit)) {
    list.as_list().push_back(value_of(run, per_second));
  }
  return Value::object({{"runs", std::move(list)}});
}

Value run(const store::View& view, store::RowId id, double per_second) {
  const auto found = view.run(id);
  if (!found) return {};
  Value out = value_of(*found, per_second);
  Value problems = Value::list();
  for (const store::RunProblem& problem : view.run_problems(id, kProblemsShown)) {
    problems.as_list().push_back(Value::object(
        {{"reason", problem.reason},
         {"records", problem.records},
         {"example", problem.example.source.str() + '.' + problem.example.object.str() + ' ' +
                         problem.example.id.str()}}));
  }
  out.set("problems", std::move(problems));
  return out;
}

}  // namespace assembly_sync::answers

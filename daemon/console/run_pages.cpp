// Runs: how far each is, and what became of its records.
#include <algorithm>
#include <chrono>

#include "core/text.hpp"
#include "daemon/answers/entities.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

bool has_ended(const std::string& state) {
  return state == "done" || state == "failed" || state == "cancelled";
}

Markup state_badge(const std::string& state) {
  if (state == "done") return badge(state, "good");
  return badge(state, has_ended(state) ? "bad" : "busy");
}

Markup progress(const Value& run) {
  const std::int64_t records = number_of(run, "records");
  const std::int64_t settled = std::max<std::int64_t>(records - number_of(run, "open"), 0);
  Markup out;
  if (!has_ended(run.text_or("state"))) {
    out += tag("progress", {{"max", std::max<std::int64_t>(records, 1)},
                            {"value", settled},
                            {"aria-label", "Progress of run " + grouped(run.at("id"))}});
    out += text(" ");
  }
  out += text(grouped(settled) + " of " + grouped(records) + " done");
  return out;
}

Markup remaining(const Value& run) {
  const Value& eta = run.at("eta_seconds");
  if (!eta.is_int()) return text("ended");
  const std::string span = core::duration_text(std::chrono::seconds(eta.as_int()));
  return text(run.text_or("state") == "draining" ? span : "at least " + span + ", still reading");
}

Markup finals(const Value& run) {
  Rows rows;
  for (const auto& [state, count] : run.at("finals").as_object()) {
    if (count == Value(0)) continue;
    rows.push_back({head_cell(state), number_cell(grouped(count))});
  }
  return rows.empty() ? nothing("No record has come to its end yet.")
                      : table("How its records ended", {"State", "Records"}, rows);
}

/// `SOURCE.OBJECT ID`, a record with the problem.
Markup example_of(const Value& problem) {
  const std::string example = problem.text_or("example");
  const auto record = answers::parse_record(example);
  return record ? record_link(answers::to_value(*record)) : text(example);
}

}  // namespace

Page runs_page(const Value& document, const Visit& visit) {
  Page page{"Runs", {}, 1000};
  Rows rows;
  for (const Value& run : document.at("runs").as_list()) {
    const std::string id = std::to_string(number_of(run, "id"));
    rows.push_back(
        {tag("a", {{"href", path_to({"runs", id})}}, id), prose_cell(run.text_or("what")),
         state_badge(run.text_or("state")), progress(run), remaining(run),
         number_cell(grouped(run.at("finals").at("dead"))), time_of(run.at("created_at"), visit)});
  }
  page.body +=
      live("runs",
           rows.empty()
               ? nothing("No run yet. `assembly-sync backfill` orders one.")
               : table("Runs", {"Run", "What", "State", "Progress", "Time left", "Dead", "Ordered"},
                       rows));
  return page;
}

Page run_page(const Value& run, const Visit& visit) {
  Page page{"Run " + grouped(run.at("id")), {}, 1000};
  Markup facts =
      join(tag("dt", "What"), tag("dd", run.text_or("what")), tag("dt", "State"),
           tag("dd", state_badge(run.text_or("state"))), tag("dt", "Progress"),
           tag("dd", progress(run)), tag("dt", "Time left"), tag("dd", remaining(run)),
           tag("dt", "Ordered"), tag("dd", time_of(run.at("created_at"), visit)),
           tag("dt", "Ended"), tag("dd", time_of(run.at("finished_at"), visit, "not yet")),
           tag("dt", "Calls"), tag("dd", grouped(run.at("calls"))),
           tag("dt", "Rows that could not be read"), tag("dd", grouped(run.at("bad_rows"))));
  if (const std::string error = run.text_or("error"); !error.empty()) {
    facts += tag("dt", "Error");
    facts += tag("dd", error);
  }
  page.body += live("facts", tag("dl", {{"class", "facts"}}, facts));
  page.body += tag("section", tag("h2", "How its records ended"), live("finals", finals(run)));
  Rows rows;
  for (const Value& problem : run.at("problems").as_list()) {
    const std::string reason = problem.text_or("reason");
    rows.push_back(
        {number_cell(grouped(problem.at("records"))),
         prose_cell(tag("a", {{"href", path_to({"dead"}, {{"reason", reason}})}}, reason)),
         example_of(problem)});
  }
  if (!rows.empty()) {
    page.body += tag("section", tag("h2", "Problems"),
                     table("Problems", {"Records", "Reason", "For example"}, rows));
  }
  return page;
}

}  // namespace assembly_sync::console

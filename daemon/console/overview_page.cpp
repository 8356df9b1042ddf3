// The overview: is it working, and if not, what needs whom; then the queue, the budget, the
// sources, the runs.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/text.hpp"
#include "daemon/answers/needs.hpp"
#include "daemon/console/chart.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using answers::Need;
using core::Value;

/// Where a person goes to see to it.
std::string_view page_of(Need::Kind kind) {
  switch (kind) {
    case Need::Kind::dead:
      return "/dead";
    case Need::Kind::held:
      return "/holds";
    case Need::Kind::quarantine:
      return "/quarantine";
    case Need::Kind::config:
    case Need::Kind::key:
      return "/config";
    case Need::Kind::source:
    case Need::Kind::removed:
    case Need::Kind::doubted:
      return "#sources";
    case Need::Kind::waits:
    case Need::Kind::stale:
      return "/tail";
    case Need::Kind::stopped:  // then nobody answers here
      break;
  }
  return "/";
}

Markup verdict(const std::vector<Need>& needs, const Visit& visit) {
  if (needs.empty()) {
    return tag("p", {{"class", "verdict good"}},
               "Working. Every source is fresh, nothing needs you.");
  }
  Markup items;
  for (const Need& need : needs) {
    Markup since;
    if (!need.since.empty()) since = join(" (", time_of(Value(need.since), visit), ")");
    items += tag("li", tag("a", {{"href", page_of(need.kind)}}, need.text), since);
  }
  return tag("section", {{"class", "verdict bad"}, {"aria-labelledby", "needs"}},
             tag("h2", {{"id", "needs"}},
                 core::count_text(static_cast<std::int64_t>(needs.size()), "problem"),
                 needs.size() == 1 ? " needs you" : " need you"),
             tag("ul", items));
}

Markup figure(std::string_view name, const Markup& value, const Markup& more = Markup()) {
  return tag("div", {{"class", "figure"}}, tag("dt", name), tag("dd", value), more);
}

std::string rate_text(double rate) {
  return rate == std::floor(rate) ? grouped(static_cast<std::int64_t>(rate))
                                  : std::to_string(rate).substr(0, 4);
}

Markup figures(const Value& status) {
  const Value& outbox = status.at("outbox");
  const Value& budget = status.at("budget");
  const std::int64_t eta = number_of(status, "eta_seconds");
  const std::int64_t open = number_of(status.at("notices"), "open");
  const Value& rate = budget.at("per_second");
  return tag(
      "dl", {{"class", "figures"}},
      figure("Waiting to be sent", text(grouped(outbox.at("pending"))),
             tag("dd", {{"class", "quiet"}}, grouped(outbox.at("in_flight")), " in flight")),
      figure("Done in", text(eta > 0 ? core::duration_text(std::chrono::seconds(eta)) : "done"),
             tag("dd", {{"class", "quiet"}}, eta > 0 ? "at the full budget" : "nothing waits")),
      figure("Calls in the last second", text(grouped(budget.at("used_last_second"))),
             tag("dd", {{"class", "quiet"}}, "of ",
                 rate_text(rate.is_number() ? rate.as_double() : 0))),
      figure("Notices open", text(grouped(open)),
             tag("dd", {{"class", "quiet"}}, grouped(status.at("receipts_waiting")),
                 " webhook bodies unread")));
}

Markup charts(const Value& document, const Visit& visit) {
  Chart used{"calls a second", {}, core::to_ms(visit.now), 0, ""};
  Chart pending{"changes waiting", {}, core::to_ms(visit.now), 0, ""};
  const Value& status = document.at("status");
  const Value& rate = status.at("budget").at("per_second");
  if (rate.is_number()) used.limit = rate.as_double();
  for (const Value& sample : document.at("samples").as_list()) {
    const std::int64_t at = number_of(sample, "at_ms");
    used.points.push_back({at, static_cast<double>(number_of(sample, "used"))});
    pending.points.push_back({at, static_cast<double>(number_of(sample, "pending"))});
  }
  used.summary = "Calls to Assembly a second over the last five minutes; now " +
                 grouped(status.at("budget").at("used_last_second")) + " of " +
                 rate_text(used.limit);
  pending.summary = "Changes waiting over the last five minutes; now " +
                    grouped(status.at("outbox").at("pending"));
  return tag("div", {{"class", "charts"}},
             tag("section", tag("h2", "Budget"), live("chart-budget", chart(used))),
             tag("section", tag("h2", "Queue"), live("chart-queue", chart(pending))));
}

Markup lanes(const Value& status) {
  const Value& by_lane = status.at("outbox").at("lanes");
  Rows rows;
  constexpr std::pair<std::string_view, std::string_view> kLanes[] = {
      {"live", "changes in the CRM"},
      {"retry", "tried before, or retried by a person"},
      {"backfill", "runs and changed mappings"},
      {"audit", "reading Assembly's own lists"}};
  for (const auto& [lane, what] : kLanes) {
    rows.push_back({head_cell(lane), number_cell(grouped(by_lane.at(lane))), quiet_cell(what)});
  }
  return tag("section", tag("h2", "Queue by lane"),
             live("lanes",
                  table("Changes waiting, by lane", {"Lane", "Waiting", "What goes there"}, rows)));
}

Row source_row(const std::string& name, const Value& source, const Visit& visit) {
  const bool configured = source.at("configured") != Value(false);
  const bool fresh = source.at("fresh") == Value(true);
  Markup state = !configured ? badge("removed", "bad")
                 : fresh     ? badge("fresh", "good")
                             : badge("stale", "bad");
  if (!fresh) {
    state += tag("p", source.text_or("problem"));
    state += tag("p", {{"class", "quiet"}}, "since ", time_of(source.at("problem_since"), visit));
  }
  const Value& caught = source.at("catch_up");
  if (caught.is_object() && number_of(caught, "outstanding") > 0) {
    state +=
        tag("p", {{"class", "quiet"}},
            "catching up on the time away: ", grouped(caught.at("outstanding")), " outstanding");
  }
  return {head_cell(name), state, time_of(source.at("last_webhook"), visit),
          time_of(source.at("last_poll"), visit)};
}

Markup sources(const Value& status, const Visit& visit) {
  Rows rows;
  for (const auto& [name, source] : status.at("sources").as_object()) {
    rows.push_back(source_row(name, source, visit));
  }
  const Markup shown =
      rows.empty() ? nothing("No source is configured.")
                   : table("Sources", {"Source", "State", "Last webhook", "Last read"}, rows);
  return tag("section", {{"id", "sources"}}, tag("h2", "Sources"), live("sources", shown));
}

Markup endings(const Value& status) {
  constexpr std::pair<std::string_view, std::string_view> kStates[] = {
      {"delivered", "sent to Assembly"},
      {"unchanged", "Assembly has it so already"},
      {"filtered", "left out by a mapping's condition"},
      {"superseded", "a newer notice took its place"},
      {"orphaned", "waits for its company"},
      {"held", "a person has to decide"},
      {"dead", "refused; a person has to look"},
      {"ignored", "not mapped, or dropped by a person"}};
  Rows rows;
  for (const auto& [state, means] : kStates) {
    rows.push_back({head_cell(state), number_cell(grouped(status.at("notices").at(state))),
                    quiet_cell(means)});
  }
  return tag(
      "section", tag("h2", "How notices ended"),
      live("endings", table("Notices by final state", {"State", "Notices", "Meaning"}, rows)));
}

Markup runs(const Value& status) {
  Rows rows;
  for (const Value& run : status.at("runs").as_list()) {
    const std::int64_t records = number_of(run, "records");
    const std::int64_t settled = records - number_of(run, "open");
    const std::string id = std::to_string(number_of(run, "id"));
    rows.push_back({head_cell(tag("a", {{"href", path_to({"runs", id})}}, id)), run.text_or("what"),
                    badge(run.text_or("state"), "busy"),
                    join(tag("progress", {{"max", std::max<std::int64_t>(records, 1)},
                                          {"value", settled},
                                          {"aria-label", "Progress of run " + id}}),
                         " ", grouped(settled), " of ", grouped(records), " done")});
  }
  const Markup shown = rows.empty()
                           ? nothing("No run is under way.")
                           : table("Runs under way", {"Run", "What", "State", "Progress"}, rows);
  return tag("section", tag("h2", "Runs under way"), live("runs", shown));
}

}  // namespace

Page overview_page(const Value& document, const Visit& visit) {
  const Value& status = document.at("status");
  Page page{"Overview", {}, 1000};
  page.body += live("verdict", verdict(answers::needs(status), visit));
  page.body += live("figures", figures(status));
  page.body += charts(document, visit);
  page.body += tag("div", {{"class", "columns"}}, lanes(status), endings(status));
  page.body += sources(status, visit);
  page.body += runs(status);
  return page;
}

}  // namespace assembly_sync::console

#include "daemon/answers/status.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/needs.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
namespace limits = core::limits;

constexpr std::size_t kVersionsShown = 10;

Value outbox_of(const store::Totals& totals) {
  Value lanes = Value::object();
  for (int lane = 0; lane < core::kLaneCount; ++lane) {
    lanes.set(std::string(core::to_text(static_cast<core::Lane>(lane))),
              totals.pending[static_cast<std::size_t>(lane)]);
  }
  const std::int64_t pending =
      std::accumulate(totals.pending.begin(), totals.pending.end(), std::int64_t{0});
  return Value::object(
      {{"pending", pending}, {"in_flight", totals.in_flight}, {"lanes", std::move(lanes)}});
}

Value notices_of(const store::Totals& totals) {
  Value notices = Value::object();
  for (int state = 0; state < store::kNoticeStateCount; ++state) {
    notices.set(std::string(store::to_text(static_cast<store::NoticeState>(state))),
                totals.notices[static_cast<std::size_t>(state)]);
  }
  return notices;
}

/// When all was last read, and complete passes whose absences are not believed.
void set_passes(Value& source, const std::vector<store::Pass>& passes) {
  Value doubted = Value::list();
  Value read = Value::object();
  for (const store::Pass& pass : passes) {
    read.set(pass.object.str(), time_value(pass.ended_ms));
    if (!pass.is_doubted()) continue;
    doubted.as_list().push_back(Value::object({{"object", pass.object.str()},
                                               {"at", time_value(pass.ended_ms)},
                                               {"there", pass.present},
                                               {"absent", pass.absent},
                                               {"shrunk", pass.shrunk},
                                               {"bad_rows", pass.bad_rows}}));
  }
  source.set("read_whole", std::move(read));
  if (!doubted.as_list().empty()) source.set("doubted", std::move(doubted));
}

Value source_of(const store::View& view, const core::SourceName& name, const FreshRules& rules,
                std::int64_t now_ms) {
  const store::SourceActivity activity = view.activity(name);
  Value source = Value::object();
  source.set("last_webhook", time_value(activity.last_webhook_ms));
  source.set("last_poll", time_value(activity.last_poll_ms));
  judge_source(source, name, activity, rules, now_ms);
  return source;
}

/// More are told as this many: counting must not take long.
constexpr std::int64_t kMostCounted = 10'000;

Value catch_up_of(const store::CatchUp& found, std::int64_t outstanding) {
  return Value::object({{"down_from", core::format_utc(core::from_ms(found.from_ms))},
                        {"down_to", core::format_utc(core::from_ms(found.to_ms))},
                        {"polled", found.polled},
                        {"late_webhooks", found.late_webhooks},
                        {"outstanding", outstanding},
                        {"done", time_value(found.done_ms)}});
}

Value run_of(const store::Run& run) {
  return Value::object({{"id", run.id},
                        {"what", run.what},
                        {"state", store::to_text(run.state)},
                        {"records", run.records},
                        {"open", run.open}});
}

constexpr const char* kInForceNote = "in_force";
constexpr const char* kRejectedNote = "config_rejected";

InForce read_in_force(const store::View& view) {
  InForce in_force;
  const auto note = core::parse_json(view.note(kInForceNote));
  if (!note) return in_force;  // nothing ran here yet
  in_force.rate_per_second = note->at("rate").as_double();
  for (const Value& name : note->at("sources").as_list()) {
    in_force.sources.emplace_back(name.as_string());
  }
  const auto whole = [](const Value& value) { return value.is_int() ? value.as_int() : 0; };
  in_force.min_free_bytes = whole(note->at("min_free_bytes"));
  if (const std::int64_t most = whole(note->at("lineage_bytes")); most > 0) {
    in_force.lineage_bytes = most;
  }
  in_force.fresh.pending_seconds = whole(note->at("pending_seconds"));
  in_force.fresh.since_ms = whole(note->at("since_ms"));
  if (!note->at("fresh").is_object()) return in_force;  // written by an older version
  for (const auto& [name, rule] : note->at("fresh").as_object()) {
    in_force.fresh.sources[core::SourceName(name)] = {whole(rule.at("seconds")),
                                                      rule.at("asked") == Value(true)};
  }
  return in_force;
}

Value config_of(const store::View& view) {
  Value config = Value::object({{"version", nullptr}, {"loaded_at", nullptr}});
  const auto versions = view.config_versions();
  if (!versions.empty()) {
    config.set("version", versions.front().version);
    config.set("hash", versions.front().hash);
    config.set("loaded_at", time_value(versions.front().loaded_ms));
  }
  Value before = Value::list();
  for (std::size_t i = 1; i < versions.size() && i <= kVersionsShown; ++i) {
    before.as_list().push_back(Value::object({{"version", versions[i].version},
                                              {"hash", versions[i].hash},
                                              {"loaded_at", time_value(versions[i].loaded_ms)}}));
  }
  config.set("before", std::move(before));
  if (auto rejected = core::parse_json(view.note(kRejectedNote)); rejected) {
    config.set("rejected", std::move(*rejected));
  }
  return config;
}

/// Those in force, and those that are gone while something of theirs waits.
void set_sources(Value& out, const store::View& view, const InForce& in_force,
                 std::int64_t now_ms) {
  Value sources = Value::object();
  for (const core::SourceName& name : in_force.sources) {
    Value source = source_of(view, name, in_force.fresh, now_ms);
    set_passes(source, view.ended_passes(name));
    if (const auto found = view.catch_up(name)) {
      source.set("catch_up", catch_up_of(*found, view.unresolved(name, kMostCounted)));
    }
    sources.set(name.str(), std::move(source));
  }
  for (const core::SourceName& name : view.sources_heard()) {
    const bool configured =
        std::find(in_force.sources.begin(), in_force.sources.end(), name) != in_force.sources.end();
    if (configured || !view.waits(name)) continue;
    Value gone = source_of(view, name, in_force.fresh, now_ms);
    gone.set("configured", false);
    sources.set(name.str(), std::move(gone));
  }
  out.set("sources", std::move(sources));
}

std::string wait_text(store::Backlog full) {
  const auto most = [](std::size_t limit) { return std::to_string(limit); };
  switch (full) {
    case store::Backlog::receipts:
      return most(limits::kOpenReceipts) +
             " webhooks wait to be taken apart, which is the limit: it goes on by itself";
    case store::Backlog::notices:
      return most(limits::kOpenNotices) +
             " changed records are on their way, which is the limit: it goes on by itself";
    case store::Backlog::changes:
      return most(limits::kOutboxPending) +
             " changes wait for their call, which is the limit: it goes on by itself";
    case store::Backlog::for_a_person:
      break;
  }
  return most(limits::kWaitingForAPerson) +
         " dead letters and held usage logs wait for a person, which is the limit: mend the rule "
         "that "
         "made them and reload, or try again or drop what assembly-sync dead list shows";
}

/// Why sources are told to wait; empty = they are not.
std::string wait_text(const store::Totals& totals, const InForce& in_force,
                      const StatusInputs& inputs) {
  constexpr std::int64_t kMegabyte = 1024 * 1024;
  const bool low = inputs.disk_low ||
                   (inputs.disk_free_bytes && *inputs.disk_free_bytes < in_force.min_free_bytes);
  if (low && inputs.disk_free_bytes) {
    return "only " + std::to_string(*inputs.disk_free_bytes / kMegabyte) +
           " MB are free where the store is, and store.min_free_megabytes is " +
           std::to_string(in_force.min_free_bytes / kMegabyte) +
           ": make room, it goes on by itself";
  }
  if (inputs.store_failing) {
    return "the store can't be written: the log says why (housekeeping_failed), and it goes on by "
           "itself";
  }
  const auto full = store::full_backlog(totals);
  return full ? wait_text(*full) : "";
}

/// What can grow: how much it is, how much it may be.
Value limits_of(const store::Totals& totals, const store::Sizes& sizes, const InForce& in_force) {
  const auto state = [&](store::NoticeState which) {
    return totals.notices[static_cast<std::size_t>(which)];
  };
  const auto row = [](const char* of, std::int64_t is, auto most) {
    return Value::object({{"of", of}, {"is", is}, {"most", static_cast<std::int64_t>(most)}});
  };
  return Value::list(
      {row("receipts_waiting", totals.receipts_waiting, limits::kOpenReceipts),
       row("notices_open", totals.notices[0], limits::kOpenNotices),
       row("outbox_pending",
           std::accumulate(totals.pending.begin(), totals.pending.end(), std::int64_t{0}),
           limits::kOutboxPending),
       row("waiting_for_a_person",
           state(store::NoticeState::dead) + state(store::NoticeState::held),
           limits::kWaitingForAPerson),
       row("quarantine", totals.quarantined, limits::kQuarantineRows),
       row("receipts_kept", totals.kept_receipts, limits::kSettledReceiptRows),
       row("receipt_bytes_kept", totals.kept_receipt_bytes, limits::kSettledReceiptBytes),
       row("notices_kept", totals.kept_notices, limits::kSettledNoticeRows),
       row("deliveries_kept", totals.kept_deliveries, limits::kDeliveryRows),
       row("lineage_bytes_kept", totals.lineage_bytes, in_force.lineage_bytes),
       row("log_bytes", sizes.log_bytes, limits::kLogBytes)});
}

void set_room(Value& out, const store::Totals& totals, const store::Sizes& sizes,
              const InForce& in_force, const StatusInputs& inputs) {
  out.set("limits", limits_of(totals, sizes, in_force));
  out.set("store",
          Value::object({{"bytes", sizes.bytes},
                         {"log_bytes", sizes.log_bytes},
                         {"reusable_bytes", sizes.free_bytes},
                         {"disk_free_bytes",
                          inputs.disk_free_bytes ? Value(*inputs.disk_free_bytes) : Value()},
                         {"min_free_bytes", in_force.min_free_bytes}}));
  const std::string waits = wait_text(totals, in_force, inputs);
  out.set("waits", waits.empty() ? Value() : Value(waits));
}

}  // namespace

void set_in_force(store::Tx& tx, const InForce& in_force) {
  Value sources = Value::list();
  for (const core::SourceName& name : in_force.sources) {
    sources.as_list().emplace_back(name.str());
  }
  Value fresh = Value::object();
  for (const auto& [name, rule] : in_force.fresh.sources) {
    fresh.set(name.str(),
              Value::object({{"seconds", rule.fresh_seconds}, {"asked", rule.is_asked}}));
  }
  tx.set_note(kInForceNote,
              core::dump_json(Value::object({{"rate", in_force.rate_per_second},
                                             {"sources", std::move(sources)},
                                             {"min_free_bytes", in_force.min_free_bytes},
                                             {"lineage_bytes", in_force.lineage_bytes},
                                             {"pending_seconds", in_force.fresh.pending_seconds},
                                             {"since_ms", in_force.fresh.since_ms},
                                             {"fresh", std::move(fresh)}})));
}

void set_rejected(store::Tx& tx, const core::Problems& problems, std::int64_t now_ms) {
  if (problems.empty()) {
    tx.set_note(kRejectedNote, "");
    return;
  }
  tx.set_note(
      kRejectedNote,
      core::dump_json(Value::object({{"at", core::format_utc(core::from_ms(now_ms))},
                                     {"problems", static_cast<std::int64_t>(problems.size())},
                                     {"first", core::to_text(problems.front())}})));
}

std::string doubt_text(const std::string& object, std::int64_t there, std::int64_t absent,
                       std::int64_t bad_rows) {
  const std::string text = object + ": " + std::to_string(absent) + " of " +
                           core::count_text(there, "record") +
                           " did not show when all were read last; ";
  if (bad_rows > 0) {
    return text + core::count_text(bad_rows, "row") +
           " could not be read and may be among them, so nothing was deleted: mend the rows";
  }
  return text +
         "that is more than max_shrink_percent, so nothing was deleted. If they are gone: "
         "assembly-sync backfill " +
         object + " --accept-shrink";
}

Value status(const store::Store& store, const StatusInputs& inputs) {
  const store::Sizes sizes = store.sizes();
  return store.read([&](const store::View& view) {
    const store::Totals totals = view.totals();
    const InForce in_force = read_in_force(view);
    Value out = Value::object();
    out.set("running", inputs.running);
    out.set("last_alive", time_value(view.alive_ms()));
    out.set("outbox", outbox_of(totals));
    out.set("notices", notices_of(totals));
    out.set("notices_received", totals.notices_received);
    out.set("budget",
            Value::object({{"per_second", in_force.rate_per_second},
                           {"used_last_second", static_cast<std::int64_t>(inputs.used_last_second)},
                           {"refused", totals.refused},
                           {"calls", totals.calls}}));
    const auto refused_ms = view.key_refused_ms(store::KeyUse::changes);
    out.set("authorized", !refused_ms);
    if (refused_ms) out.set("unauthorized_since", time_value(*refused_ms));
    if (const auto lists_ms = view.key_refused_ms(store::KeyUse::lists)) {
      out.set("lists_refused_since", time_value(*lists_ms));
    }
    set_sources(out, view, in_force, inputs.now_ms);
    out.set("dead", totals.notices[static_cast<std::size_t>(store::NoticeState::dead)]);
    out.set("quarantine", totals.quarantined);
    out.set("receipts_waiting", totals.receipts_waiting);
    set_room(out, totals, sizes, in_force, inputs);
    Value fresh = freshness(out.at("sources"), view.oldest_change(), out.text_or("waits"),
                            in_force.fresh, inputs.now_ms);
    if (!inputs.running) set_stopped(fresh, out.at("last_alive"));
    out.set("freshness", std::move(fresh));
    Value runs = Value::list();
    for (const store::Run& run : view.unfinished_runs()) runs.as_list().push_back(run_of(run));
    out.set("runs", std::move(runs));
    out.set("config", config_of(view));
    const std::int64_t pending = out.at("outbox").at("pending").as_int();
    out.set("eta_seconds", static_cast<std::int64_t>(
                               std::ceil(static_cast<double>(pending) / in_force.rate_per_second)));
    return out;
  });
}

std::string status_text(const Value& status) {
  std::string text;
  for (const Need& need : needs(status)) {
    text += "needs you   " + need.text;
    text += (need.verb.empty() ? "" : ": assembly-sync " + need.verb) + '\n';
  }
  text += "daemon      ";
  text += status.at("running") == Value(true) ? "running\n" : "not running\n";
  const Value& outbox = status.at("outbox");
  const Value& lanes = outbox.at("lanes");
  const auto number = [](const Value& value) { return std::to_string(value.as_int()); };
  text += "outbox      " + number(outbox.at("pending")) + " pending, " +
          number(outbox.at("in_flight")) + " in flight  (live " + number(lanes.at("live")) +
          ", retry " + number(lanes.at("retry")) + ", backfill " + number(lanes.at("backfill")) +
          ")";
  const std::int64_t eta = status.at("eta_seconds").as_int();
  if (eta > 0 && status.at("running") == Value(true)) {
    text += ", about " + core::duration_text(std::chrono::seconds(eta)) + " at the budget";
  }
  text += '\n';
  const Value& budget = status.at("budget");
  char rate[32];
  std::snprintf(rate, sizeof rate, "%g", budget.at("per_second").as_double());
  text += "budget      " + number(budget.at("used_last_second")) + " of " + rate +
          "/s used in the last second, " + number(budget.at("refused")) + " refused (429) ever\n";
  text += "notices    ";
  for (const char* state : {"open", "delivered", "unchanged", "filtered", "superseded", "orphaned",
                            "held", "dead", "ignored"}) {
    text += ' ' + std::string(state) + ' ' + number(status.at("notices").at(state));
  }
  text += '\n';
  for (const auto& [name, source] : status.at("sources").as_object()) {
    text += "source      " + name + ": last webhook " + source.text_or("last_webhook", "never") +
            ", last read " + source.text_or("last_poll", "never") +
            (source.at("fresh") == Value(true) ? "" : "; PROBLEM: " + source.text_or("problem")) +
            '\n';
    const Value& caught = source.at("catch_up");
    if (!caught.is_object()) continue;
    text += "            was down from " + caught.text_or("down_from") + " to " +
            caught.text_or("down_to") + ": " + number(caught.at("polled")) +
            " changes found by asking, " + number(caught.at("late_webhooks")) +
            " by late webhooks, " + number(caught.at("outstanding")) + " outstanding\n";
  }
  for (const Value& run : status.at("runs").as_list()) {
    text += "backfill    run " + number(run.at("id")) + " (" + run.text_or("what") +
            "): " + run.text_or("state") + ", " + number(run.at("records")) + " records read, " +
            number(run.at("open")) + " on their way\n";
  }
  const Value& config = status.at("config");
  text += config.at("version").is_null() ? "config      none loaded yet\n"
                                         : "config      version " + number(config.at("version")) +
                                               ", loaded " + config.text_or("loaded_at") + '\n';
  return text;
}

}  // namespace assembly_sync::answers

#include "daemon/answers/measures.hpp"

#include <optional>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "core/time_text.hpp"
#include "core/version.hpp"

namespace assembly_sync::answers {
namespace {

using core::MetricFamily;
using core::Value;
using Kind = MetricFamily::Kind;
using Families = std::vector<MetricFamily>;

double number(const Value& value) {
  if (value == Value(true)) return 1;
  return value.is_number() ? value.as_double() : 0;
}

MetricFamily family(const char* name, Kind kind, const char* help) {
  return {.name = std::string("assembly_sync_") + name, .kind = kind, .help = help};
}

MetricFamily one(const char* name, Kind kind, const char* help, const Value& value) {
  MetricFamily out = family(name, kind, help);
  out.samples.push_back({{}, number(value)});
  return out;
}

/// A sample for each member of an object.
MetricFamily by_member(const char* name, Kind kind, const char* help, const char* label,
                       const Value& object) {
  MetricFamily out = family(name, kind, help);
  for (const auto& [member, value] : object.as_object()) {
    out.samples.push_back({{{label, member}}, number(value)});
  }
  return out;
}

/// Seconds since the epoch of a time as the status writes it.
std::optional<double> epoch_seconds(const Value& time) {
  if (!time.is_string()) return std::nullopt;
  const auto parsed = core::parse_rfc3339(time.as_string());
  if (!parsed) return std::nullopt;
  return static_cast<double>(core::to_ms(*parsed)) / 1000;
}

void add_notices(Families& out, const Value& status) {
  const Value& notices = status.at("notices");
  // No counter: dead and held ones leave their state when a person orders it, or their record goes
  // through later.
  MetricFamily ended =
      family("notices_finished", Kind::gauge,
             "Notices by final state; with the open ones, all that were received.");
  for (const auto& [state, count] : notices.as_object()) {
    if (state == "open") continue;
    ended.samples.push_back({{{"state", state}}, number(count)});
  }
  out.push_back(std::move(ended));
  out.push_back(
      one("notices_open", Kind::gauge, "Notices without a final state yet.", notices.at("open")));
  out.push_back(one("notices_received_total", Kind::counter, "Notices that ever arose.",
                    status.at("notices_received")));
}

void add_sending(Families& out, const Value& status) {
  const Value& outbox = status.at("outbox");
  const Value& budget = status.at("budget");
  out.push_back(by_member("outbox_pending", Kind::gauge, "Changes waiting to be sent, by lane.",
                          "lane", outbox.at("lanes")));
  out.push_back(
      one("outbox_in_flight", Kind::gauge, "Calls to Assembly under way.", outbox.at("in_flight")));
  out.push_back(one("budget_used_last_second", Kind::gauge, "Calls started in the last second.",
                    budget.at("used_last_second")));
  out.push_back(one("budget_limit_per_second", Kind::gauge,
                    "Calls that may start in a second, as configured.", budget.at("per_second")));
  if (budget.at("pace").is_number()) {
    out.push_back(one("budget_pace_per_second", Kind::gauge,
                      "Calls that start in a second at most, as learned.", budget.at("pace")));
  }
  out.push_back(one("calls_total", Kind::counter,
                    "Calls made to Assembly, lists and labels included.", budget.at("calls")));
  out.push_back(one("refused_total", Kind::counter, "Calls that Assembly answered with 429.",
                    budget.at("refused")));
  out.push_back(one("authorized", Kind::gauge, "0 while Assembly refuses the API key.",
                    status.at("authorized")));
}

void add_sources(Families& out, const Value& status) {
  struct Row {
    const char* name;
    const char* help;
    const char* member;
  };
  const Value& sources = status.at("sources");
  for (const Row& row :
       {Row{"source_fresh", "0 when data of the source is staler than configured.", "fresh"},
        Row{"source_refused", "1 while the source refuses our credential.", "refused"},
        Row{"source_doubted",
            "1 when records did not show in a complete pass and a person must say why.", "doubted"},
        Row{"source_staleness_seconds", "Since the source was last heard or read.",
            "silent_seconds"},
        Row{"source_staleness_limit_seconds", "Beyond it the source is stale; 0 = no limit.",
            "fresh_seconds"}}) {
    MetricFamily rows = family(row.name, Kind::gauge, row.help);
    for (const auto& [name, source] : sources.as_object()) {
      if (source.at("configured") == Value(false)) continue;
      const Value& member = source.at(row.member);  // a list is there when it holds something
      rows.samples.push_back({{{"source", name}}, member.is_list() ? 1 : number(member)});
    }
    out.push_back(std::move(rows));
  }
  const Value& freshness = status.at("freshness");
  out.push_back(one("delivery_oldest_pending_seconds", Kind::gauge,
                    "Since when the oldest change of the lanes live and retry waits.",
                    freshness.at("oldest_pending_seconds")));
  out.push_back(one("delivery_pending_limit_seconds", Kind::gauge,
                    "Beyond it delivery is stale; 0 = no limit.",
                    freshness.at("pending_limit_seconds")));
  out.push_back(
      one("fresh", Kind::gauge, "As /freshz: 0 when anything is stale.", freshness.at("fresh")));
}

void add_room(Families& out, const Value& status) {
  MetricFamily is =
      family("bounded", Kind::gauge, "What can grow and has a limit: how much it is.");
  MetricFamily most = family("bounded_limit", Kind::gauge, "How much it may be.");
  for (const Value& row : status.at("limits").as_list()) {
    const core::MetricLabels labels = {{"of", row.text_or("of")}};
    is.samples.push_back({labels, number(row.at("is"))});
    most.samples.push_back({labels, number(row.at("most"))});
  }
  out.push_back(std::move(is));
  out.push_back(std::move(most));
  const Value& store = status.at("store");
  out.push_back(one("store_bytes", Kind::gauge, "Size of the store's file.", store.at("bytes")));
  out.push_back(
      one("store_wal_bytes", Kind::gauge, "Size of its write-ahead log.", store.at("log_bytes")));
  out.push_back(one("store_reusable_bytes", Kind::gauge,
                    "Space in the file that holds nothing and is used next.",
                    store.at("reusable_bytes")));
  if (store.at("disk_free_bytes").is_number()) {
    out.push_back(one("disk_free_bytes", Kind::gauge, "Free space where the store is.",
                      store.at("disk_free_bytes")));
  }
  out.push_back(one("disk_free_limit_bytes", Kind::gauge,
                    "Below it senders are told to wait and sources are not asked.",
                    store.at("min_free_bytes")));
  MetricFamily waits = family("waits", Kind::gauge, "1 while sources are told to wait.");
  waits.samples.push_back({{}, status.at("waits").is_null() ? 0.0 : 1.0});
  out.push_back(std::move(waits));
  out.push_back(one("receipts_waiting", Kind::gauge, "Webhook bodies not yet decoded.",
                    status.at("receipts_waiting")));
  out.push_back(one("quarantined", Kind::gauge,
                    "Webhooks that failed verification, kept for a person.",
                    status.at("quarantine")));
}

void add_program(Families& out, const Value& status) {
  MetricFamily runs =
      family("run_records", Kind::gauge, "Records that runs under way have read, by state.");
  std::vector<std::pair<std::string, double>> states = {
      {"requested", 0}, {"reading", 0}, {"draining", 0}};
  MetricFamily unfinished = family("runs_unfinished", Kind::gauge, "Runs under way, by state.");
  std::vector<double> records(states.size(), 0);
  for (const Value& run : status.at("runs").as_list()) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (run.text_or("state") != states[i].first) continue;
      states[i].second += 1;
      records[i] += number(run.at("records"));
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    unfinished.samples.push_back({{{"state", states[i].first}}, states[i].second});
    runs.samples.push_back({{{"state", states[i].first}}, records[i]});
  }
  out.push_back(std::move(unfinished));
  out.push_back(std::move(runs));
  const Value& config = status.at("config");
  out.push_back(one("config_version", Kind::gauge, "Number of the configuration in force.",
                    config.at("version")));
  MetricFamily loaded = family("config_loaded_timestamp_seconds", Kind::gauge,
                               "When the configuration in force was loaded.");
  if (const auto at = epoch_seconds(config.at("loaded_at"))) loaded.samples.push_back({{}, *at});
  out.push_back(std::move(loaded));
  out.push_back(one("config_refused", Kind::gauge,
                    "1 while the last configuration was refused and the one before goes on.",
                    Value(config.at("rejected").is_object())));
  MetricFamily build = family("build_info", Kind::gauge, "1; which build of the program this is.");
  build.samples.push_back({{{"version", std::string(core::kVersion)}}, 1});
  out.push_back(std::move(build));
}

}  // namespace

std::vector<MetricFamily> measures(const Value& status) {
  Families out;
  add_notices(out, status);
  add_sending(out, status);
  add_sources(out, status);
  add_room(out, status);
  add_program(out, status);
  return out;
}

}  // namespace assembly_sync::answers

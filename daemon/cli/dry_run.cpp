#include "daemon/cli/dry_run.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/patient_listing.hpp"
#include "daemon/cli/verb_catalogues.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/preview.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

struct Tally {
  std::int64_t records = 0;
  std::int64_t would_send = 0;
  std::int64_t unchanged = 0;
  std::int64_t filtered = 0;
  std::int64_t orphaned = 0;
  std::int64_t dead = 0;
  std::int64_t bad_rows = 0;
  std::map<std::string, std::int64_t> fields;   // "company.tier" -> entities in which it differs
  std::map<std::string, std::int64_t> reasons;  // of refusals
};

void count_fields(Tally& tally, const core::Intent& intent, const sync::Difference& difference) {
  const std::string kind(core::to_text(intent.kind));
  for (const auto& [field, value] : difference.fields) ++tally.fields[kind + '.' + field];
  for (const auto& [name, value] : difference.properties) {
    ++tally.fields[kind + ".additional_properties." + name];
  }
  for (const std::string& name : difference.removed_properties) {
    ++tally.fields[kind + ".additional_properties." + name];
  }
  if (!difference.added_tags.empty() || !difference.removed_tags.empty())
    ++tally.fields[kind + ".tags"];
}

sync::Difference difference_of(const core::RecordRef& record, const core::Intent& intent,
                               const store::Store* store) {
  if (store == nullptr) return sync::difference(nullptr, sync::state_of(intent));
  return store->read(
      [&](const store::View& view) { return sync::preview(view, record, intent).difference; });
}

void count(Tally& tally, const core::RecordRef& record, const sync::Verdict& verdict,
           const store::Store* store) {
  using Kind = sync::Verdict::Kind;
  if (verdict.kind == Kind::filtered) ++tally.filtered;
  if (verdict.kind == Kind::no_parent) ++tally.orphaned;
  if (verdict.kind == Kind::refused) {
    ++tally.dead;
    ++tally.reasons[verdict.reason];
  }
  if (verdict.kind != Kind::intent) return;
  const sync::Difference difference = difference_of(record, verdict.intent, store);
  if (difference.empty()) {
    ++tally.unchanged;
  } else {
    ++tally.would_send;
    count_fields(tally, verdict.intent, difference);
  }
}

/// Reads one stream; the error's text when it can't.
std::optional<std::string> read_stream(const config::SourceConfig& source,
                                       const core::ObjectName& object, const config::Config& config,
                                       const store::Run& wanted, store::Store* store,
                                       Tally& tally) {
  VerbCatalogues verb(store);
  const intake::Mapper mapper = verb.mapper(config);
  core::JsonDocument document;
  std::optional<std::string> cursor;
  do {
    auto page =
        list_patiently(*source.connector, object, cursor, config.rules->paths(source.name, object),
                       verb.transport(), verb.clock());
    if (!page) return source.name.str() + '.' + object.str() + ": " + page.error().reason;
    tally.bad_rows += static_cast<std::int64_t>(page->bad_rows.size());
    std::vector<core::Record> records;
    bool enough = false;
    for (core::Record& record : page->records) {
      if (wanted.since_ms && record.version != 0 && record.version < *wanted.since_ms) continue;
      enough = wanted.limit && tally.records >= *wanted.limit;
      if (enough) break;
      record.ref.source = source.name;
      ++tally.records;
      records.push_back(std::move(record));
    }
    const auto mapped =
        mapper.map_all(*source.connector, source.name, object, std::move(records), document);
    if (!mapped) return source.name.str() + '.' + object.str() + ": " + mapped.error().reason;
    for (const intake::MappedRecord& one : *mapped) {
      for (const sync::Verdict& verdict : one.verdicts) {
        count(tally, one.record.ref, verdict, store);
      }
    }
    if (enough) return std::nullopt;
    cursor = std::move(page->next);
  } while (cursor);
  return std::nullopt;
}

void print(const Context& context, const Tally& tally, double rate) {
  std::ostream& out = context.streams.out;
  const double seconds = static_cast<double>(tally.would_send) / rate;
  if (context.json) {
    Value fields = Value::object();
    for (const auto& [name, n] : tally.fields) fields.set(name, n);
    out << core::dump_json(Value::object({{"dry_run", true},
                                          {"records", tally.records},
                                          {"would_send", tally.would_send},
                                          {"unchanged", tally.unchanged},
                                          {"filtered", tally.filtered},
                                          {"orphaned", tally.orphaned},
                                          {"dead", tally.dead},
                                          {"bad_rows", tally.bad_rows},
                                          {"calls", tally.would_send},
                                          {"seconds", seconds},
                                          {"fields", std::move(fields)}}))
        << '\n';
    return;
  }
  out << "dry run: " << tally.records << " records read; " << tally.would_send
      << " entities would be sent (about " << static_cast<std::int64_t>(seconds) + 1
      << " s at the budget), " << tally.unchanged << " are unchanged, " << tally.filtered
      << " filtered, " << tally.orphaned << " without company, " << tally.dead << " refused, "
      << tally.bad_rows << " bad rows\n";
  for (const auto& [name, n] : tally.fields) out << "  " << n << "  " << name << '\n';
  for (const auto& [reason, n] : tally.reasons) out << "  refused " << n << " x " << reason << '\n';
}

}  // namespace

int dry_run(const Context& context, const config::Config& config, const store::Run& wanted) {
  std::unique_ptr<store::Store> store;
  core::SystemClock clock;
  if (std::filesystem::exists(config.store_path)) {
    auto opened = store::Store::open(config.store_path, clock, {.exclusive = false});
    if (!opened) return explain(opened.error(), context.streams.err);
    store = std::move(*opened);
  }
  Tally tally;
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      const std::string stream = source.name.str() + '.' + object.str();
      const std::string all = ',' + wanted.what + ',';
      if (all.find(',' + stream + ',') == std::string::npos) continue;
      if (const auto error = read_stream(source, object, config, wanted, store.get(), tally)) {
        context.streams.err << "assembly-sync backfill: " << *error << '\n';
        return kUnavailable;
      }
    }
  }
  print(context, tally, config.assembly.rate_per_second);
  return tally.dead + tally.bad_rows > 0 ? kNeedsHuman : kDone;
}

}  // namespace assembly_sync::cli

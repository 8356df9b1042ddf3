#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/verb_catalogues.hpp"
#include "daemon/intake/mirror_scope.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/receiving.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/preview_changes.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;
using sync::FieldChanges;
using sync::Preview;
using sync::Verdict;

constexpr int kPage = 500;
constexpr std::int64_t kShown = 20;  // changes in full, unless --limit says more
constexpr std::size_t kReasons = 10;

struct Totals {
  std::int64_t records = 0;
  std::int64_t changes = 0;
  std::int64_t unchanged = 0;
  std::int64_t filtered = 0;
  std::int64_t orphaned = 0;
  std::int64_t refused = 0;
  std::int64_t calls = 0;
  std::map<std::string, std::int64_t> groups;   // "company: tier, tags" -> how many
  std::map<std::string, std::int64_t> reasons;  // of refusals
  std::int64_t unread = 0;                      // records that lack values the mapping wants
};

std::string group_of(const core::Intent& intent, const Preview& preview,
                     const FieldChanges& changes) {
  std::string group(core::to_text(intent.kind));
  if (!preview.entity || !preview.entity->present) return group + ": new in Assembly";
  std::string fields;
  for (const auto& [name, change] : changes) fields += (fields.empty() ? "" : ", ") + name;
  return group + ": " + (fields.empty() ? "its source-specific IDs" : fields + " only");
}

/// As one finds it in the table: a text as it is, anything else as JSON.
std::string shown(const Value& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.as_string() : core::dump_json(value);
}

/// Shows changes as they are found: as lines, or as elements of the document's list.
class Report {
 public:
  Report(const Context& context, std::int64_t most) : context_(context), most_(most) {}

  void add(const core::Intent& intent, const Preview& preview, const FieldChanges& changes) {
    if (most_ >= 0 && listed_ >= most_) return;
    if (context_.json) {
      context_.streams.out << (listed_ == 0 ? R"({"changes":[)" : ",")
                           << core::dump_json(sync::change_value(intent, preview, changes));
    } else {
      print(intent, preview, changes);
    }
    ++listed_;
  }

  void finish(const Totals& totals, double rate) {
    const double seconds = static_cast<double>(totals.calls) / rate;
    if (context_.json) {
      Value end = Value::object(
          {{"totals", totals_value(totals)}, {"calls", totals.calls}, {"seconds", seconds}});
      const std::string text = core::dump_json(end);
      context_.streams.out << (listed_ == 0 ? R"({"changes":[)" : "") << "],"
                           << std::string_view(text).substr(1) << '\n';
    } else {
      summarise(totals, seconds);
    }
  }

 private:
  void print(const core::Intent& intent, const Preview& preview, const FieldChanges& changes) {
    std::ostream& out = context_.streams.out;
    out << core::to_text(intent.kind) << ' ' << intent.key.str()
        << (preview.entity && preview.entity->present ? "" : " (new in Assembly)") << '\n';
    std::size_t width = 0;
    for (const auto& [name, change] : changes) width = std::max(width, name.size());
    for (const auto& [name, change] : changes) {
      out << "    " << name << std::string(width - name.size() + 2, ' ')
          << (change.known ? shown(change.from) : "unknown") << " -> " << shown(change.to) << '\n';
    }
  }

  static Value totals_value(const Totals& totals) {
    Value groups = Value::object();
    for (const auto& [group, count] : totals.groups) groups.set(group, count);
    Value reasons = Value::object();
    for (const auto& [reason, count] : totals.reasons) reasons.set(reason, count);
    return Value::object({{"records", totals.records},
                          {"changes", totals.changes},
                          {"unchanged", totals.unchanged},
                          {"filtered", totals.filtered},
                          {"orphaned", totals.orphaned},
                          {"refused", totals.refused},
                          {"unknown", totals.unread},
                          {"groups", std::move(groups)},
                          {"reasons", std::move(reasons)}});
  }

  void summarise(const Totals& totals, double seconds) {
    std::ostream& out = context_.streams.out;
    if (totals.changes > listed_) {
      out << "… and " << totals.changes - listed_ << " more (--limit N or --json shows them)\n";
    }
    if (totals.changes > 0) out << '\n';
    for (const auto& [group, count] : totals.groups) out << "  " << count << "  " << group << '\n';
    std::size_t reasons = 0;
    for (const auto& [reason, count] : totals.reasons) {
      if (++reasons > kReasons) break;
      out << "  " << count << "  refused: " << reason << '\n';
    }
    out << "plan: " << core::count_text(totals.records, "record") << " mapped; "
        << core::count_text(totals.changes, "change") << ", " << totals.unchanged << " unchanged, "
        << totals.filtered << " filtered, " << totals.orphaned << " without company, "
        << totals.refused << " refused";
    if (totals.unread > 0) out << ", " << totals.unread << " unknown until they are read again";
    out << '\n';
    if (totals.changes > 0) {
      out << "cost: " << core::count_text(totals.calls, "call") << " to Assembly, about "
          << core::duration_text(std::chrono::seconds(static_cast<std::int64_t>(seconds) + 1))
          << " at the budget; nothing was sent\n";
    }
  }

  const Context& context_;
  const std::int64_t most_;
  std::int64_t listed_ = 0;
};

class Planning {
 public:
  Planning(intake::Mapper mapper, const PlanOptions& options, intake::MirrorScope scope,
           Report& report)
      : mapper_(std::move(mapper)), options_(options), scope_(std::move(scope)), report_(report) {}

  void add(const store::View& view, store::MirrorRow row) {
    if (row.record.state != store::RecordState::present) return;
    if (!mapper_.rules().reads(row.ref.source, row.ref.object)) return;
    ++totals_.records;
    if (!scope_.holds_all(row.ref, row.record.read_ms)) {
      ++totals_.unread;
      return;
    }
    const core::RecordRef ref = row.ref;
    core::Record record{row.ref, std::move(row.record.json), row.record.version, {}};
    for (const Verdict& verdict : mapper_.map(std::move(record), document_).verdicts) {
      if (!options_.mapping.empty() && verdict.mapping != options_.mapping) continue;
      add(view, ref, verdict);
    }
  }

  const Totals& totals() const { return totals_; }

 private:
  void add(const store::View& view, const core::RecordRef& ref, const Verdict& verdict) {
    switch (verdict.kind) {
      case Verdict::Kind::filtered:
        ++totals_.filtered;
        return;
      case Verdict::Kind::no_parent:
        ++totals_.orphaned;
        return;
      case Verdict::Kind::refused:
        ++totals_.refused;
        ++totals_.reasons[verdict.reason];
        return;
      case Verdict::Kind::intent:
        break;
    }
    const Preview preview = sync::preview(view, ref, verdict.intent);
    if (preview.waits) {
      ++totals_.orphaned;
      return;
    }
    if (preview.difference.empty()) {
      ++totals_.unchanged;
      return;
    }
    const FieldChanges changes = sync::changes_of(preview);
    ++totals_.changes;
    totals_.calls += preview.difference.empty_but_removals() ? 0 : 1;
    totals_.calls += preview.difference.removed_properties.empty() ? 0 : 1;
    ++totals_.groups[group_of(verdict.intent, preview, changes)];
    report_.add(verdict.intent, preview, changes);
  }

  const intake::Mapper mapper_;
  const PlanOptions& options_;
  const intake::MirrorScope scope_;
  Report& report_;
  core::JsonDocument document_;
  Totals totals_;
};

int unknown_mapping(const Context& context, const std::string& name,
                    const std::vector<std::string>& known) {
  const std::string near = core::nearest(name, known);
  context.streams.err << "assembly-sync plan: no mapping " << name
                      << (near.empty() ? "" : "; did you mean " + near + '?') << '\n';
  return kUsage;
}

/// What can't be foreseen, and why.
void tell_lacking(const Context& context, const intake::MirrorScope& scope) {
  for (const auto& [object, values] : scope.lacking()) {
    std::string names;
    for (const std::string& value : values) names += (names.empty() ? "" : ", ") + value;
    context.streams.out << object << ": unknown what would change: "
                        << (names.empty() ? "the mapping wants values that were"
                                          : names + (values.size() == 1 ? " was" : " were"))
                        << " never read from the CRM; after `assembly-sync reload` its records "
                           "are read again first\n";
  }
}

/// Why labels that the mappings ask for are not to be had; nothing when they are.
std::optional<std::string> unknown_labels(const config::Config& config, VerbCatalogues& verb) {
  const intake::Mapper mapper = verb.mapper(config);
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      const auto error = mapper.prepare(*source.connector, source.name, object);
      if (error) return source.name.str() + ": " + error->reason;
    }
  }
  return std::nullopt;
}

}  // namespace

int plan(const Context& context, const PlanOptions& options) {
  const auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  const std::vector<std::string> known = config->rules->names();
  if (!options.mapping.empty() &&
      std::find(known.begin(), known.end(), options.mapping) == known.end()) {
    return unknown_mapping(context, options.mapping, known);
  }
  if (!std::filesystem::exists(config->store_path)) {
    context.streams.err << "assembly-sync: no store at " << config->store_path
                        << " yet: plan compares what was read before. `assembly-sync backfill "
                           "--dry-run` shows what a first backfill would send\n";
    return kUnavailable;
  }
  core::SystemClock clock;
  auto store = store::Store::open(config->store_path, clock, {.exclusive = false});
  if (!store) return explain(store.error(), context.streams.err);
  const std::int64_t most = options.limit.value_or(context.json ? -1 : kShown);
  Report report(context, most);
  const auto sources = app::pulled_sources(*config);
  const auto scope = (*store)->read([&](const store::View& view) {
    return intake::MirrorScope::look(view, sources, *config->rules, core::to_ms(clock.wall_now()));
  });
  if (!context.json) tell_lacking(context, scope);
  VerbCatalogues verb(store->get());
  Planning planning(verb.mapper(*config), options, scope, report);
  if (const auto error = unknown_labels(*config, verb)) {
    context.streams.err << "assembly-sync plan: " << *error << '\n';
    return kUnavailable;
  }
  store::RowId last = 0;
  for (std::size_t rows = kPage; rows == kPage;) {
    (*store)->read([&](const store::View& view) {
      auto page = view.mirror_after(last, kPage);
      rows = page.size();
      for (store::MirrorRow& row : page) {
        last = row.row;
        planning.add(view, std::move(row));
      }
    });
  }
  report.finish(planning.totals(), config->assembly.rate_per_second);
  return planning.totals().changes + planning.totals().unread > 0 ? kChanges : kDone;
}

}  // namespace assembly_sync::cli

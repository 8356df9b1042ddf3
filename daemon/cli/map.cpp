#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <memory>
#include <ostream>
#include <sstream>

#include "core/json.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/patient_listing.hpp"
#include "daemon/cli/verb_catalogues.hpp"
#include "daemon/map_document.hpp"

namespace assembly_sync::cli {
namespace {

core::Result<std::string> read_record(const Context& context, const MapOptions& options) {
  std::ostringstream text;
  if (options.record == "-") {
    text << context.streams.in.rdbuf();
    return text.str();
  }
  std::ifstream file(options.record, std::ios::binary);
  if (!file) return core::fail("cannot read " + options.record);
  text << file.rdbuf();
  return text.str();
}

/// The record that the source gives for the id: by itself, or found in the listing of a source that
/// is read whole.
class Fetch {
 public:
  Fetch(const config::Config& config, const app::MapTarget& target, VerbCatalogues& verb,
        std::ostream& err)
      : connector_(*target.source->connector),
        target_(target),
        paths_(config.rules->paths(target.source->name, target.object)),
        verb_(verb),
        err_(err) {}

  core::Result<std::string> record(const core::RecordId& id) {
    if (connector_.reads_by_id()) return by_id(id);
    if (connector_.lists_objects()) return listed(id);
    return core::fail("expected --record FILE, got --id: source " + target_.source->name.str() +
                      " sends its records by webhook and can't be asked for one");
  }

 private:
  core::Result<std::string> by_id(const core::RecordId& id) {
    const auto read =
        connector_.read(target_.object, {id}, paths_, verb_.transport(), verb_.clock().wall_now());
    if (!read) return failed(read.error());
    if (read->records.empty()) {
      const bool archived = !read->missing.empty() && read->missing.front().archived;
      return core::fail(archived ? "record " + id.str() + " lies in the source's recycle bin"
                                 : none(id));
    }
    for (const auto& [asked, survivor] : read->remapped) {
      err_ << "assembly-sync map: record " << asked.str() << " was merged into " << survivor.str()
           << ", which is shown\n";
    }
    return read->records.front().json;
  }

  core::Result<std::string> listed(const core::RecordId& id) {
    std::optional<std::string> cursor;
    do {
      auto page = list_patiently(connector_, target_.object, cursor, paths_, verb_.transport(),
                                 verb_.clock());
      if (!page) return failed(page.error());
      for (core::Record& record : page->records) {
        if (record.ref.id == id) return std::move(record.json);
      }
      cursor = std::move(page->next);
    } while (cursor);
    return core::fail(none(id));
  }

  core::Result<std::string> failed(const connectors::ReadError& error) const {
    return core::fail("reading the record failed: " + error.reason);
  }
  std::string none(const core::RecordId& id) const {
    return target_.name() + " has no record " + id.str();
  }

  const connectors::Connector& connector_;
  const app::MapTarget& target_;
  const connectors::Paths paths_;
  VerbCatalogues& verb_;
  std::ostream& err_;
};

app::MapLabels labels_for(const config::Config& config, const app::MapTarget& target,
                          VerbCatalogues& verb) {
  const core::SourceName& source = target.source->name;
  app::MapLabels labels;
  labels.needed = config.rules->needs_catalogue(source, target.object);
  if (!labels.needed) return labels;
  intake::Catalogues& catalogues = verb.catalogues();
  const auto stored = catalogues.read_ms(source, target.object);
  if (const auto error = catalogues.ensure(*target.source->connector, source, target.object)) {
    labels.from = "nowhere";
    labels.reason = error->reason;
    return labels;
  }
  const std::int64_t read_ms = catalogues.read_ms(source, target.object).value_or(0);
  labels.catalogue = catalogues.known(source, target.object);
  labels.from = stored == read_ms ? "store" : "source";
  labels.read_at = core::format_utc(core::from_ms(read_ms));
  return labels;
}

std::string text_of(const app::MapLabels& labels, const app::MapTarget& target) {
  const std::string of = "labels of " + target.name() + ": ";
  if (labels.from == "store") return of + "from the store, as read there at " + labels.read_at;
  if (labels.from == "source") return of + "read from the source now, at " + labels.read_at;
  return of + "not known: " + labels.reason;
}

void print_text(std::ostream& out, const std::vector<mapping::Result>& results,
                const std::vector<mapping::TraceStep>& trace) {
  std::string field;
  for (const mapping::TraceStep& step : trace) {
    const std::string here = step.mapping + ": " + step.field;
    if (here != field) out << here << '\n';
    field = here;
    out << "    " << step.expression << "  =>  "
        << (step.error.empty() ? core::dump_json(step.result) : "ERROR: " + step.error) << '\n';
  }
  if (results.empty()) out << "no mapping reads this object\n";
  for (const mapping::Result& result : results) {
    out << "mapping " << result.mapping << ": ";
    if (result.kind == mapping::Result::Kind::intent) {
      out << '\n' << core::dump_json_pretty(core::to_value(result.intent)) << '\n';
    } else {
      out << app::reason_of(result) << '\n';
    }
  }
}

/// For what it knows of labels: a store that can't be opened is as good as none here.
std::unique_ptr<store::Store> open_if_there(const config::Config& config) {
  if (!std::filesystem::exists(config.store_path)) return nullptr;
  core::SystemClock clock;
  auto opened = store::Store::open(config.store_path, clock, {.exclusive = false});
  return opened ? std::move(*opened) : nullptr;
}

}  // namespace

int map(const Context& context, const MapOptions& options) {
  std::ostream& err = context.streams.err;
  if (options.record.empty() == options.id.empty()) {
    err << "assembly-sync map: expected --record FILE (or -), or --id ID\n";
    return kUsage;
  }
  const auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  const auto target = app::find_map_target(*config, options.object);
  if (!target) {
    err << "assembly-sync map: " << target.error().message << '\n';
    return kUsage;
  }
  const auto store = open_if_there(*config);
  VerbCatalogues verb(store.get());
  const auto text = options.id.empty()
                        ? read_record(context, options)
                        : Fetch(*config, *target, verb, err).record(core::RecordId(options.id));
  if (!text) {
    err << "assembly-sync map: " << text.error().message << '\n';
    return kUnavailable;
  }
  core::JsonDocument document;
  const auto record = document.parse(*text);
  if (!record) {
    err << "assembly-sync map: the record: " << record.error().message << '\n';
    return kUsage;
  }
  const app::MapLabels labels = labels_for(*config, *target, verb);
  std::vector<mapping::TraceStep> trace;
  const auto results =
      config->rules->apply(target->source->name, target->object, *record,
                           options.trace ? &trace : nullptr, labels.catalogue.get());
  if (context.json) {
    context.streams.out << core::dump_json(
                               app::map_document(results, labels, options.trace ? &trace : nullptr))
                        << '\n';
  } else {
    if (labels.needed) context.streams.out << text_of(labels, *target) << '\n';
    print_text(context.streams.out, results, trace);
  }
  for (const mapping::Result& result : results) {
    if (result.kind == mapping::Result::Kind::refused) return kNeedsHuman;
  }
  return kDone;
}

}  // namespace assembly_sync::cli

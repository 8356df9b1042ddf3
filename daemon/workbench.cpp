#include "daemon/workbench.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "core/text.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/excerpt.hpp"
#include "daemon/http/client.hpp"
#include "daemon/intake/catalogues.hpp"
#include "daemon/map_document.hpp"
#include "daemon/put_back.hpp"
#include "daemon/test_entry.hpp"

namespace assembly_sync::app {
namespace {

using config::ConfigFile;
using core::Value;

std::string base_of(const std::string& text) {
  return config::hash_of({{"", text}});
}

Value error(const std::string& what) {
  return Value::object({{"error", what}});
}

/// The file of the configuration with that full path; the main one for an empty name.
const ConfigFile* find_file(const config::Config& config, const std::string& file) {
  for (const ConfigFile& one : config.files) {
    if (file.empty() || config::full_path(one.path) == file) return &one;
  }
  return nullptr;
}

/// What a problem says below its first line: the line of the file and what to write.
std::string excerpt_of(const core::Problem& problem, const std::vector<ConfigFile>& files) {
  const std::string all = config::explained(problem, files);
  return all.substr(std::min(all.find('\n') + 1, all.size()));
}

Value problems_of(const config::LoadResult& loaded, const std::string& here) {
  Value list = Value::list();
  for (const core::Problem& problem : loaded.problems) {
    list.as_list().push_back(Value::object({{"file", problem.file},
                                            {"line", problem.line},
                                            {"column", problem.column},
                                            {"key", problem.key},
                                            {"message", problem.message},
                                            {"hint", problem.hint},
                                            {"excerpt", excerpt_of(problem, loaded.files)},
                                            {"here", config::full_path(problem.file) == here}}));
  }
  return list;
}

/// Options of the properties whose label the rules ask for, as far as the record holds them: what a
/// test needs instead of the source's own word.
Value options_of(const config::Config& config, const MapTarget& target, const Value& record,
                 const core::Catalogue* catalogue) {
  if (catalogue == nullptr) return {};
  const Value& holder = catalogue->root.empty() ? record : record.at(catalogue->root);
  Value options = Value::object();
  for (const std::string& name : config.rules->labelled(target.source->name, target.object)) {
    const core::Field* field = catalogue->find(name);
    if (field == nullptr) continue;
    const std::string held = ';' + holder.text_or(name) + ';';
    Value labels = Value::object();
    for (const auto& [value, label] : field->options) {
      if (held.find(';' + value + ';') != std::string::npos) labels.set(value, label);
    }
    const bool several = field->type == core::FieldType::choices;
    if (labels.as_object().empty()) continue;
    options.set(catalogue->path_of(name) + (several ? "[]" : ""), std::move(labels));
  }
  return options.as_object().empty() ? Value() : options;
}

/// A record with what a configuration makes of it.
struct Tried {
  MapTarget target;
  MapLabels labels;
  std::vector<mapping::TraceStep> trace;
  std::vector<mapping::Result> results;
};

/// As the store knows them: a page that is made while somebody types asks no CRM.
MapLabels labels_for(const config::Config& config, const MapTarget& target,
                     intake::Catalogues& catalogues) {
  MapLabels labels;
  const core::SourceName& source = target.source->name;
  labels.needed = config.rules->needs_catalogue(source, target.object);
  if (!labels.needed) return labels;
  labels.catalogue = catalogues.known(source, target.object);
  labels.from = labels.catalogue ? "store" : "nowhere";
  if (labels.catalogue) {
    const std::int64_t read_ms = catalogues.read_ms(source, target.object).value_or(0);
    labels.read_at = core::format_utc(core::from_ms(read_ms));
  } else {
    labels.reason = "the source was not asked for them yet";
  }
  return labels;
}

core::Result<Tried> run(const config::Config& config, const Workbench::Draft& draft,
                        intake::Catalogues& catalogues) {
  Tried tried;
  auto target = find_map_target(config, draft.object);
  if (!target) return core::fail(target.error().message);
  tried.target = *target;
  core::JsonDocument document;
  const auto record = document.parse(draft.record);
  if (!record) return core::fail("the record: " + record.error().message);
  tried.labels = labels_for(config, tried.target, catalogues);
  tried.results = config.rules->apply(tried.target.source->name, tried.target.object, *record,
                                      &tried.trace, tried.labels.catalogue.get());
  return tried;
}

}  // namespace

Workbench::Workbench(store::Store& store, Surroundings around,
                     std::function<std::shared_ptr<const config::Config>()> in_force)
    : store_(store), around_(around), transport_(around.clock), in_force_(std::move(in_force)) {}

std::shared_ptr<intake::Catalogues> Workbench::catalogues() const {
  return std::make_shared<intake::Catalogues>(intake::CatalogueParts{.store = &store_,
                                                                     .keeps = false,
                                                                     .transport = transport_,
                                                                     .clock = around_.clock,
                                                                     .log = around_.log});
}

intake::Mapper Workbench::mapper() const {
  return intake::Mapper(in_force_()->rules, catalogues());
}

Value Workbench::begin(const std::string& file) const {
  const auto config = in_force_();
  const ConfigFile* found = find_file(*config, file);
  if (found == nullptr) return error(file + " is no file of the configuration");
  Value files = Value::list();
  for (const ConfigFile& one : config->files) {
    files.as_list().emplace_back(config::full_path(one.path));
  }
  Value objects = Value::list();
  for (const std::string& name : map_targets(*config)) objects.as_list().emplace_back(name);
  // As it is on disk; where there is no such file (a configuration of the program's own), as it is
  // in force.
  const std::string text = config::read_config_file(found->path).value_or(found->text);
  return Value::object({{"file", config::full_path(found->path)},
                        {"files", std::move(files)},
                        {"text", text},
                        {"base", base_of(text)},
                        {"objects", std::move(objects)}});
}

Value Workbench::record(const std::string& object, const std::string& id) const {
  const auto target = find_map_target(*in_force_(), object);
  if (!target) return error(target.error().message);
  const auto found = store_.read([&](const store::View& view) {
    return view.record({target->source->name, target->object, core::RecordId(id)});
  });
  if (!found) return error(object + ' ' + id + " was not read yet, or is not kept");
  const auto value = core::parse_json(found->json);
  return Value::object({{"record", value ? core::dump_json_pretty(*value) : found->json}});
}

config::LoadResult Workbench::load(const Draft& draft, const std::string& text) const {
  const auto config = in_force_();
  const std::string& main = config->files.front().path;
  if (config::full_path(main) == draft.file) return config::load(main, text, *around_.secrets);
  const std::string main_text = config::read_config_file(main).value_or(config->files.front().text);
  return config::load(main, main_text, *around_.secrets, {{draft.file, text}});
}

Value Workbench::try_out(const Draft& draft) const {
  if (around_.secrets == nullptr) return error("nothing can be tried in this process");
  const config::LoadResult loaded = load(draft, draft.text);
  Value out = Value::object(
      {{"problems", problems_of(loaded, draft.file)},
       {"tests", Value::object({{"passed", loaded.tests.passed}, {"failed", loaded.tests.failed}})},
       {"map", nullptr}});
  const bool has_record = draft.record.find_first_not_of(" \r\n\t") != std::string::npos;
  if (!loaded.untested || !has_record) return out;
  const auto tried = run(*loaded.untested, draft, *catalogues());
  if (tried) {
    out.set("map", map_document(tried->results, tried->labels, &tried->trace));
  } else {
    out.set("record_problem", tried.error().message);
  }
  return out;
}

Value Workbench::save_test(const Draft& draft) const {
  Value out = try_out(draft);
  out.set("saved", false);
  if (out.find("error") != nullptr) return out;
  const auto refuse = [&out](const std::string& why) {
    out.set("why", why);
    return out;
  };
  const config::LoadResult before = load(draft, draft.text);
  if (!before.config) return refuse("the configuration has problems: mend them first");
  const auto tried = run(*before.config, draft, *catalogues());
  if (!tried) return refuse(tried.error().message);
  if (tried->results.empty()) return refuse("no mapping reads " + draft.object);
  const auto record = core::parse_json(draft.record);
  if (!record) return refuse("the record: " + record.error().message);
  const MapTarget& target = tried->target;
  const auto entries =
      test_entries(draft.name, *record, tried->results,
                   before.config->rules->paths(target.source->name, target.object),
                   options_of(*before.config, target, *record, tried->labels.catalogue.get()));
  out.set("test", to_yaml(entries, 2));
  const auto text = with_tests(draft.text, entries);
  if (!text) return refuse(text.error().message + "; add the entry by hand");
  const config::LoadResult after = load(draft, *text);
  const int more = after.tests.passed - before.tests.passed;
  if (!after.config || more != static_cast<int>(entries.size())) {
    out.set("problems", problems_of(after, draft.file));
    return refuse("with the test the configuration has problems; add the entry by hand");
  }
  out.set("text", *text);
  const auto on_disk = config::read_config_file(draft.file);
  if (!on_disk) return refuse(draft.file + " can't be read: got " + on_disk.error().message);
  if (base_of(*on_disk) != draft.base) {
    return refuse(draft.file + " was changed meanwhile: load it again");
  }
  try {
    PutBack put;
    put.place({{draft.file, *text}});
    out.set("kept", put.done().front().kept.string());
  } catch (const std::exception& error) {
    return refuse(std::string(error.what()) + "; add the entry by hand");
  }
  out.set("saved", true);
  out.set("base", base_of(*text));
  return out;
}

}  // namespace assembly_sync::app

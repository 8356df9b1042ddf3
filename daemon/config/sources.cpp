#include "daemon/config/sources.hpp"

#include <stdexcept>

#include "daemon/config/checks.hpp"
#include "daemon/config/token_file.hpp"

namespace assembly_sync::config {
namespace {

/// nullptr, with a problem, when the block names no type that exists.
const connectors::ConnectorType* type_of(const core::YamlNode& block, const std::string& path,
                                         BlockReader& reader) {
  std::vector<std::string> types;
  std::string list;
  for (const connectors::ConnectorType& type : connectors::registry()) {
    types.push_back(type.type);
    list += (list.empty() ? "" : ", ") + type.type;
  }
  const core::YamlNode* written = block.find("type");
  const std::string expected = "expected one of " + list + ", got ";
  if (written == nullptr) {
    reader.report(block, path + ".type", expected + "nothing");
    return nullptr;
  }
  const auto* type = written->is_scalar() ? connectors::find_type(written->scalar) : nullptr;
  if (type == nullptr) {
    reader.report(*written, path + ".type",
                  expected + shown(*written) + did_you_mean(written->scalar, types));
  }
  return type;
}

/// All settings but secrets and blocks, as text.
std::map<std::string, std::string> texts_of(const Values& values) {
  std::map<std::string, std::string> texts = values.texts;
  for (const auto& [key, number] : values.numbers) texts[key] = plain_number(number);
  return texts;
}

template <class Map>
typename Map::mapped_type member_of(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

/// The same without the reader's kinds of numbers.
connectors::Block block_of(const Values& values) {
  connectors::Block block;
  block.texts = texts_of(values);
  for (const auto& [key, flag] : values.booleans) block.texts[key] = flag ? "true" : "false";
  block.secrets = values.secrets;
  block.secret_lists = values.secret_lists;
  block.text_lists = values.text_lists;
  block.text_maps = values.text_maps;
  block.secret_maps = values.secret_maps;
  block.matches = values.matches;
  block.values = values.any;
  for (const auto& [key, section] : values.sections) block.blocks[key] = block_of(section);
  for (const auto& [key, list] : values.lists) {
    for (const Values& item : list) block.block_lists[key].push_back(block_of(item));
  }
  for (const auto& [key, objects] : values.objects) {
    for (const auto& [name, object] : objects) {
      block.named[key].emplace_back(name, block_of(object));
    }
  }
  return block;
}

connectors::ObjectSettings object_of(const std::string& name, const Values& values) {
  return {.name = core::ObjectName(name),
          .id = values.text("id"),
          .records = values.text("records"),
          .updated = values.text("updated"),
          .deleted_records = values.text("deleted_records"),
          .when = member_of(values.matches, "when"),
          .deleted = member_of(values.matches, "deleted"),
          .texts = texts_of(values)};
}

connectors::SourceSettings settings_of(const core::SourceName& name, const Values& values,
                                       const connectors::ConnectorType& type,
                                       std::shared_ptr<core::TokenKeeper> tokens) {
  connectors::SourceSettings settings;
  settings.name = name;
  settings.tokens = std::move(tokens);
  settings.texts = texts_of(values);
  settings.secrets = values.secrets;
  settings.lists = values.text_lists;
  settings.block = block_of(values);
  for (const connectors::Setting& setting : type.settings) {
    for (const auto& [object, members] : member_of(values.objects, setting.name)) {
      settings.objects.push_back(object_of(object, members));
    }
    const bool verifies =
        setting.kind == connectors::Setting::Kind::variant && setting.name == "verify";
    if (!verifies) continue;
    const Values& block = values.section(setting.name);
    settings.verify = {.scheme = block.text("scheme"),
                       .secrets = member_of(block.secret_lists, "secrets"),
                       .texts = texts_of(block)};
  }
  return settings;
}

/// Three turns may be missed, and none of them must be quicker than a slow CRM's pages.
std::chrono::seconds fresh_of(std::chrono::seconds configured, std::chrono::seconds every) {
  if (configured.count() > 0 || every.count() == 0) return configured;
  return std::max<std::chrono::seconds>(every * 3, std::chrono::minutes(5));
}

PollConfig poll_of(const Values& values) {
  const auto whole = [&](const char* key) { return static_cast<int>(values.number(key)); };
  const std::chrono::seconds fresh(whole("fresh_seconds"));
  if (!values.numbers.contains("poll_seconds")) return {.fresh = fresh};  // it only sends
  const std::chrono::seconds every(whole("poll_seconds"));
  return {.every = every,
          .sweep = std::chrono::hours(whole("sweep_hours")),
          .max_shrink_percent = whole("max_shrink_percent"),
          .fresh = fresh_of(fresh, every)};
}

/// The node that a connector's problem is about, as far as it was written.
void report_in(const core::YamlNode& block, std::string path,
               const connectors::SettingProblem& problem, BlockReader& reader) {
  const core::YamlNode* at = &block;
  bool written = true;
  for (const std::string& step : problem.path) {
    const bool is_index = step.starts_with('[');
    path += is_index ? step : '.' + step;
    const core::YamlNode* next = nullptr;
    if (is_index) {
      const std::size_t index = std::stoul(step.substr(1));
      if (index < at->items.size()) next = &at->items[index];
    } else {
      next = at->find(step);
    }
    written = written && next != nullptr;
    if (written) at = next;
  }
  reader.report(*at, path, problem.message);
}

/// Nothing, with a problem, when something is wrong with the block.
std::optional<SourceConfig> read_source(const std::string& name, const core::YamlNode& block,
                                        std::shared_ptr<core::TokenKeeper> tokens,
                                        BlockReader& reader) {
  const std::string path = "sources." + name;
  if (!reader.expect_map(block, path)) return std::nullopt;
  const connectors::ConnectorType* type = type_of(block, path, reader);
  if (type == nullptr) return std::nullopt;
  const std::size_t problems_before = reader.problem_count();
  const Values values = reader.read(block, path, rules_of(*type));
  if (reader.problem_count() > problems_before) return std::nullopt;

  SourceConfig source;
  source.name = core::SourceName(name);
  source.type = type->type;
  source.poll = poll_of(values);
  try {
    source.connector = type->make(settings_of(source.name, values, *type, std::move(tokens)));
  } catch (const connectors::SettingProblems& found) {
    for (const connectors::SettingProblem& problem : found.problems) {
      report_in(block, path, problem, reader);
    }
    return std::nullopt;
  } catch (const std::invalid_argument& error) {
    reader.report(block, path, error.what());
    return std::nullopt;
  }
  return source;
}

}  // namespace

Sources read_sources(const core::YamlNode& root, const std::string& store_path,
                     BlockReader& reader) {
  Sources out;
  std::shared_ptr<core::TokenKeeper> tokens;
  if (!store_path.empty()) tokens = std::make_shared<TokenFile>(token_file_of(store_path));
  const core::YamlNode* block = root.find("sources");
  if (block == nullptr) return out;
  if (!reader.expect_map(*block, "sources")) {
    out.unreadable = true;
    return out;
  }
  for (const auto& [key, value] : block->members) {
    if (!is_source_name(key.scalar)) {
      reader.report(key, "sources",
                    "expected a name of small letters, digits, - and _, got " + shown(key));
      out.broken.insert(key.scalar);
    } else if (auto source = read_source(key.scalar, value, tokens, reader)) {
      out.sources.push_back(std::move(*source));
    } else {
      out.broken.insert(key.scalar);
    }
  }
  return out;
}

mapping::Schemas schemas_of(const Sources& sources, const core::YamlNode& root) {
  mapping::Schemas schemas;
  for (const SourceConfig& source : sources.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      schemas[source.name.str() + '.' + object.str()] = {source.connector->roots(object),
                                                         source.connector->catalogue_root()};
    }
  }
  const core::YamlNode* mappings = root.find("mappings");
  if (mappings == nullptr) return schemas;
  for (const core::YamlNode& mapping : mappings->items) {
    const core::YamlNode* from = mapping.find("from");
    if (from == nullptr || !from->is_scalar()) continue;
    const std::string source = from->scalar.substr(0, from->scalar.find('.'));
    if (sources.unreadable || sources.broken.contains(source)) {
      schemas.try_emplace(from->scalar, mapping::ObjectSchema{.roots = {}, .readable = false});
    }
  }
  return schemas;
}

}  // namespace assembly_sync::config

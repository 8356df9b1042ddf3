#include "daemon/config/sources.hpp"

#include <stdexcept>

#include "daemon/config/checks.hpp"

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

connectors::SourceSettings settings_of(const core::SourceName& name, const Values& values,
                                       const connectors::ConnectorType& type) {
  connectors::SourceSettings settings;
  settings.name = name;
  settings.texts = values.texts;
  for (const auto& [key, number] : values.numbers) settings.texts[key] = plain_number(number);
  settings.secrets = values.secrets;
  for (const connectors::Setting& setting : type.settings) {
    const auto found = values.objects.find(setting.name);
    if (found != values.objects.end()) settings.objects = found->second;
  }
  return settings;
}

/// Nothing, with a problem, when something is wrong with the block.
std::optional<SourceConfig> read_source(const std::string& name, const core::YamlNode& block,
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
  if (values.numbers.contains("poll_seconds")) {
    source.poll_seconds = static_cast<int>(values.number("poll_seconds"));
  }
  try {
    source.connector = type->make(settings_of(source.name, values, *type));
  } catch (const std::invalid_argument& error) {
    reader.report(block, path, error.what());
    return std::nullopt;
  }
  return source;
}

}  // namespace

Sources read_sources(const core::YamlNode& root, BlockReader& reader) {
  Sources out;
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
    } else if (auto source = read_source(key.scalar, value, reader)) {
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
      schemas[source.name.str() + '.' + object.str()] = {source.connector->roots(object)};
    }
  }
  const core::YamlNode* mappings = root.find("mappings");
  if (mappings == nullptr) return schemas;
  for (const core::YamlNode& mapping : mappings->items) {
    const core::YamlNode* from = mapping.find("from");
    if (from == nullptr || !from->is_scalar()) continue;
    const std::string source = from->scalar.substr(0, from->scalar.find('.'));
    if (sources.unreadable || sources.broken.contains(source)) {
      schemas.try_emplace(from->scalar);
    }
  }
  return schemas;
}

}  // namespace assembly_sync::config

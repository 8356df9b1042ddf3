#include "connectors/block.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors {
namespace {

using Kind = Setting::Kind;

template <class Map>
const typename Map::mapped_type& value_or_none(const Map& map, const std::string& name) {
  static const typename Map::mapped_type kNone{};
  const auto found = map.find(name);
  return found == map.end() ? kNone : found->second;
}

[[noreturn]] void refuse(const core::YamlNode& node, const std::string& what) {
  throw std::invalid_argument("line " + std::to_string(node.line) + ": expected " + what +
                              ", got " + std::string(node.kind_name()));
}

const std::string& scalar(const core::YamlNode& node) {
  if (!node.is_scalar()) refuse(node, "a text");
  return node.scalar;
}

/// A text, or a list of them.
std::vector<std::string> scalars(const core::YamlNode& node) {
  if (node.is_scalar()) return {node.scalar};
  if (!node.is_list()) refuse(node, "a text or a list of them");
  std::vector<std::string> texts;
  for (const core::YamlNode& item : node.items) texts.push_back(scalar(item));
  return texts;
}

void expect_map(const core::YamlNode& node) {
  if (!node.is_map() && !node.is_null()) refuse(node, "a map");
}

Block read_variant(const core::YamlNode& node, const Setting& setting) {
  expect_map(node);
  const core::YamlNode* scheme = node.find("scheme");
  for (const Setting::Variant& variant : setting.variants) {
    if (scheme == nullptr || variant.name != scheme->scalar) continue;
    std::vector<Setting> settings = variant.settings;
    settings.insert(settings.begin(), Setting{.name = "scheme", .required = true});
    return read_block(node, settings);
  }
  refuse(node, "a known scheme of " + setting.name);
}

void read_setting(const core::YamlNode& node, const Setting& setting, Block& out) {
  const std::string& name = setting.name;
  switch (setting.kind) {
    case Kind::secret:
      out.secrets[name] = core::Secret(scalar(node));
      return;
    case Kind::secrets:
      for (std::string& text : scalars(node)) out.secret_lists[name].emplace_back(std::move(text));
      return;
    case Kind::texts:
    case Kind::fields:
    case Kind::integers:
      out.text_lists[name] = scalars(node);
      return;
    case Kind::match:
      expect_map(node);
      for (const auto& [key, value] : node.members) out.matches[name][key.scalar] = scalars(value);
      return;
    case Kind::text_map:
      expect_map(node);
      for (const auto& [key, value] : node.members) {
        out.text_maps[name].emplace_back(key.scalar, scalar(value));
      }
      return;
    case Kind::secret_map:
      expect_map(node);
      for (const auto& [key, value] : node.members) {
        out.secret_maps[name][key.scalar] = core::Secret(scalar(value));
      }
      return;
    case Kind::json:
      out.values[name] = core::to_value(node);
      return;
    case Kind::variant:
      out.blocks[name] = read_variant(node, setting);
      return;
    case Kind::block:
      out.blocks[name] = read_block(node, setting.settings);
      return;
    case Kind::blocks:
      if (!node.is_list()) refuse(node, "a list");
      for (const core::YamlNode& item : node.items) {
        out.block_lists[name].push_back(read_block(item, setting.settings));
      }
      return;
    case Kind::objects:
      expect_map(node);
      for (const auto& [key, value] : node.members) {
        out.named[name].emplace_back(key.scalar, read_block(value, setting.settings));
      }
      return;
    default:
      out.texts[name] = scalar(node);
  }
}

}  // namespace

const std::string& Block::text(const std::string& name) const {
  return value_or_none(texts, name);
}

std::int64_t Block::number(const std::string& name) const {
  const std::string& written = text(name);
  std::int64_t number = 0;
  std::from_chars(written.data(), written.data() + written.size(), number);
  return number;
}

bool Block::flag(const std::string& name) const {
  return text(name) == "true";
}

const std::vector<std::string>& Block::list(const std::string& name) const {
  return value_or_none(text_lists, name);
}

const Block* Block::block(const std::string& name) const {
  const auto found = blocks.find(name);
  return found == blocks.end() ? nullptr : &found->second;
}

Block read_block(const core::YamlNode& map, const std::vector<Setting>& settings) {
  expect_map(map);
  Block out;
  for (const auto& [key, value] : map.members) {
    const auto setting = std::find_if(settings.begin(), settings.end(),
                                      [&](const Setting& s) { return s.name == key.scalar; });
    if (setting == settings.end()) refuse(key, "a known key, not `" + key.scalar + "`");
    read_setting(value, *setting, out);
  }
  for (const Setting& setting : settings) {
    if (map.find(setting.name) != nullptr) continue;
    if (setting.required) refuse(map, "the key " + setting.name);
    if (!setting.default_value.empty()) {
      core::YamlNode written;
      written.kind = core::YamlNode::Kind::scalar;
      written.scalar = setting.default_value;
      read_setting(written, setting, out);
    }
  }
  return out;
}

}  // namespace assembly_sync::connectors

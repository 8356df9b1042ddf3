// The kinds of keys that hold maps and lists of the admin's own making: part of BlockReader, which
// is declared in block.hpp.
#include "daemon/config/block.hpp"
#include "daemon/config/checks.hpp"
#include "daemon/config/hints.hpp"

namespace assembly_sync::config {
namespace {

std::string item_path(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

/// The rule of one item of a list of this kind.
KeyRule item_rule(const KeyRule& rule) {
  KeyRule one = rule;
  one.kind = rule.kind == KeyKind::fields ? KeyKind::field : KeyKind::integer;
  return one;
}

}  // namespace

std::vector<std::string> BlockReader::read_several(const core::YamlNode& node,
                                                   const std::string& path, const KeyRule& rule) {
  const KeyRule one = item_rule(rule);
  std::vector<std::string> texts;
  const auto add = [&](const core::YamlNode& item, const std::string& item_place) {
    if (one.kind == KeyKind::integer) {
      if (const auto number = read_number(item, item_place, one)) {
        texts.push_back(plain_number(*number));
      }
    } else if (auto text = read_text(item, item_place, one)) {
      texts.push_back(std::move(*text));
    }
  };
  if (!node.is_list()) {
    add(node, path);
    return texts;
  }
  if (node.items.empty()) {
    report(node, path, "expected a " + type_in_words(rule) + ", got an empty list");
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) add(node.items[i], item_path(path, i));
  return texts;
}

std::vector<std::pair<std::string, std::string>> BlockReader::read_text_map(
    const core::YamlNode& node, const std::string& path) {
  std::vector<std::pair<std::string, std::string>> texts;
  if (!node.is_map() || node.members.empty()) {
    report(node, path, "expected a map of name to text, got " + shown(node));
    return texts;
  }
  for (const auto& [key, value] : node.members) {
    const std::string place = path + '.' + key.scalar;
    if (!value.is_scalar()) {
      const bool braces = value.is_map();
      report(value, place, "expected a text, got " + shown(value),
             braces ? "put quotes around a text that begins with a brace" : "");
      continue;
    }
    const auto text = references_for(value).text(value.scalar);
    if (text) {
      texts.emplace_back(key.scalar, text->value);
    } else {
      report(value, place, text.error().message,
             reference_hint(value.scalar, folder_of(value), provider_));
    }
  }
  return texts;
}

std::map<std::string, core::Secret> BlockReader::read_secret_map(const core::YamlNode& node,
                                                                 const std::string& path) {
  std::map<std::string, core::Secret> secrets;
  if (!node.is_map() || node.members.empty()) {
    report(node, path, "expected a map of name to ${env:…}, got " + shown(node));
    return secrets;
  }
  KeyRule one;
  one.kind = KeyKind::secret;
  for (const auto& [key, value] : node.members) {
    if (!is_object_name(key.scalar)) {
      report(key, path, "expected a name of letters, digits, - and _, got " + shown(key));
    } else if (auto secret = read_secret(value, path + '.' + key.scalar, one)) {
      secrets[key.scalar] = std::move(*secret);
    }
  }
  return secrets;
}

/// References are resolved in its texts. Nothing, with a problem, when one can't be.
std::optional<core::Value> BlockReader::read_json(const core::YamlNode& node,
                                                  const std::string& path) {
  if (node.is_list()) {
    core::Value::List items;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      auto item = read_json(node.items[i], item_path(path, i));
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return core::Value::list(std::move(items));
  }
  if (node.is_map()) {
    core::Value value = core::Value::object();
    for (const auto& [key, member] : node.members) {
      auto item = read_json(member, path + '.' + key.scalar);
      if (!item) return std::nullopt;
      value.set(key.scalar, std::move(*item));
    }
    return value;
  }
  core::Value value = core::to_value(node);
  if (!value.is_string()) return value;
  const auto text = references_for(node).text(value.as_string());
  if (text) return core::Value(text->value);
  report(node, path, text.error().message, reference_hint(node.scalar, folder_of(node), provider_));
  return std::nullopt;
}

std::vector<Values> BlockReader::read_blocks(const core::YamlNode& node, const std::string& path,
                                             const KeyRule& rule) {
  std::vector<Values> blocks;
  if (!node.is_list() || node.items.empty()) {
    report(node, path,
           "expected a list of maps, got " + (node.is_list() ? "an empty list" : shown(node)));
    return blocks;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string place = item_path(path, i);
    if (expect_map(node.items[i], place)) {
      blocks.push_back(read(node.items[i], place, rule.members));
    }
  }
  return blocks;
}

}  // namespace assembly_sync::config

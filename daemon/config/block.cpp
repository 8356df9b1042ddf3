#include "daemon/config/block.hpp"

#include <algorithm>
#include <cmath>

#include "core/value.hpp"
#include "daemon/config/checks.hpp"
#include "daemon/config/hints.hpp"

namespace assembly_sync::config {
namespace {

template <class Map>
typename Map::mapped_type value_or_default(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

bool is_plain_word(std::string_view text) {
  constexpr std::size_t kLongest = 24;  // generated keys and tokens are longer
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

std::string join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + '.' + std::string(name);
}

std::string what_is_expected(const KeyRule& rule) {
  switch (rule.kind) {
    case KeyKind::url:
      return "an https address (http only to this machine)";
    case KeyKind::address:
      return "HOST:PORT, for example 127.0.0.1:8480";
    case KeyKind::path:
      return "a file name";
    case KeyKind::secret:
      return "${env:…}, ${file:…} or ${credential:…}";
    case KeyKind::integer:
      return rule.least == rule.most ? type_in_words(rule) : "a " + type_in_words(rule);
    case KeyKind::number:
      return "a " + type_in_words(rule);
    case KeyKind::boolean:
      return "true or false";
    case KeyKind::color:
      return "a colour in quotes, for example \"#545A92\"";
    case KeyKind::secrets:
      return "a list of ${env:…}, ${file:…} or ${credential:…}";
    case KeyKind::texts:
      return "a list of texts";
    case KeyKind::field:
      return "a field such as id or data.id";
    case KeyKind::choice:
      return "one of " + choices_in_words(rule);
    case KeyKind::fields:
      return "a field such as id or data.id, or a list of them";
    case KeyKind::integers:
      return "a " + type_in_words(rule);
    case KeyKind::blocks:
      return "a list of maps";
    case KeyKind::section:
    case KeyKind::match:
    case KeyKind::variant:
    case KeyKind::objects:
    case KeyKind::block:
    case KeyKind::text_map:
    case KeyKind::secret_map:
      return "a map";
    default:
      return "a text";
  }
}

}  // namespace

std::string Values::text(const std::string& name) const {
  return value_or_default(texts, name);
}
double Values::number(const std::string& name) const {
  return value_or_default(numbers, name);
}
bool Values::boolean(const std::string& name) const {
  return value_or_default(booleans, name);
}
core::Secret Values::secret(const std::string& name) const {
  return value_or_default(secrets, name);
}
const Values& Values::section(const std::string& name) const {
  static const Values kNone;
  const auto found = sections.find(name);
  return found == sections.end() ? kNone : found->second;
}

std::string shown(const core::YamlNode& node) {
  if (!node.is_scalar()) return std::string(node.kind_name());
  if (node.scalar.empty()) return "an empty text";
  return is_plain_word(node.scalar) ? '"' + node.scalar + '"' : "a text";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = core::nearest(word, candidates);
  return near.empty() ? "" : ": did you mean \"" + near + "\"?";
}

BlockReader::BlockReader(std::string file, const SecretProvider& provider, core::Problems& problems)
    : file_(std::move(file)), provider_(provider), problems_(problems) {}

/// The folder of secrets beside the configuration, which the units hand to the service.
constexpr const char* kCredentials = "credentials";

/// Relative paths start at the folder of the file in which they stand.
std::filesystem::path BlockReader::folder_of(const core::YamlNode& node) const {
  return std::filesystem::absolute(node.file_or(file_)).parent_path();
}

References BlockReader::references_for(const core::YamlNode& node) const {
  return {folder_of(node), std::filesystem::absolute(file_).parent_path() / kCredentials,
          provider_};
}

void BlockReader::report(const core::YamlNode& at, const std::string& path, std::string message,
                         std::string hint) {
  problems_.push_back(
      {at.file_or(file_), at.line, at.column, path, std::move(message), std::move(hint)});
}

bool BlockReader::expect_map(const core::YamlNode& node, const std::string& path) {
  if (node.is_map() || node.is_null()) return true;
  report(node, path, "expected a map, got " + shown(node));
  return false;
}

Values BlockReader::read(const core::YamlNode& map, const std::string& path,
                         const std::vector<KeyRule>& rules) {
  Values out;
  for (const auto& [key, value] : map.members) {
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const KeyRule& r) { return r.name() == key.scalar; });
    if (rule == rules.end()) {
      report_unknown(key, path, rules);
    } else if (rule->kind != KeyKind::elsewhere) {
      read_member(value, join(path, key.scalar), *rule, out);
    }
  }
  std::vector<std::string> names;
  for (const KeyRule& rule : rules) names.emplace_back(rule.name());
  for (const KeyRule& rule : rules) {
    const std::string name(rule.name());
    const bool told = rule.required && core::misspells(map, names, name);
    if (map.find(name) == nullptr && !told) read_absent(map, join(path, name), rule, out);
  }
  return out;
}

void BlockReader::read_member(const core::YamlNode& node, const std::string& path,
                              const KeyRule& rule, Values& out) {
  const std::string name(rule.name());
  switch (rule.kind) {
    case KeyKind::section:
      if (expect_map(node, path)) out.sections[name] = read(node, path, rules_of(rule.path));
      return;
    case KeyKind::variant:
      out.sections[name] = read_variant(node, path, rule);
      return;
    case KeyKind::objects:
      out.objects[name] = read_objects(node, path, rule);
      return;
    case KeyKind::match:
      out.matches[name] = read_match(node, path);
      return;
    case KeyKind::texts:
      out.text_lists[name] = read_texts(node, path);
      return;
    case KeyKind::secrets:
      out.secret_lists[name] = read_secrets(node, path, rule);
      return;
    case KeyKind::fields:
    case KeyKind::integers:
      out.text_lists[name] = read_several(node, path, rule);
      return;
    case KeyKind::text_map:
      out.text_maps[name] = read_text_map(node, path);
      return;
    case KeyKind::secret_map:
      out.secret_maps[name] = read_secret_map(node, path);
      return;
    case KeyKind::json:
      if (auto value = read_json(node, path)) out.any[name] = std::move(*value);
      return;
    case KeyKind::block:
      if (expect_map(node, path)) out.sections[name] = read(node, path, rule.members);
      return;
    case KeyKind::blocks:
      out.lists[name] = read_blocks(node, path, rule);
      return;
    case KeyKind::integer:
    case KeyKind::number:
      if (const auto number = read_number(node, path, rule)) out.numbers[name] = *number;
      return;
    case KeyKind::boolean: {
      const core::Value value = core::to_value(node);
      if (value.is_bool()) {
        out.booleans[name] = value.as_bool();
      } else {
        report(node, path, "expected true or false, got " + shown(node), value_hint(node, rule));
      }
      return;
    }
    case KeyKind::secret:
      if (auto secret = read_secret(node, path, rule)) out.secrets[name] = std::move(*secret);
      return;
    default:
      if (auto text = read_text(node, path, rule)) out.texts[name] = std::move(*text);
  }
}

/// Defaults take the same way as written values, so that a default that breaks its own rule can't
/// go unnoticed.
void BlockReader::read_absent(const core::YamlNode& map, const std::string& path,
                              const KeyRule& rule, Values& out) {
  if (rule.required) {
    report(map, path, "expected " + what_is_expected(rule) + ", got nothing",
           absence_hint(path, rule));
  } else if (rule.kind == KeyKind::section) {
    core::YamlNode absent;
    absent.line = map.line;
    absent.column = map.column;
    read_member(absent, path, rule, out);
  } else if (!rule.default_value.empty()) {
    core::YamlNode written;
    written.kind = core::YamlNode::Kind::scalar;
    written.scalar = rule.default_value;
    written.line = map.line;
    written.column = map.column;
    read_member(written, path, rule, out);
  }
}

void BlockReader::report_unknown(const core::YamlNode& key, const std::string& path,
                                 const std::vector<KeyRule>& rules) {
  std::vector<std::string> names;
  std::string list;
  for (const KeyRule& rule : rules) {
    names.emplace_back(rule.name());
    list += (list.empty() ? "" : ", ") + names.back();
  }
  // {api_key:value} is one long name to YAML: what stands after the colon is not to be shown.
  if (const auto colon = key.scalar.find(':'); colon != std::string::npos) {
    const std::string name = key.scalar.substr(0, colon);
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    report(key, path, "expected a space after the colon of each key, got none",
           known ? "write: " + name + ": …" : "");
    return;
  }
  if (!is_plain_word(key.scalar)) {
    report(key, path, "expected one of " + list + ", got an unknown key");
    return;
  }
  const std::string hint = did_you_mean(key.scalar, names);
  report(key, join(path, key.scalar),
         hint.empty() ? "expected one of " + list + ", got an unknown key"
                      : "expected a known key, got \"" + key.scalar + '"' + hint);
}

std::optional<double> BlockReader::read_number(const core::YamlNode& node, const std::string& path,
                                               const KeyRule& rule) {
  const core::Value value = core::to_value(node);
  const bool right_type = rule.kind == KeyKind::integer ? value.is_int() : value.is_number();
  if (right_type && value.as_double() >= rule.least && value.as_double() <= rule.most) {
    return value.as_double();
  }
  report(node, path,
         "expected " + what_is_expected(rule) + ", got " +
             (value.is_number() ? node.scalar : shown(node)),
         value_hint(node, rule));
  return std::nullopt;
}

std::optional<std::string> BlockReader::read_text(const core::YamlNode& node,
                                                  const std::string& path, const KeyRule& rule) {
  const std::string expected = "expected " + what_is_expected(rule) + ", got ";
  if (!node.is_scalar() || node.scalar.empty()) {
    report(node, path, expected + shown(node));
    return std::nullopt;
  }
  const auto text = references_for(node).text(node.scalar);
  if (!text) {
    report(node, path, text.error().message,
           reference_hint(node.scalar, folder_of(node), provider_));
    return std::nullopt;
  }
  const std::string got = text->referenced ? "the value of " + node.scalar : shown(node);
  switch (rule.kind) {
    case KeyKind::url: {
      auto url = checked_url(text->value);
      if (url) return *url;
      report(node, path, expected + url.error().message, value_hint(node, rule));
      return std::nullopt;
    }
    case KeyKind::address:
      if (is_address(text->value)) return text->value;
      break;
    case KeyKind::color:
      if (is_color(text->value)) return text->value;
      break;
    case KeyKind::field:
      if (is_field(text->value)) return text->value;
      break;
    case KeyKind::choice:
      if (std::find(rule.choices.begin(), rule.choices.end(), text->value) != rule.choices.end()) {
        return text->value;
      }
      report(node, path, expected + got + did_you_mean(text->value, rule.choices));
      return std::nullopt;
    case KeyKind::path:
      if (!text->value.empty()) return (folder_of(node) / text->value).lexically_normal().string();
      break;
    default:
      if (!text->value.empty()) return text->value;
  }
  report(node, path, expected + got, value_hint(node, rule));
  return std::nullopt;
}

std::optional<core::Secret> BlockReader::read_secret(const core::YamlNode& node,
                                                     const std::string& path, const KeyRule& rule) {
  if (!node.is_scalar()) {
    report(node, path,
           "expected " + what_is_expected(rule) + ", got " + std::string(node.kind_name()),
           secret_hint(path));
    return std::nullopt;
  }
  auto secret = references_for(node).secret(node.scalar);
  if (secret) return std::move(*secret);
  std::string hint = reference_hint(node.scalar, folder_of(node), provider_);
  if (hint.empty() && !is_reference(node.scalar)) hint = secret_hint(path);
  report(node, path, secret.error().message, std::move(hint));
  return std::nullopt;
}

std::vector<core::Secret> BlockReader::read_secrets(const core::YamlNode& node,
                                                    const std::string& path, const KeyRule& rule) {
  std::vector<core::Secret> secrets;
  if (!node.is_list() || node.items.empty()) {
    report(node, path,
           "expected " + what_is_expected(rule) + ", got " +
               (node.is_list() ? "an empty list" : std::string(node.kind_name())),
           is_reference(node.scalar) ? "write: [\"" + node.scalar + "\"]" : "");
    return secrets;
  }
  KeyRule one;
  one.kind = KeyKind::secret;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    auto secret = read_secret(node.items[i], path + '[' + std::to_string(i) + ']', one);
    if (secret) secrets.push_back(std::move(*secret));
  }
  return secrets;
}

connectors::Match BlockReader::read_match(const core::YamlNode& node, const std::string& path) {
  connectors::Match match;
  if (!node.is_map() || node.members.empty()) {
    report(node, path, "expected a map of field to text, got " + shown(node));
    return match;
  }
  for (const auto& [key, value] : node.members) {
    if (is_field(key.scalar)) {
      match[key.scalar] = read_texts(value, join(path, key.scalar));
    } else {
      report(key, path, "expected a field such as type or data.type, got " + shown(key));
    }
  }
  return match;
}

std::vector<std::string> BlockReader::read_texts(const core::YamlNode& node,
                                                 const std::string& path) {
  std::vector<std::string> texts;
  const bool usable = node.is_scalar() || (node.is_list() && !node.items.empty());
  if (!usable) report(node, path, "expected a text or a list of texts, got " + shown(node));
  if (node.is_scalar()) texts.push_back(node.scalar);
  for (const core::YamlNode& item : node.items) {
    if (item.is_scalar()) {
      texts.push_back(item.scalar);
    } else {
      report(item, path, "expected a text, got " + shown(item),
             item.is_null() ? "write: \"NULL\", in quotes, where that word is meant" : "");
    }
  }
  return texts;
}

Values BlockReader::read_variant(const core::YamlNode& node, const std::string& path,
                                 const KeyRule& rule) {
  if (!expect_map(node, path)) return {};
  const KeyRule scheme = scheme_rule(rule);
  // Which keys there may be is known only with the scheme: without it, only this is told.
  const core::YamlNode* written = node.find(scheme.name());
  Values found;
  if (written == nullptr) {
    read_absent(node, join(path, scheme.name()), scheme, found);
    return {};
  }
  read_member(*written, join(path, scheme.name()), scheme, found);
  const std::string name = found.text(std::string(scheme.name()));
  for (const auto& [variant, members] : rule.variants) {
    if (variant != name) continue;
    std::vector<KeyRule> rules = members;
    rules.insert(rules.begin(), scheme);
    return read(node, path, rules);
  }
  return {};
}

std::vector<std::pair<std::string, Values>> BlockReader::read_objects(const core::YamlNode& node,
                                                                      const std::string& path,
                                                                      const KeyRule& rule) {
  std::vector<std::pair<std::string, Values>> objects;
  if (!node.is_map() || node.members.empty()) {
    report(node, path, "expected a map of NAME to {id: FIELD}, got " + shown(node));
    return objects;
  }
  for (const auto& [key, value] : node.members) {
    const std::string object_path = join(path, key.scalar);
    if (!is_object_name(key.scalar)) {
      report(key, path, "expected a name of letters, digits, - and _, got " + shown(key));
      continue;
    }
    if (!expect_map(value, object_path)) continue;
    objects.emplace_back(key.scalar, read(value, object_path, rule.members));
  }
  return objects;
}

}  // namespace assembly_sync::config

#include "daemon/config/hints.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/value.hpp"
#include "daemon/config/checks.hpp"

namespace assembly_sync::config {
namespace {

constexpr const char* kWrite = "write: ";

/// 30s, where the key says the unit already.
std::string without_unit(const std::string& text, const KeyRule& rule) {
  const bool unit = (text.ends_with('s') && rule.path.ends_with("_seconds")) ||
                    (text.ends_with('h') && rule.path.ends_with("_hours"));
  return unit ? text.substr(0, text.size() - 1) : text;
}

std::string number(const std::string& written, const KeyRule& rule) {
  const std::string text = without_unit(written, rule);
  core::YamlNode plain;
  plain.kind = core::YamlNode::Kind::scalar;
  plain.scalar = text;
  const core::Value value = core::to_value(plain);
  const bool right = rule.kind == KeyKind::integer ? value.is_int() : value.is_number();
  const bool fits = right && value.as_double() >= rule.least && value.as_double() <= rule.most;
  return fits ? kWrite + text : "";
}

std::string boolean(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kWords = {
      {{"yes", "true"},
       {"Yes", "true"},
       {"YES", "true"},
       {"on", "true"},
       {"1", "true"},
       {"true", "true"},
       {"no", "false"},
       {"No", "false"},
       {"NO", "false"},
       {"off", "false"},
       {"0", "false"},
       {"false", "false"}}};
  for (const auto& [word, meaning] : kWords) {
    if (text == word) return kWrite + std::string(meaning);
  }
  return "";
}

std::string address(const std::string& text) {
  const std::string own = "127.0.0.1:" + text.substr(text.starts_with(':') ? 1 : 0);
  return is_address(own) ? kWrite + own : "";
}

/// The same place with https; nothing when the text might hold more than a place.
std::string url(const std::string& text) {
  const auto scheme = text.find("://");
  if (scheme != std::string::npos && !text.starts_with("http://")) return "";
  const std::string place = scheme == std::string::npos ? text : text.substr(scheme + 3);
  const bool plain = std::all_of(place.begin(), place.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
           c == '/';
  });
  const auto dot = place.find('.');
  if (!plain || dot == std::string::npos) return "";
  const auto checked = checked_url("https://" + place);
  return checked ? kWrite + *checked : "";
}

}  // namespace

std::string value_hint(const core::YamlNode& node, const KeyRule& rule) {
  const std::string& text = node.scalar;
  if (!node.is_scalar() || text.empty()) return "";
  switch (rule.kind) {
    case KeyKind::integer:
    case KeyKind::number:
      return number(text, rule);
    case KeyKind::boolean:
      return boolean(text);
    case KeyKind::address:
      return address(text);
    case KeyKind::color:
      return is_color('#' + text) ? kWrite + ("\"#" + text + '"') : "";
    case KeyKind::url:
      return url(text);
    default:
      return "";
  }
}

std::string absence_hint(const std::string& path, const KeyRule& rule) {
  if (rule.kind == KeyKind::secret) return secret_hint(path);
  const bool only_one = rule.kind == KeyKind::integer && rule.least == rule.most;
  return only_one ? kWrite + std::string(rule.name()) + ": " + plain_number(rule.least) : "";
}

std::string secret_hint(const std::string& path) {
  std::string name;
  std::string_view rest = path;
  while (!rest.empty()) {
    const auto dot = rest.find('.');
    std::string_view word = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
    if (word == "sources" || word == "verify") continue;
    if (const auto item = word.find('['); item != std::string_view::npos) {
      word = word.substr(0, item);
      if (word.ends_with('s')) word.remove_suffix(1);  // one of them
    }
    if (!name.empty()) name += '_';
    for (const char c : word) {
      const bool small = c >= 'a' && c <= 'z';
      const bool other = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      name += small ? static_cast<char>(c - 'a' + 'A') : other ? c : '_';
    }
  }
  return kWrite + ("\"${env:" + name + "}\", and set that variable where the program starts");
}

std::string reference_hint(const std::string& written, const std::filesystem::path& folder,
                           const SecretProvider& provider) {
  constexpr std::string_view kEnv = "${env:";
  constexpr std::string_view kFile = "${file:";
  const auto inside = [&](std::string_view open) {
    const auto at = written.find(open);
    const auto close = written.find('}', at);
    if (at == std::string::npos || close == std::string::npos) return std::string();
    return written.substr(at + open.size(), close - at - open.size());
  };
  if (const std::string name = inside(kEnv); !name.empty()) {
    const bool named =
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    if (!named || provider.environment(name)) return "";
    return "set " + name +
           " where the program starts: export it, or name it in the service's "
           "EnvironmentFile=";
  }
  if (const std::string name = inside(kFile); !name.empty()) {
    const auto full = (folder / name).lexically_normal();
    if (std::filesystem::path(name).is_absolute() || provider.file(full.string())) return "";
    return "a relative name starts at this file's folder: " + full.string();
  }
  return "";
}

}  // namespace assembly_sync::config

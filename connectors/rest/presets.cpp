#include "connectors/rest/presets.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "connectors/rest/language.hpp"
#include "connectors/rest/rest.hpp"
#include "core/yaml.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using Kind = Setting::Kind;

constexpr const char* kWebhookSecrets = "webhook_secrets";
constexpr const char* kTokenUrl = "token_url";
constexpr const char* kRate = "rate";
constexpr const char* kPollSeconds = "poll_seconds";

Block described(const PresetFile& file) {
  core::Problems problems;
  core::YamlNode root = core::read_yaml(file.text, std::string(file.name), problems);
  if (!problems.empty()) throw std::invalid_argument(core::to_text(problems.front()));
  std::vector<Setting> table = settings();
  table.push_back({.name = "type", .required = true});
  table.push_back({.name = kPollSeconds, .kind = Kind::integer, .default_value = "300"});
  try {
    return read_block(root, table);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(file.name) + ": " + error.what());
  }
}

/// An address that stands for each company's own.
bool is_example(const std::string& url) {
  return url.find(".example.com") != std::string::npos;
}

std::vector<Setting> settings_of(const Block& preset) {
  std::vector<Setting> table;
  Setting base_url{.name = "base_url", .kind = Kind::url};
  base_url.required = is_example(preset.text("base_url"));
  if (!base_url.required) base_url.default_value = preset.text("base_url");
  table.push_back(std::move(base_url));
  if (const auto secrets = preset.secret_maps.find("secrets");
      secrets != preset.secret_maps.end()) {
    for (const auto& [name, placeholder] : secrets->second) {
      table.push_back({.name = name, .kind = Kind::secret, .required = true});
    }
  }
  if (const auto texts = preset.text_maps.find("config"); texts != preset.text_maps.end()) {
    for (const auto& [name, text] : texts->second) {
      table.push_back({.name = name, .default_value = text});
    }
  }
  if (const Block* auth = preset.block("auth"); auth != nullptr && auth->has_text(kTokenUrl)) {
    table.push_back({.name = kTokenUrl, .kind = Kind::url, .default_value = auth->text(kTokenUrl)});
  }
  if (preset.block("verify") != nullptr) {
    table.push_back({.name = kWebhookSecrets, .kind = Kind::secrets});
  }
  if (preset.block(kRate) != nullptr) table.push_back(rate_setting());
  table.push_back(objects_setting(false));
  return table;
}

bool brings_secret(const Block& preset) {
  const Block* hooks = preset.block("hooks");
  const Block* create = hooks == nullptr ? nullptr : hooks->block("create");
  return create != nullptr && create->has_text("secret");
}

/// The description with what the admin wrote in the places it left open.
Block completed(Block preset, const SourceSettings& written) {
  for (auto& [name, secret] : preset.secret_maps["secrets"]) {
    if (const auto found = written.secrets.find(name); found != written.secrets.end()) {
      secret = found->second;
    }
  }
  for (auto& [name, text] : preset.text_maps["config"]) {
    if (written.block.has_text(name)) text = written.block.text(name);
  }
  if (written.block.has_text("base_url")) preset.texts["base_url"] = written.block.text("base_url");
  if (written.block.has_text(kTokenUrl)) {
    preset.blocks["auth"].texts[kTokenUrl] = written.block.text(kTokenUrl);
  }
  if (const Block* rate = written.block.block(kRate)) preset.blocks[kRate] = *rate;
  const auto secrets = written.block.secret_lists.find(kWebhookSecrets);
  if (secrets == written.block.secret_lists.end()) {
    preset.blocks.erase("verify");  // who sends no webhooks needs no secret for them
    preset.blocks.erase("webhook");
    // A secret that the CRM chooses comes with the first subscription.
    if (!brings_secret(preset)) preset.blocks.erase("hooks");
  } else {
    preset.blocks["verify"].secret_lists["secrets"] = secrets->second;
  }
  const auto own = written.block.named.find("objects");
  if (own == written.block.named.end()) return preset;
  auto& objects = preset.named["objects"];
  for (const auto& [name, object] : own->second) {
    std::erase_if(objects, [&](const auto& entry) { return entry.first == name; });
    objects.emplace_back(name, object);
  }
  return preset;
}

/// Where a problem with the secrets of webhooks stands in the admin's block.
std::vector<SettingProblem> in_own_words(std::vector<SettingProblem> problems) {
  for (SettingProblem& problem : problems) {
    if (problem.path.size() < 2 || problem.path[0] != "verify" || problem.path[1] != "secrets") {
      continue;
    }
    problem.path.erase(problem.path.begin());
    problem.path.front() = kWebhookSecrets;
  }
  return problems;
}

}  // namespace

std::vector<PresetType> preset_types() {
  std::vector<PresetType> types;
  for (const PresetFile& file : preset_files()) {
    Block preset = described(file);
    const std::int64_t poll_seconds = preset.number(kPollSeconds);
    ConnectorType type;
    type.type = std::string(file.name);
    type.settings = settings_of(preset);
    type.manual = "docs/connectors/" + type.type + ".md";
    type.make = [preset = std::move(preset)](const SourceSettings& written) {
      SourceSettings whole = written;
      whole.block = completed(preset, written);
      try {
        return make_described(whole, kWebhookSecrets);
      } catch (const SettingProblems& found) {
        throw SettingProblems(in_own_words(found.problems));
      }
    };
    types.push_back({std::move(type), poll_seconds});
  }
  return types;
}

}  // namespace assembly_sync::connectors::rest

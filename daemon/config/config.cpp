#include "daemon/config/config.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/json.hpp"
#include "core/yaml.hpp"
#include "daemon/config/block.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/sources.hpp"

namespace assembly_sync::config {
namespace {

/// Of what YAML says, not how: a comment changes nothing. With `labels`, because what was refused
/// for the lack of one is to be tried again.
std::string mapping_hash(const core::YamlNode& root) {
  std::string text;
  for (const char* block : {"tables", "mappings", "labels"}) {
    if (const core::YamlNode* node = root.find(block)) {
      text += core::dump_json(core::to_value(*node)) + '\n';
    }
  }
  return hash_of({{"", text}});
}

/// Where a file that can't be read as a whole says that the state is: its block `store` by itself.
std::string store_path_in(const std::string& file, const std::string& text) {
  constexpr std::string_view kBlock = "store:";
  std::size_t begin = text.starts_with(kBlock) ? 0 : text.find("\nstore:");
  if (begin == std::string::npos) return {};
  if (begin > 0) ++begin;
  std::size_t end = begin;
  do {  // up to the next line that is not indented
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  } while (end < text.size() && (text[end] == ' ' || text[end] == '\n'));
  core::Problems ignored;
  const core::YamlNode block =
      core::read_yaml(std::string_view(text).substr(begin, end - begin), file, ignored);
  const core::YamlNode* store = block.find("store");
  const core::YamlNode* path = store == nullptr ? nullptr : store->find("path");
  if (path == nullptr || !path->is_scalar() || path->scalar.find("${") != std::string::npos) {
    return {};
  }
  return (std::filesystem::absolute(file).parent_path() / path->scalar).string();
}

void fill(Config& config, const Values& values) {
  const Values& assembly = values.section("assembly");
  config.assembly.base_url = assembly.text("base_url");
  config.assembly.api_key = assembly.secret("api_key");
  config.assembly.rate_per_second = assembly.number("rate_per_second");
  config.assembly.max_in_flight = static_cast<int>(assembly.number("max_in_flight"));
  config.assembly.timeout =
      std::chrono::milliseconds(std::llround(assembly.number("timeout_seconds") * 1000));
  config.assembly.directory_age =
      std::chrono::milliseconds(std::llround(assembly.number("directory_hours") * 3'600'000));
  config.store_path = values.section("store").text("path");
  config.hashes_history = values.text("privacy") == "hashed";
  config.min_free_bytes =
      std::llround(values.section("store").number("min_free_megabytes")) * 1024 * 1024;
  config.pending_limit =
      std::chrono::minutes(std::llround(values.section("health").number("pending_minutes")));
  const Values& retention = values.section("retention");
  const auto days = [&](const char* key) { return static_cast<int>(retention.number(key)); };
  config.retention = {
      days("receipts_days"),   days("notices_days"),
      days("deliveries_days"), days("quarantine_days"),
      days("lineage_days"),    std::llround(retention.number("lineage_megabytes")) * 1024 * 1024};
  const Values& listen = values.section("listen");
  config.listen = {listen.text("webhooks"), listen.text("admin"), listen.text("public_url"),
                   listen.secret("admin_token")};
  config.labels.create = values.section("labels").boolean("create");
  config.labels.description = values.section("labels").text("description");
  config.labels.colors = values.section("labels").section("colors").texts;
}

const core::YamlNode& member_or_self(const core::YamlNode& map, std::string_view name) {
  const core::YamlNode* member = map.find(name);
  return member == nullptr ? map : *member;
}

/// Rules that look at more than one key.
void check_listen(const core::YamlNode& root, const Values& values, const Sources& sources,
                  BlockReader& reader) {
  const core::YamlNode& block = member_or_self(root, "listen");
  if (block.is_scalar() || block.is_list()) return;
  const Values& listen = values.section("listen");
  const std::string webhooks = listen.text("webhooks");
  if (!webhooks.empty() && webhooks == listen.text("admin") && !webhooks.ends_with(":0")) {
    reader.report(member_or_self(block, "admin"), "listen.admin",
                  "expected another address than listen.webhooks, got the same");
  }
  const core::Secret token = listen.secret("admin_token");
  if (!token.empty() && token.reveal().size() < kAdminTokenBytes) {
    reader.report(member_or_self(block, "admin_token"), "listen.admin_token",
                  "expected a secret of at least " + std::to_string(kAdminTokenBytes) +
                      " characters, got a shorter one");
  }
  const auto sender =
      std::find_if(sources.sources.begin(), sources.sources.end(),
                   [](const SourceConfig& source) { return source.connector->verifies_url(); });
  if (sender != sources.sources.end() && block.find("public_url") == nullptr) {
    reader.report(block, "listen.public_url",
                  "expected the https address at which source \"" + sender->name.str() +
                      "\" reaches this machine with its webhooks, got nothing");
  }
}

}  // namespace

const SourceConfig* Config::source(const core::SourceName& name) const {
  for (const SourceConfig& source : sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

LoadResult load(const std::string& file, const std::string& text, const SecretProvider& secrets,
                const std::vector<ConfigFile>& instead) {
  LoadResult result;
  core::Problems& problems = result.problems;
  const auto root = read_document(file, text, result.files, problems, instead);
  if (root) {
    BlockReader reader(file, secrets, problems);
    const Values values = reader.read(*root, "", rules_of(""));
    result.store_path = values.section("store").text("path");
    Sources sources = read_sources(*root, result.store_path, reader);
    check_listen(*root, values, sources, reader);
    auto rules = std::make_shared<mapping::Rules>(
        mapping::load(*root, file, schemas_of(sources, *root), problems));
    if (problems.empty()) {
      Config& config = result.untested.emplace();
      config.file = file;
      config.files = result.files;
      config.hash = hash_of(result.files);
      config.mapping_hash = mapping_hash(*root);
      fill(config, values);
      config.sources = std::move(sources.sources);
      config.rules = rules;
      result.tests = mapping::run_tests(*rules, *root, file, problems);
      if (problems.empty()) result.config = result.untested;
    }
  }
  if (!root) result.store_path = store_path_in(file, text);
  std::vector<std::string> order;
  for (const ConfigFile& read : result.files) order.push_back(read.path);
  core::sort_by_place(problems, order);
  return result;
}

LoadResult load_file(const std::string& file, const SecretProvider& secrets) {
  const auto text = read_config_file(file);
  if (text) return load(file, *text, secrets);
  LoadResult result;
  result.problems.push_back(
      {file, 0, 0, "", "expected a readable file, got " + text.error().message});
  return result;
}

}  // namespace assembly_sync::config

#include "daemon/config/config.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <tuple>

#include <Poco/Crypto/DigestEngine.h>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/yaml.hpp"
#include "daemon/config/block.hpp"
#include "daemon/config/checks.hpp"
#include "daemon/config/sources.hpp"

namespace assembly_sync::config {
namespace {

std::string sha256_hex(const std::string& text) {
  Poco::Crypto::DigestEngine engine("SHA256");
  engine.update(text);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

/// Of what YAML says, not how: a comment changes nothing.
std::string mapping_hash(const core::YamlNode& root) {
  std::string text;
  for (const char* block : {"tables", "mappings"}) {
    if (const core::YamlNode* node = root.find(block)) {
      text += core::dump_json(core::to_value(*node)) + '\n';
    }
  }
  return sha256_hex(text);
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
  const Values& listen = values.section("listen");
  config.listen = {listen.text("webhooks"), listen.text("admin"), listen.text("public_url")};
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
  const auto sender =
      std::find_if(sources.sources.begin(), sources.sources.end(),
                   [](const SourceConfig& source) { return source.connector->verifies_url(); });
  if (sender != sources.sources.end() && block.find("public_url") == nullptr) {
    reader.report(block, "listen.public_url",
                  "expected the https address at which source \"" + sender->name.str() +
                      "\" reaches this machine with its webhooks, got nothing");
  }
}

void sort_by_place(core::Problems& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const core::Problem& a, const core::Problem& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
}

/// The tree, or nothing when the file can't be read as a map at all; then `problems` says why.
std::optional<core::YamlNode> read_root(const std::string& file, const std::string& text,
                                        core::Problems& problems) {
  if (const Place bad = first_invalid_utf8(text); bad.line > 0) {
    problems.push_back({file, bad.line, bad.column, "", "expected UTF-8 text, got another byte"});
    return std::nullopt;
  }
  core::YamlNode root = core::read_yaml(text, file, problems);
  if (root.is_map()) return root;
  if (problems.empty()) {
    problems.push_back({file, std::max(1, root.line), std::max(1, root.column), "",
                        "expected a map of settings, got " + std::string(root.kind_name())});
  }
  return std::nullopt;
}

}  // namespace

const SourceConfig* Config::source(const core::SourceName& name) const {
  for (const SourceConfig& source : sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

LoadResult load(const std::string& file, const std::string& text, const SecretProvider& secrets) {
  LoadResult result;
  core::Problems& problems = result.problems;
  const auto root = read_root(file, text, problems);
  if (root) {
    BlockReader reader(file, std::filesystem::absolute(file).parent_path(), secrets, problems);
    const Values values = reader.read(*root, "", rules_of(""));
    Sources sources = read_sources(*root, reader);
    check_listen(*root, values, sources, reader);
    result.store_path = values.section("store").text("path");
    auto rules = std::make_shared<mapping::Rules>(
        mapping::load(*root, file, schemas_of(sources, *root), problems));
    if (problems.empty()) result.tests = mapping::run_tests(*rules, *root, file, problems);
    if (problems.empty()) {
      result.config.emplace();
      result.config->file = file;
      result.config->hash = sha256_hex(text);
      result.config->mapping_hash = mapping_hash(*root);
      result.config->files = {{file, text}};
      fill(*result.config, values);
      result.config->sources = std::move(sources.sources);
      result.config->rules = std::move(rules);
    }
  }
  sort_by_place(problems);
  return result;
}

LoadResult load_file(const std::string& file, const SecretProvider& secrets) {
  const auto fail = [&](std::string got) {
    LoadResult result;
    result.problems.push_back({file, 0, 0, "", "expected a readable file, got " + std::move(got)});
    return result;
  };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) return fail("nothing");
  if (error) return fail(error.message());
  if (std::filesystem::is_directory(status)) return fail("a folder");
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail("a file that this user may not read");
  // One byte more than allowed is enough for load() to say so.
  std::string text(core::limits::kConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return load(file, text, secrets);
}

}  // namespace assembly_sync::config

// The configuration as plain structs; nothing below config/ sees YAML, argv or the environment.
// Constant after loading; thread-safe to read.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "core/problem.hpp"
#include "core/secret.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::config {

struct AssemblyConfig {
  std::string base_url;  // no trailing slash
  core::Secret api_key;
  double rate_per_second = 30;
  int max_in_flight = 16;
  std::chrono::milliseconds timeout{30'000};            // key: timeout_seconds
  std::chrono::milliseconds directory_age{86'400'000};  // key: directory_hours

  bool operator==(const AssemblyConfig& other) const {
    return base_url == other.base_url && api_key.same_as(other.api_key) &&
           rate_per_second == other.rate_per_second && max_in_flight == other.max_in_flight &&
           timeout == other.timeout && directory_age == other.directory_age;
  }
};

/// A token of the console that is shorter could be guessed.
inline constexpr std::size_t kAdminTokenBytes = 16;

struct ListenConfig {
  std::string webhooks = "127.0.0.1:8480";
  std::string admin = "127.0.0.1:8481";
  std::string public_url;    // no trailing slash; empty when no source takes webhooks
  core::Secret admin_token;  // empty = none is configured
};

struct LabelsConfig {
  bool create = false;
  std::map<std::string, std::string> colors;  // label type (Tier, …) -> #RRGGBB
  std::string description;                    // of created labels

  bool operator==(const LabelsConfig&) const = default;
};

/// How often a source is asked on its own; as intake::PollPlan.
struct PollConfig {
  std::chrono::seconds every{0};
  std::chrono::hours sweep{24};
  int max_shrink_percent = 10;
  /// Beyond it what was read of the source is stale; 0 = its silence says nothing.
  std::chrono::seconds fresh{0};
};

/// How long what is settled is kept; as store::Retention.
struct RetentionConfig {
  int receipts_days = 7;
  int notices_days = 7;
  int deliveries_days = 7;
  int quarantine_days = 30;
  int lineage_days = 90;
  std::int64_t lineage_bytes = 0;  // key: lineage_megabytes
};

struct SourceConfig {
  core::SourceName name;
  std::string type;
  std::shared_ptr<const connectors::Connector> connector;
  PollConfig poll{};
};

/// A file of the configuration as it was read.
struct ConfigFile {
  std::string path;
  std::string text;
};

struct Config {
  std::string file;
  std::vector<ConfigFile> files;  // `file` first, then those it includes, in the order of reading
  std::string hash;  // SHA-256 over all files, hex: names a version without its secrets
  /// The same of what decides how records are mapped, whatever its layout and comments.
  std::string mapping_hash;
  AssemblyConfig assembly;
  std::string store_path;
  bool hashes_history = false;            // privacy: hashed
  std::int64_t min_free_bytes = 0;        // key: store.min_free_megabytes
  std::chrono::seconds pending_limit{0};  // key: health.pending_minutes; 0 = none
  RetentionConfig retention;
  ListenConfig listen;
  LabelsConfig labels;
  std::vector<SourceConfig> sources;
  std::shared_ptr<const mapping::Rules> rules;

  const SourceConfig* source(const core::SourceName& name) const;
};

/// What ${env:…}, ${file:…} and ${credential:…} are resolved with; injected so that tests need no
/// process environment.
class SecretProvider {
 public:
  virtual ~SecretProvider() = default;
  virtual std::optional<std::string> environment(const std::string& name) const = 0;
  /// Error text when it can't be read.
  virtual core::Result<std::string> file(const std::string& path) const = 0;
  /// A systemd credential: $CREDENTIALS_DIRECTORY/NAME, or of a folder that was passed as a whole.
  virtual core::Result<std::string> credential(const std::string& name) const = 0;
};
std::unique_ptr<SecretProvider> make_system_secret_provider();

struct LoadResult {
  std::optional<Config> config;  // set only when there is no problem (I13)
  /// The same, also when nothing but its tests fails: to see what the rules make of a record, never
  /// to be put in force.
  std::optional<Config> untested;
  core::Problems problems;
  /// Where the state is, also in a configuration that has problems elsewhere; empty = not known.
  std::string store_path;
  mapping::TestSummary tests;     // of the `tests:` block
  std::vector<ConfigFile> files;  // what was read, also where there are problems
};

/// Reads, checks and compiles everything; reports every problem, in file order. `text` is the
/// file's content; the files that it includes are read. Relative paths are relative to the folder
/// of the file in which they stand. Of a file that `instead` names its text there counts, for what
/// is not written yet.
LoadResult load(const std::string& file, const std::string& text, const SecretProvider& secrets,
                const std::vector<ConfigFile>& instead = {});
/// Reads the file first; a missing or unreadable file is a problem.
LoadResult load_file(const std::string& file, const SecretProvider& secrets);

/// Every key of the contract with its type, default and one line of help: what the reader, the
/// example file's test and (later) the JSON Schema are made from.
struct KeyInfo {
  std::string path;  // "assembly.rate_per_second", "sources.*.type"
  std::string type;
  std::string default_value;
  std::string help;
};
const std::vector<KeyInfo>& known_keys();

}  // namespace assembly_sync::config

// All connectors there are, in one visible table: `type` in the configuration -> how to make one
// and which keys its block may have. A new connector is a row in registry.cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connectors/block.hpp"
#include "connectors/connector.hpp"
#include "core/secret.hpp"
#include "core/token_keeper.hpp"

namespace assembly_sync::connectors {

/// One key of a source's block, or of a block inside it.
struct Setting {
  enum class Kind : std::uint8_t {
    text,
    url,
    secret,
    secrets,  // a list of references, at least one
    texts,    // a list of texts, at least one, which may be empty
    integer,
    path,     // of a file
    field,    // a path into a body: `data.items`
    choice,   // one of `choices`
    match,    // a map of fields to the text, or one of the texts, that must stand there
    variant,  // a block whose `scheme` says which of `variants` it follows
    objects,  // a map of names to blocks of `settings`
    boolean,
    fields,      // a path into a body, or a list of them
    integers,    // a whole number or a list of them, each least..most
    text_map,    // a map of the admin's names to texts
    secret_map,  // a map of the admin's names to references
    json,        // any value
    block,       // a map of `settings`
    blocks,      // a list of maps of `settings`
  };
  /// A kind of block with keys of its own.
  struct Variant {
    std::string name;
    std::vector<Setting> settings;
  };
  std::string name;
  Kind kind = Kind::text;
  bool required = false;
  std::string default_value{};  // as text; empty = none
  std::int64_t least = 0;       // integer
  std::int64_t most = 0;        // integer
  std::vector<std::string> choices{};
  std::vector<Setting> settings{};
  std::vector<Variant> variants{};
  /// The name under which the configuration's schema describes it once, where several have it.
  std::string shared_as{};
};

/// An entry of `objects`; what was not written is empty.
struct ObjectSettings {
  core::ObjectName name;
  std::string id;                              // the field that identifies a record
  std::string records{};                       // where in a body its records stand
  std::string updated{};                       // the field of a record's version
  std::string deleted_records{};               // where the records of a deletion stand
  Match when{};                                // which bodies are about it
  Match deleted{};                             // which of them say that it is gone
  std::map<std::string, std::string> texts{};  // every setting that is a text, numbers too
};

/// The block `verify`.
struct VerifySettings {
  std::string scheme;
  std::vector<core::Secret> secrets{};
  std::map<std::string, std::string> texts{};  // all others, numbers as text
};

/// A source's block after reading: every setting has a value or is absent.
struct SourceSettings {
  core::SourceName name;
  std::map<std::string, std::string> texts;  // kinds text, url, integer, path (made absolute)
  std::map<std::string, core::Secret> secrets;
  std::vector<ObjectSettings> objects;
  VerifySettings verify;
  std::map<std::string, std::vector<std::string>> lists{};  // kind texts
  /// The whole block, for types with settings deeper than the above.
  Block block{};
  /// For a refresh token that the source replaces when it is used; null where nothing can be kept.
  std::shared_ptr<core::TokenKeeper> tokens{};
};

/// What is wrong with a setting that is well-formed as such.
struct SettingProblem {
  std::vector<std::string> path;  // inside the source's block: {"verify", "secrets", "[1]"}
  std::string message;            // "expected …, got …", never a secret
};

/// Thrown by ConnectorType::make.
class SettingProblems : public std::invalid_argument {
 public:
  explicit SettingProblems(std::vector<SettingProblem> found)
      : std::invalid_argument(found.empty() ? "" : found.front().message),
        problems(std::move(found)) {}
  const std::vector<SettingProblem> problems;
};

struct ConnectorType {
  std::string type;  // "hubspot"
  std::vector<Setting> settings;
  /// Throws SettingProblems, or std::invalid_argument about the block as a whole.
  std::function<std::unique_ptr<Connector>(const SourceSettings& settings)> make;
  /// The page that explains the keys, where config.example.yaml shows the outermost ones only.
  std::string manual{};
};

const std::vector<ConnectorType>& registry();
/// nullptr when there is no such type.
const ConnectorType* find_type(const std::string& type);

}  // namespace assembly_sync::connectors

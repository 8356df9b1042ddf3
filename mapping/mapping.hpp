// Mapping: the admin's rules, compiled once, applied to records by the million.
//
//   Problems problems;
//   auto rules = mapping::load(root, "config.yaml", schemas, problems);
//   Outcome outcome = rules.apply(SourceName("hubspot"), ObjectName("companies"), view);
//
// Pure: the same rules, record and catalogue always give the same; no I/O, no clock, bounded time
// and memory (I9). Thread-safe: apply() may be called from any thread at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/catalogue.hpp"
#include "core/ids.hpp"
#include "core/intent.hpp"
#include "core/json_view.hpp"
#include "core/problem.hpp"
#include "core/yaml.hpp"

namespace assembly_sync::mapping {

/// What a source's object looks like, as its connector tells: which first words a path may have.
struct ObjectSchema {
  /// Known roots (`id`, `properties`, …); nothing = any root is allowed.
  std::optional<std::set<std::string>> roots;
  /// The member that holds the properties which the source describes, empty for the record itself;
  /// nothing = it describes none, so that label() can't be used.
  std::optional<std::string> catalogue_root{};
  bool readable = true;  // false: its source has problems, so that nothing is known of it
};

/// Schemas by "source.object". A `from` that is not in it is a problem.
using Schemas = std::map<std::string, ObjectSchema>;

/// Why one mapping made no intent of a record that it should have mapped.
struct Refusal {
  std::string mapping;
  std::string field;   // "key", "fields.domain", "additional_properties.Industry", "about.company"
  int line = 0;        // of the expression in the configuration file
  int column = 0;      // of the call or path that failed
  std::string reason;  // "to_number: expected a number, got text": never the value (I11)
  /// The catalogue that was given lacks an option that the record holds: a newer one may have it.
  bool option_missing = false;
};

/// What became of a record under one mapping. Exactly one of: an intent; filtered (its `when` is
/// false); no_parent (it goes to nobody: a contact whose company is null, a usage log whose `about`
/// is, a mapping that enriches whose `match` is); refused.
struct Result {
  enum class Kind : std::uint8_t { intent, filtered, no_parent, refused };
  Kind kind = Kind::filtered;
  std::string mapping;
  core::Intent intent;  // kind intent
  std::string reason;   // kind no_parent: "it has no company"
  Refusal refusal;      // kind refused
};

/// A step of `map --trace`: an expression and what it gave.
struct TraceStep {
  std::string mapping;
  std::string field;
  std::string expression;  // the sub-expression's text
  core::Value result;
  std::string error;  // when it failed
};

class Rules {
 public:
  Rules();
  ~Rules();
  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;

  /// One result per mapping whose `from` is this object, in file order; empty when there is none.
  /// `catalogue`: of the object, for label(); without it a record that needs a label is refused.
  std::vector<Result> apply(const core::SourceName& source, const core::ObjectName& object,
                            const core::JsonView& record, std::vector<TraceStep>* trace = nullptr,
                            const core::Catalogue* catalogue = nullptr) const;

  /// As apply(), for one mapping by its name, whatever its `from`; nothing when there is none of
  /// that name.
  std::optional<Result> apply_named(const std::string& mapping, const core::JsonView& record,
                                    std::vector<TraceStep>* trace = nullptr,
                                    const core::Catalogue* catalogue = nullptr) const;

  /// True when some mapping reads this object.
  bool reads(const core::SourceName& source, const core::ObjectName& object) const;

  /// Every path that expressions over this object use, as segments
  /// ({"properties","domain"}): from it a connector derives what to request.
  std::set<std::vector<std::string>> paths(const core::SourceName& source,
                                           const core::ObjectName& object) const;

  /// True when some expression over this object asks for a label().
  bool needs_catalogue(const core::SourceName& source, const core::ObjectName& object) const;
  /// Names of the properties whose label() they ask for.
  std::set<std::string> labelled(const core::SourceName& source,
                                 const core::ObjectName& object) const;

  /// Names of the mappings, in file order.
  std::vector<std::string> names() const;

 private:
  friend class FieldChecks;
  friend Rules load(const core::YamlNode&, const std::string&, const Schemas&, core::Problems&);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads `tables` and `mappings` of a configuration's root; all problems at once, each with its
/// exact place (an expression's problem points at the word inside the expression). The result is
/// usable only when nothing was added to `problems`.
Rules load(const core::YamlNode& root, const std::string& file, const Schemas& schemas,
           core::Problems& problems);

/// Runs the configuration's `tests:` block. A failed test becomes a problem at the test's place
/// with a readable difference.
struct TestSummary {
  int passed = 0;
  int failed = 0;
};
TestSummary run_tests(const Rules& rules, const core::YamlNode& root, const std::string& file,
                      core::Problems& problems);

}  // namespace assembly_sync::mapping

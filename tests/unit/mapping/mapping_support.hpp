// What the mapping tests share: an expression run over a record, rules read from YAML text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/expression.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::mapping::test {

inline const Tables& tables() {
  static const Tables kTables = [] {
    Tables out;
    Table& tiers = out["tiers"];
    tiers.name = "tiers";
    tiers.entries = {{"gold", "Gold"}, {"silver", "Silver"}};
    tiers.types = kText;
    return out;
  }();
  return kTables;
}

/// What the source of the examples tells of its records.
inline const core::Catalogue& catalogue() {
  static const core::Catalogue kCatalogue = [] {
    using core::FieldType;
    core::Catalogue out;
    out.root = "properties";
    out.texts = true;
    out.fields["name"] = {.label = "Company name"};
    out.fields["industry"] = {.label = "Industry",
                              .type = FieldType::choice,
                              .options = {{"COMPUTER_SOFTWARE", "Computer Software"}}};
    out.fields["segments"] = {.label = "Segments",
                              .type = FieldType::choices,
                              .options = {{"enterprise", "Enterprise"}, {"startup", "Start-up"}}};
    out.fields["annualrevenue"] = {.label = "Annual revenue", .type = FieldType::number};
    out.fields["num_seats"] = {.label = "Seats", .type = FieldType::number};
    out.fields["vip"] = {
        .label = "VIP", .type = FieldType::boolean, .options = {{"true", "Yes"}, {"false", "No"}}};
    out.fields["renewal"] = {.label = "Renewal date", .type = FieldType::date};
    out.fields["created"] = {.label = "Created", .type = FieldType::datetime};
    out.fields["fax"] = {.label = "Fax number", .archived = true};
    return out;
  }();
  return kCatalogue;
}

/// The result as JSON, `refused: REASON`, or `error at OFFSET: MESSAGE; …` of the compiling.
inline std::string evaluate(std::string_view expression, std::string_view record = "{}") {
  std::vector<ExpressionError> errors;
  const Expression compiled = Expression::compile(expression, {nullptr, &tables()}, errors);
  if (!errors.empty()) {
    std::string out;
    for (const ExpressionError& error : errors) {
      out += (out.empty() ? "error at " : "; error at ") + std::to_string(error.offset) + ": " +
             error.message;
    }
    return out;
  }
  core::JsonDocument document;
  const auto view = document.parse(record);
  if (!view) return "bad record: " + view.error().message;
  Arena arena;
  Evaluation run(*view, arena, nullptr, &catalogue());
  const Datum value = run.value(compiled.root());
  if (run.failed()) return "refused: " + run.failure().reason;
  return core::dump_json(value.to_value());
}

/// JSON in the form that evaluate() gives.
inline std::string json(std::string_view text) {
  const auto value = core::parse_json(text);
  return value ? core::dump_json(*value) : "bad JSON: " + value.error().message;
}

/// Rules read from YAML, with the problems as texts.
struct Loaded {
  core::YamlNode root;
  core::Problems problems;
  Rules rules;

  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const core::Problem& problem : problems) out.push_back(core::to_text(problem));
    return out;
  }
};

inline Schemas schemas() {
  Schemas out;
  out["crm.companies"] = {.roots = {{"id", "properties", "associations"}},
                          .catalogue_root = "properties"};
  out["crm.contacts"].roots = {"id", "properties", "associations"};
  out["anything.rows"];
  return out;
}

inline Loaded load_yaml(std::string_view yaml) {
  Loaded out;
  out.root = core::read_yaml(yaml, "c.yaml", out.problems);
  out.rules = load(out.root, "c.yaml", schemas(), out.problems);
  return out;
}

/// The results of all mappings from `from` for the record.
inline std::vector<Result> apply(const Rules& rules, const std::string& from,
                                 std::string_view record,
                                 const core::Catalogue* catalogue = nullptr) {
  core::JsonDocument document;
  const auto view = document.parse(record);
  const std::size_t dot = from.find('.');
  return rules.apply(core::SourceName(from.substr(0, dot)), core::ObjectName(from.substr(dot + 1)),
                     view.value(), nullptr, catalogue);
}

/// One mapping from anything.rows to `to`; each of `lines` is a line inside the mapping.
inline std::string one_mapping(const std::string& to, const std::vector<std::string>& lines) {
  std::string out = "mappings:\n  - name: m\n    from: anything.rows\n    to: " + to + '\n';
  for (const std::string& line : lines) out += "    " + line + '\n';
  return out;
}

/// The one result of a mapping to a company with a name, a domain and the further fields.
inline Result company_with(const std::vector<std::string>& fields, std::string_view record) {
  std::vector<std::string> lines = {"key: id", "fields:", "  name: '\"N\"'",
                                    "  domain: '\"acme.test\"'"};
  for (const std::string& field : fields) lines.push_back("  " + field);
  const Loaded loaded = load_yaml(one_mapping("company", lines));
  if (!loaded.problems.empty()) {
    Result out;
    out.kind = Result::Kind::refused;
    out.refusal.reason = loaded.texts().front();
    return out;
  }
  return apply(loaded.rules, "anything.rows", record).front();
}

}  // namespace assembly_sync::mapping::test

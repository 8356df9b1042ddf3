// Fuzz target: an expression (to the first line that is ---) and the record it runs over. Whatever
// they are, it compiles or is told why, gives one value or a refusal, the same twice, within
// limits.
#include "mapping/expression.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "core/limits.hpp"
#include "mapping/evaluator.hpp"
#include "tests/fuzz/target.hpp"

namespace assembly_sync::fuzz {
namespace {

using namespace mapping;

const Tables& tables() {
  static const Tables kTables = [] {
    Tables out;
    Table& tiers = out["tiers"];
    tiers.name = "tiers";
    tiers.entries = {{"gold", "Gold"}, {"5", 5}};
    tiers.types = kText | kNumber;
    return out;
  }();
  return kTables;
}

/// The texts that an expression makes are bounded; those of the record may be longer.
void check_sizes(const Datum& value, std::size_t record_size) {
  if (value.is_text()) {
    require(value.as_text().size() <= core::limits::kProducedTextBytes + record_size,
            "a text longer than it may be");
  }
  if (value.is_items()) {
    require(value.as_items().size <= core::limits::kProducedListItems + record_size,
            "a list longer than it may be");
  }
}

std::string run(const Expression& expression, const core::JsonView& record, std::size_t size) {
  Arena arena;
  Evaluation evaluation(record, arena);
  const Datum value = evaluation.value(expression.root());
  if (evaluation.failed()) {
    require(evaluation.failure().offset <= expression.text().size(), "a refusal beside the text");
    require(!evaluation.failure().reason.empty(), "a refusal without a reason");
    return "refused: " + evaluation.failure().reason;
  }
  check_sizes(value, size);
  return core::dump_json(value.to_value());
}

void check(std::string_view text, std::string_view json) {
  static const std::optional<std::set<std::string>> kRoots{{"id", "properties", "a"}};
  std::vector<ExpressionError> errors;
  static_cast<void>(Expression::compile(text, {&kRoots, nullptr}, errors));
  errors.clear();
  const Expression expression = Expression::compile(text, {nullptr, &tables()}, errors);
  require(expression.usable() == errors.empty(), "neither usable nor wrong");
  for (const ExpressionError& error : errors) {
    require(error.offset <= text.size() && !error.message.empty(), "an error beside the text");
  }
  if (!expression.usable()) return;
  walk(expression.root(), [&](const Node& node) {
    require(node.begin <= node.end && node.end <= text.size(), "a node beside the text");
  });
  core::JsonDocument document;
  auto record = document.parse(json);
  if (!record) record = document.parse(R"({"a": "x", "id": 5, "list": [1, "2", {"a": null}]})");
  require(run(expression, *record, json.size()) == run(expression, *record, json.size()),
          "two values of one record");
}

}  // namespace
}  // namespace assembly_sync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find("\n---\n");
  const std::string_view all(input);
  assembly_sync::fuzz::check(all.substr(0, line),
                             line == input.npos ? std::string_view() : all.substr(line + 5));
  return 0;
}

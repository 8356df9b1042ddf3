#include "mapping/tables.hpp"

#include "mapping/datum.hpp"

namespace assembly_sync::mapping {
namespace {

class TableReader {
 public:
  explicit TableReader(ProblemSink& sink) : sink_(sink) {}

  Tables read(const core::YamlNode& block) {
    Tables out;
    if (!block.is_map()) {
      sink_.add(block, "tables",
                "expected a map of NAME to a table, got " + std::string(block.kind_name()));
      return out;
    }
    for (const auto& [name, body] : block.members) {
      out.emplace(name.scalar, read_table(name.scalar, body));
    }
    return out;
  }

 private:
  Table read_table(const std::string& name, const core::YamlNode& body) {
    Table table;
    table.name = name;
    const std::string path = "tables." + name;
    if (!body.is_map() || body.members.empty()) {
      sink_.add(body, path,
                "expected at least one entry `text: value`, got " +
                    (body.is_map() ? "an empty map" : std::string(body.kind_name())));
      table.types = kAny;  // so that its users get no second problem
      return table;
    }
    for (const auto& [key, value] : body.members) {
      if (!value.is_scalar()) {
        sink_.add(value, path + '.' + key.scalar,
                  "expected a text, a number or true/false, got " + std::string(value.kind_name()));
        continue;
      }
      core::Value literal = core::to_value(value);
      table.types = table.types | Datum(literal).type();
      table.entries.insert_or_assign(key.scalar, std::move(literal));
    }
    return table;
  }

  ProblemSink& sink_;
};

}  // namespace

Tables read_tables(const core::YamlNode* block, ProblemSink& sink) {
  if (block == nullptr || block->is_null()) return {};
  return TableReader(sink).read(*block);
}

}  // namespace assembly_sync::mapping

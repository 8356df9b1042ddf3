#include "daemon/cli/problems.hpp"

#include <ostream>

#include "daemon/config/excerpt.hpp"

namespace assembly_sync::cli {

using core::Value;

Value to_value(const core::Problems& problems) {
  Value list = Value::list();
  for (const core::Problem& problem : problems) {
    Value row = Value::object({{"file", problem.file},
                               {"line", problem.line},
                               {"column", problem.column},
                               {"key", problem.key},
                               {"message", problem.message}});
    if (!problem.hint.empty()) row.set("hint", problem.hint);
    list.as_list().push_back(std::move(row));
  }
  return list;
}

core::Problems problems_of(const Value& list) {
  core::Problems problems;
  for (const Value& row : list.as_list()) {
    problems.push_back({row.text_or("file"), static_cast<int>(row.at("line").as_int()),
                        static_cast<int>(row.at("column").as_int()), row.text_or("key"),
                        row.text_or("message"), row.text_or("hint")});
  }
  return problems;
}

void explain(const core::Problems& problems, const std::vector<config::ConfigFile>& files,
             std::ostream& err) {
  for (const core::Problem& problem : problems) err << config::explained(problem, files);
}

}  // namespace assembly_sync::cli

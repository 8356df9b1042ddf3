#include "daemon/cli/doctor.hpp"

#include <algorithm>
#include <ostream>

#include "core/json.hpp"
#include "core/problem.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;
using Level = Check::Level;

const char* word_of(Level level) {
  constexpr const char* kWords[] = {"ok", "warn", "bad"};
  return kWords[static_cast<int>(level)];
}

void check_configuration(const config::LoadResult& loaded, const std::string& file,
                         Checks& checks) {
  if (loaded.problems.empty()) {
    checks.push_back({"configuration", Level::ok, file + " has no problem"});
    return;
  }
  checks.push_back({"configuration", Level::bad,
                    core::count_text(static_cast<std::int64_t>(loaded.problems.size()), "problem") +
                        ", the first: " + core::to_text(loaded.problems.front()),
                    "assembly-sync check shows all; a running daemon goes on with the one before"});
}

void print(const Context& context, const Checks& checks) {
  std::ostream& out = context.streams.out;
  if (context.json) {
    Value list = Value::list();
    for (const Check& check : checks) {
      list.as_list().push_back(Value::object({{"name", check.name},
                                              {"level", word_of(check.level)},
                                              {"found", check.found},
                                              {"todo", check.todo}}));
    }
    out << core::dump_json(Value::object({{"checks", std::move(list)}})) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Check& check : checks) {
    rows.push_back({word_of(check.level), check.name,
                    answers::one_line(check.found, 300) +
                        (check.todo.empty() ? "" : "\n      -> " + check.todo)});
  }
  out << answers::columns(rows, "");
}

}  // namespace

int doctor(const Context& context) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  core::SystemClock clock;
  Checks checks;
  check_configuration(loaded, context.config_file, checks);
  check_machine(loaded, clock, checks);
  if (loaded.config) check_network(*loaded.config, clock, checks);
  print(context, checks);
  const bool bad = std::any_of(checks.begin(), checks.end(),
                               [](const Check& check) { return check.level == Level::bad; });
  return bad ? kNeedsHuman : kDone;
}

}  // namespace assembly_sync::cli

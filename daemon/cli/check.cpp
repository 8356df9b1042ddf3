#include <ostream>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/check_online.hpp"
#include "daemon/cli/cli.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

Value to_value(const core::Problem& problem) {
  return Value::object({{"file", problem.file},
                        {"line", problem.line},
                        {"column", problem.column},
                        {"key", problem.key},
                        {"message", problem.message}});
}

Value to_value(const core::Problems& problems) {
  Value list = Value::list();
  for (const core::Problem& problem : problems) list.as_list().push_back(to_value(problem));
  return list;
}

/// `warnings`: what was found online and stops nothing.
void print(const Context& context, const core::Problems& problems, const std::string& summary,
           const core::Problems& warnings = {}) {
  if (context.json) {
    context.streams.out << core::dump_json(Value::object({{"problems", to_value(problems)},
                                                          {"warnings", to_value(warnings)}}))
                        << '\n';
    return;
  }
  for (const core::Problem& warning : warnings)
    context.streams.err << "warning: " << core::to_text(warning) << '\n';
  for (const core::Problem& problem : problems)
    context.streams.err << core::to_text(problem) << '\n';
  if (problems.empty()) {
    context.streams.out << summary << '\n';
  } else {
    context.streams.err << problems.size() << (problems.size() == 1 ? " problem\n" : " problems\n");
  }
}

}  // namespace

std::optional<config::Config> load_or_explain(const Context& context) {
  config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  if (loaded.config) return std::move(loaded.config);
  for (const core::Problem& p : loaded.problems) context.streams.err << core::to_text(p) << '\n';
  context.streams.err << "assembly-sync: the configuration has " << loaded.problems.size()
                      << (loaded.problems.size() == 1 ? " problem" : " problems")
                      << "; nothing was started\n";
  return std::nullopt;
}

int check(const Context& context, bool online) {
  config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  OnlineFindings found;
  if (online && loaded.config) found = check_online(*loaded.config);
  loaded.problems.insert(loaded.problems.end(), found.problems.begin(), found.problems.end());
  std::string summary;
  if (loaded.config) {
    const auto count = [](std::size_t n, const char* what) {
      return core::count_text(static_cast<std::int64_t>(n), what);
    };
    summary = context.config_file + ": good: " + count(loaded.config->sources.size(), "source") +
              ", " + count(loaded.config->rules->names().size(), "mapping") + ", " +
              core::count_text(loaded.tests.passed, "mapping test") + " passed";
  }
  print(context, loaded.problems, summary, found.warnings);
  return loaded.problems.empty() ? kDone : kConfiguration;
}

int test(const Context& context) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  print(context, loaded.problems,
        std::to_string(loaded.tests.passed) + " passed, " + std::to_string(loaded.tests.failed) +
            " failed");
  if (loaded.problems.empty()) return kDone;
  return loaded.tests.failed > 0 ? kNeedsHuman : kConfiguration;
}

}  // namespace assembly_sync::cli

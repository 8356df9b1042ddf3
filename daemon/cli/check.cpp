#include <ostream>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/check_online.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/problems.hpp"
#include "daemon/config/excerpt.hpp"
#include "daemon/config/schema.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

/// `warnings`: what was found online and stops nothing.
void print(const Context& context, const config::LoadResult& loaded, const std::string& summary,
           const core::Problems& warnings = {}) {
  const core::Problems& problems = loaded.problems;
  if (context.json) {
    context.streams.out << core::dump_json(Value::object({{"problems", to_value(problems)},
                                                          {"warnings", to_value(warnings)}}))
                        << '\n';
    return;
  }
  for (const core::Problem& warning : warnings) {
    context.streams.err << "warning: " << config::explained(warning, loaded.files);
  }
  explain(problems, loaded.files, context.streams.err);
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
  explain(loaded.problems, loaded.files, context.streams.err);
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
  print(context, loaded, summary, found.warnings);
  return loaded.problems.empty() ? kDone : kConfiguration;
}

int print_schema(const Context& context) {
  context.streams.out << config::json_schema();
  return kDone;
}

int test(const Context& context) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  print(context, loaded,
        std::to_string(loaded.tests.passed) + " passed, " + std::to_string(loaded.tests.failed) +
            " failed");
  if (loaded.problems.empty()) return kDone;
  return loaded.tests.failed > 0 ? kNeedsHuman : kConfiguration;
}

}  // namespace assembly_sync::cli

#include <ostream>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/problems.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/http/client.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

void print(const Context& context, const config::LoadResult& loaded, const std::string& summary) {
  const core::Problems& problems = loaded.problems;
  if (context.json) {
    context.streams.out << core::dump_json(Value::object({{"problems", to_value(problems)}}))
                        << '\n';
    return;
  }
  explain(problems, loaded.files, context.streams.err);
  if (problems.empty()) {
    context.streams.out << summary << '\n';
  } else {
    context.streams.err << problems.size() << (problems.size() == 1 ? " problem\n" : " problems\n");
  }
}

void problem(core::Problems& problems, const std::string& file, std::string key,
             std::string message) {
  problems.push_back({file, 0, 0, std::move(key), std::move(message)});
}

/// Tries each credential with one harmless read.
void check_online(const config::Config& config, core::Problems& problems) {
  core::SystemClock clock;
  http::PooledTransport transport(clock);
  const assembly::Client client(
      transport, clock,
      {config.assembly.base_url, config.assembly.api_key, config.assembly.timeout});
  if (const auto page = client.list(assembly::Collection::accounts, 1, 0); !page) {
    const assembly::Outcome outcome = delivery::to_outcome(page.error());
    const bool refused = std::holds_alternative<assembly::Unauthorized>(outcome);
    problem(problems, config.file, refused ? "assembly.api_key" : "assembly.base_url",
            "expected Assembly to answer, got " + std::string(delivery::name_of(outcome)) + ' ' +
                delivery::reason_of(outcome));
  }
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      if (!source.connector->lists_objects() || !config.rules->reads(source.name, object)) continue;
      const auto page =
          source.connector->list(object, std::nullopt, config.rules->paths(source.name, object),
                                 transport, clock.wall_now());
      if (!page) {
        problem(problems, config.file, "sources." + source.name.str(),
                "expected " + object.str() + " to be readable, got: " + page.error().reason);
      }
    }
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
  if (online && loaded.config) check_online(*loaded.config, loaded.problems);
  std::string summary;
  if (loaded.config) {
    const auto count = [](std::size_t n, const char* what) {
      return core::count_text(static_cast<std::int64_t>(n), what);
    };
    summary = context.config_file + ": good: " + count(loaded.config->sources.size(), "source") +
              ", " + count(loaded.config->rules->names().size(), "mapping") + ", " +
              core::count_text(loaded.tests.passed, "mapping test") + " passed";
  }
  print(context, loaded, summary);
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

// assembly-sync-bench: what the program reaches on this machine, beside its peers. `./dev bench`.
#include <exception>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "daemon/config/config.hpp"
#include "tests/bench/durable_floor.hpp"
#include "tests/bench/mapping.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/program.hpp"

namespace assembly_sync::bench {
namespace {

struct Part {
  const char* name;
  void (*measure)(const Options&, Report&);
};

constexpr Part kParts[] = {{"ingest", measure_ingest},   {"budget", measure_budget},
                           {"live", measure_live},       {"converge", measure_converge},
                           {"backlog", measure_backlog}, {"mapping", measure_mapping},
                           {"idle", measure_idle}};

/// What the figures depend on and the reader can't see in them.
void print_machine() {
  std::istringstream cpu(read_file("/proc/cpuinfo"));
  std::string model;
  int cores = 0;
  for (std::string line; std::getline(cpu, line);) {
    if (!line.starts_with("model name")) continue;
    ++cores;
    model = line.substr(line.find(':') + 2);
  }
  std::cout << cores << " x " << model << "; load " << read_file("/proc/loadavg") << std::flush;
}

int measure_all(const Options& options) {
  std::filesystem::remove_all(options.data);  // of a run that was cut off
  print_machine();
  if (options.quick) std::cout << "--quick: a smoke run, the figures mean nothing\n";
  Report report;
  bool broken = false;
  for (const Part& part : kParts) {
    if (!options.wants(part.name)) continue;
    Report::progress(part.name);
    try {
      part.measure(options, report);
    } catch (const std::exception& error) {
      broken = true;
      report.missing("-", std::string("part ") + part.name, error.what());
    }
  }
  std::cout << "load " << read_file("/proc/loadavg");
  if (report.missed() > 0) std::cout << report.missed() << " bars missed\n";
  return broken ? 2 : report.missed() > 0 && !options.quick ? 1 : 0;
}

}  // namespace
}  // namespace assembly_sync::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  using namespace assembly_sync;
  bench::Options options;
  std::vector<std::string> only;
  int minutes = 0;
  CLI::App app("Measures assembly-sync beside its peers; exit code 1 when a bar is missed");
  app.add_option("--only", only, "parts: ingest,budget,live,converge,backlog,mapping,idle")
      ->delimiter(',')
      ->check(
          CLI::IsMember({"ingest", "budget", "live", "converge", "backlog", "mapping", "idle"}));
  app.add_option("--minutes", minutes, "of the budget's measurement (default: one; in full: 10)")
      ->check(CLI::Range(1, 60));
  app.add_option("--rows", options.rows, "of the backlogs (default: 100,000 to 200,000)")
      ->check(CLI::Range(1000, 10'000'000));
  app.add_option("--rounds", options.rounds, "of the ingest's contenders")
      ->check(CLI::Range(1, 99));
  app.add_flag("--quick", options.quick, "a smoke run of seconds");
  std::string floor_file;
  int floor_producers = 0;
  int floor_seconds = 0;
  CLI::App* const floor = app.add_subcommand("durable-floor", "")->group("");
  floor->add_option("file", floor_file)->required();
  floor->add_option("producers", floor_producers)->required();
  floor->add_option("seconds", floor_seconds)->required();
  std::string map_rules;
  std::string map_records;
  std::string map_output;
  int map_passes = 0;
  CLI::App* const map = app.add_subcommand("map-file", "")->group("");
  map->add_option("rules", map_rules)->required();
  map->add_option("records", map_records)->required();
  map->add_option("output", map_output)->required();
  map->add_option("passes", map_passes)->required();
  CLI11_PARSE(app, argc, argv);

  if (floor->parsed()) {
    std::cout << bench::durable_floor(floor_file, floor_producers,
                                      std::chrono::seconds(floor_seconds))
              << '\n';
    return 0;
  }
  if (map->parsed()) {
    bench::map_file(map_rules, map_records, map_output, map_passes);
    return 0;
  }
  options.only.insert(only.begin(), only.end());
  if (minutes > 0) options.budget = std::chrono::minutes(minutes);
  if (options.quick) {
    options.rounds = 1;
    options.load = std::chrono::seconds(1);
    options.budget = std::chrono::seconds(5);
    if (options.rows == 0) options.rows = 2000;
  }
  options.self = fs::read_symlink("/proc/self/exe");
  const fs::path folder = options.self.parent_path();
  options.slowfsync = folder / "libslowfsync.so";
  options.data = folder / "data";
  options.daemon = config::make_system_secret_provider()
                       ->environment("ASSEMBLY_SYNC_BINARY")
                       .value_or((folder / "../../assembly-sync").lexically_normal().string());
  return bench::measure_all(options);
}

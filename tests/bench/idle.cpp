#include "tests/bench/parts.hpp"
#include "tests/bench/rig.hpp"

namespace assembly_sync::bench {

void measure_idle(const Options& options, Report& report) {
  using namespace std::chrono_literals;
  Rig rig(options);
  Program& daemon = rig.start();
  pause(2s);  // its start is not its idling
  const auto span = options.quick ? 3s : 20s;
  const double cpu = daemon.cpu_seconds();
  pause(span);
  const double share =
      100 * (daemon.cpu_seconds() - cpu) / std::chrono::duration<double>(span).count();
  report.add({"idle",
              "processor share with nothing to do",
              number(share) + " %",
              "-",
              "-",
              share,
              "%",
              {}});
  report.add({"idle",
              "memory in MB with nothing to do",
              number(daemon.resident_mb()),
              "-",
              "-",
              daemon.resident_mb(),
              "MB",
              {}});
}

}  // namespace assembly_sync::bench

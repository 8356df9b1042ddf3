#include "daemon/answers/tail.hpp"

#include <ostream>

#include <poll.h>
#include <unistd.h>

#include "core/json.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_store.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/cli/times.hpp"

namespace assembly_sync::cli {

using namespace std::chrono_literals;

namespace {

/// Who read our output has gone: where nothing happens, no write would tell.
bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

}  // namespace

int tail(const Context& context, const TailOptions& options) {
  StopSignals signals;
  core::SystemClock clock;
  const auto since = parse_time(options.since, clock.wall_now());
  if (!since) {
    context.streams.err << "assembly-sync tail: " << since.error().message << '\n';
    return kUsage;
  }
  const auto opened = open_store(context, clock);
  if (!opened) return opened.error();
  answers::TailQuery query;
  query.since_ms = *since;
  if (!options.source.empty()) {
    query.source = core::SourceName(options.source);
    if (const auto why = opened->unknown(*query.source)) {
      context.streams.err << "assembly-sync tail: " << *why << '\n';
      return kUsage;
    }
  }
  std::ostream& out = context.streams.out;
  while (true) {
    query.now_ms = core::to_ms(clock.wall_now());
    const core::Value seen =
        opened->store->read([&](const store::View& view) { return answers::tail(view, query); });
    query.cursor = seen.text_or("cursor");
    for (const core::Value& event : seen.at("events").as_list()) {
      out << (context.json ? core::dump_json(event) : answers::tail_line(event)) << '\n';
    }
    out << std::flush;
    if (!out || reader_is_gone()) return kDone;
    if (seen.at("more") == core::Value(true)) continue;
    if (signals.wait(options.once ? 0ms : 300ms) || options.once) return kDone;
  }
}

}  // namespace assembly_sync::cli

// The live tail: from a cursor on, for programs; the latest of what happened, for a page.
#include <chrono>

#include "daemon/answers/tail.hpp"
#include "daemon/console/pages.hpp"
#include "daemon/console/site.hpp"

namespace assembly_sync::console {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr int kOfEachKind = 500;
constexpr std::size_t kShown = 100;
/// A page looks so far back: further, where little happened.
constexpr std::chrono::milliseconds kWindows[] = {10s, 5min, 24h};

/// The latest events, at most kShown.
Value latest(const store::View& view, std::int64_t now_ms) {
  Value best;
  for (const auto window : kWindows) {
    Value found = answers::tail(
        view, {.since_ms = now_ms - window.count(), .now_ms = now_ms, .limit = kOfEachKind});
    // Those of a longer time that are cut off are the newest.
    if (!best.is_null() && found.at("more") == Value(true)) break;
    best = std::move(found);
    if (best.at("events").as_list().size() >= kShown) break;
  }
  Value events = best.at("events");
  auto& list = events.as_list();
  if (list.size() > kShown) list.erase(list.begin(), list.end() - kShown);
  best.set("events", std::move(events));
  return best;
}

}  // namespace

void add_tail(Site& site, const Ports& ports) {
  site.questions.push_back(
      {"tail",
       [&](const Visit& visit) -> Answer {
         const std::int64_t now_ms = core::to_ms(visit.now);
         const std::string cursor = visit.parameter("cursor");
         return ports.store.read([&](const store::View& view) {
           if (cursor.empty()) return latest(view, now_ms);
           return answers::tail(view, {.cursor = cursor, .now_ms = now_ms, .limit = kOfEachKind});
         });
       },
       tail_page});
}

}  // namespace assembly_sync::console

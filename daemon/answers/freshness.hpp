// Freshness: whether what Assembly shows is as young as the configuration wants it, and if not,
// which source or what else is the reason, since when. One rule for /freshz, the status and the
// metrics. Pure.
//
// A source is stale when
//   its last reading failed, or
//   it is asked on its own and was not read for longer than its `fresh_seconds`, or
//   it only sends webhooks, has `fresh_seconds` of its own, and was silent for longer.
// Delivery is stale when a live or repeated change could go and waits for longer than
// `health.pending_minutes`, and while sources are told to wait.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/value.hpp"
#include "daemon/store/types.hpp"

namespace assembly_sync::answers {

/// What a configuration says of the age of data.
struct FreshRules {
  struct Source {
    std::int64_t fresh_seconds = 0;  // 0 = silence alone is no sign of anything
    bool is_asked = false;           // by polls; else it only sends
  };
  std::map<core::SourceName, Source> sources;
  std::int64_t pending_seconds = 0;  // 0 = not looked at
  std::int64_t since_ms = 0;         // in force since then: what came before is not missed
};

/// Sets `fresh`, `silent_seconds`, `fresh_seconds`, `refused` and, where it is stale, `problem` and
/// `problem_since` of a source's document.
void judge_source(core::Value& source, const core::SourceName& name,
                  const store::SourceActivity& activity, const FreshRules& rules,
                  std::int64_t now_ms);

/// {fresh, stale: [{what, name, why, since}], oldest_pending_seconds, pending_limit_seconds}.
/// `sources`: their documents, judged. `waits`: why sources are told to wait; empty = they are not.
core::Value freshness(const core::Value& sources, const std::optional<store::OldestChange>& oldest,
                      const std::string& waits, const FreshRules& rules, std::int64_t now_ms);
/// Nothing keeps anything fresh. `last_alive`: as time_value() gives it.
void set_stopped(core::Value& freshness, const core::Value& last_alive);

/// A line for each thing that is stale; empty = all is fresh.
std::string freshness_text(const core::Value& freshness);

}  // namespace assembly_sync::answers

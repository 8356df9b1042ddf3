#include "daemon/answers/freshness.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "core/text.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;

std::string utc(std::int64_t ms) {
  return core::format_utc(core::from_ms(ms));
}

std::string span(std::int64_t seconds) {
  return core::duration_text(std::chrono::seconds(seconds));
}

/// Never negative: a clock that was set back makes nothing younger than now.
std::int64_t seconds_since(std::int64_t ms, std::int64_t now_ms) {
  return std::max<std::int64_t>(0, (now_ms - ms) / 1000);
}

std::string silence_text(const FreshRules::Source& rule, const std::optional<std::int64_t>& last,
                         std::int64_t since_ms) {
  const std::string limit = "; it should be at least every " + span(rule.fresh_seconds);
  const std::string what = rule.is_asked ? "read" : "heard";
  if (last) return "last " + what + " at " + utc(*last) + limit;
  return "not " + what + " since the configuration was loaded at " + utc(since_ms) + limit;
}

Value stale_row(const char* what, const std::string& name, const std::string& why,
                const Value& since) {
  return Value::object({{"what", what}, {"name", name}, {"why", why}, {"since", since}});
}

}  // namespace

void judge_source(Value& source, const core::SourceName& name,
                  const store::SourceActivity& activity, const FreshRules& rules,
                  std::int64_t now_ms) {
  const auto found = rules.sources.find(name);
  const FreshRules::Source rule =
      found == rules.sources.end() ? FreshRules::Source{} : found->second;
  const auto last = rule.is_asked ? activity.last_poll_ms : activity.last_webhook_ms;
  const std::int64_t heard_ms = std::max(last.value_or(rules.since_ms), rules.since_ms);
  const std::int64_t silent = seconds_since(heard_ms, now_ms);
  const bool is_silent = rule.fresh_seconds > 0 && silent > rule.fresh_seconds;
  source.set("fresh", !activity.last_error_ms && !is_silent);
  source.set("silent_seconds", silent);
  source.set("fresh_seconds", rule.fresh_seconds);
  source.set("refused", activity.last_error_ms && activity.last_error_kind == "unauthorized");
  if (activity.last_error_ms) {
    source.set("problem", activity.last_error);
    source.set("problem_since", utc(*activity.last_error_ms));
  } else if (is_silent) {
    source.set("problem", silence_text(rule, last, rules.since_ms));
    source.set("problem_since", utc(heard_ms));
  }
}

Value freshness(const Value& sources, const std::optional<store::OldestChange>& oldest,
                const std::string& waits, const FreshRules& rules, std::int64_t now_ms) {
  Value::List stale;
  for (const auto& [name, source] : sources.as_object()) {
    if (source.at("configured") == Value(false) || source.at("fresh") == Value(true)) continue;
    stale.push_back(
        stale_row("source", name, source.text_or("problem"), source.at("problem_since")));
  }
  const std::int64_t pending = oldest ? seconds_since(oldest->created_ms, now_ms) : 0;
  if (oldest && rules.pending_seconds > 0 && pending > rules.pending_seconds) {
    std::string why = "a change of the lane " + std::string(core::to_text(oldest->lane)) +
                      " waits to be sent since " + utc(oldest->created_ms) +
                      "; it should go within " + span(rules.pending_seconds);
    if (oldest->attempts > 0) why += "; it was tried " + core::count_text(oldest->attempts, "time");
    stale.push_back(stale_row("delivery", "", why, Value(utc(oldest->created_ms))));
  }
  if (!waits.empty()) {
    stale.push_back(stale_row("intake", "", "sources are told to wait: " + waits, Value()));
  }
  Value out = Value::object({{"fresh", stale.empty()},
                             {"oldest_pending_seconds", pending},
                             {"pending_limit_seconds", rules.pending_seconds}});
  out.set("stale", Value(std::move(stale)));
  return out;
}

void set_stopped(Value& freshness, const Value& last_alive) {
  freshness.set("fresh", false);
  Value stale = freshness.at("stale");
  stale.as_list().insert(stale.as_list().begin(),
                         stale_row("daemon", "", "no daemon is running", last_alive));
  freshness.set("stale", std::move(stale));
}

std::string freshness_text(const Value& freshness) {
  std::string text;
  for (const Value& row : freshness.at("stale").as_list()) {
    const std::string name = row.text_or("name");
    text += (name.empty() ? row.text_or("what") : name) + ": " + row.text_or("why") + '\n';
  }
  return text;
}

}  // namespace assembly_sync::answers

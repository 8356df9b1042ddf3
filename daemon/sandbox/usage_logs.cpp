#include "daemon/sandbox/usage_logs.hpp"

#include <algorithm>
#include <utility>

#include "core/time_text.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::string_view kRequired[] = {"timestamp", "type", "content", "attribute"};
constexpr std::string_view kMembers[] = {"timestamp", "type",  "content",
                                         "attribute", "value", "metadata"};

bool is_usage_type(const core::Value& value) {
  return value.is_string() && (value.as_string() == "Action" || value.as_string() == "Metric" ||
                               value.as_string() == "CumulativeMetric");
}

bool is_timestamp(const core::Value& value, const Switches& switches) {
  constexpr std::size_t kWholeSeconds = std::string_view("2025-03-20T15:30:00Z").size();
  if (!value.is_string() || !core::parse_rfc3339(value.as_string())) return false;
  const std::string& text = value.as_string();
  return !switches.whole_seconds_only || (text.size() == kWholeSeconds && text.back() == 'Z');
}

std::optional<Refusal> check_value(const core::Value& value, UsageValue allowed) {
  if (value.is_string() && allowed == UsageValue::text_too) return std::nullopt;
  if (!value.is_number()) return Refusal{400, "value must be a number"};
  if (allowed == UsageValue::not_negative && value.as_double() < 0) {
    return Refusal{400, "value must not be negative"};
  }
  return std::nullopt;
}

std::optional<Refusal> check_member(const std::string& name, const core::Value& value,
                                    const Switches& switches) {
  if (name == "timestamp") {
    if (is_timestamp(value, switches)) return std::nullopt;
    return Refusal{400, "timestamp must be an RFC 3339 time"};
  }
  if (name == "type") {
    if (is_usage_type(value)) return std::nullopt;
    return Refusal{400, "type must be one of Action, Metric, CumulativeMetric"};
  }
  if (name == "content" || name == "attribute") {
    if (value.is_string() && !value.as_string().empty()) return std::nullopt;
    return Refusal{400, name + " must be a string"};
  }
  if (name == "value") return check_value(value, switches.usage_value);
  if (value.is_object()) return std::nullopt;
  return Refusal{400, "metadata must be an object"};
}

std::int64_t timestamp_ms(const core::Value::Object& attributes) {
  return core::to_ms(*core::parse_rfc3339(attributes.at("timestamp").as_string()));
}

/// What the members need of each other (A147-A152, Q15).
std::optional<Refusal> check_whole(const core::Value::Object& attributes, const Switches& switches,
                                   std::int64_t now_ms) {
  for (const std::string_view name : kRequired) {
    if (!attributes.contains(name)) return Refusal{400, std::string(name) + " is required"};
  }
  const bool action = attributes.at("type").as_string() == "Action";
  if (!action && !attributes.contains("value")) {
    return Refusal{400, "value is required when type is Metric or CumulativeMetric"};
  }
  if (action && attributes.contains("value") && switches.action_value_refused) {
    return Refusal{400, "an Action takes no value"};
  }
  if (switches.future_logs_refused && timestamp_ms(attributes) > now_ms) {
    return Refusal{400, "timestamp lies in the future"};
  }
  return std::nullopt;
}

/// Lays `body` over `attributes` and checks the whole.
std::optional<Refusal> apply(const core::Value& body, const Switches& switches, std::int64_t now_ms,
                             core::Value::Object& attributes) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  for (const auto& [name, value] : body.as_object()) {
    if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
      if (switches.unknown_ignored) continue;
      return Refusal{400, "unknown attribute: " + name};
    }
    if (value.is_null() && switches.null_means != NullMeans::refused) {
      if (switches.null_means == NullMeans::clears) attributes.erase(name);
      continue;
    }
    if (auto refusal = check_member(name, value, switches)) return refusal;
    attributes[name] = value;
  }
  return check_whole(attributes, switches, now_ms);
}

core::Value wrapped(UsageOne shape, core::Value log) {
  using core::Value;
  switch (shape) {
    case UsageOne::logs_page:
      return Value::object({{"logs", Value::object({{"data", Value::list({std::move(log)})}})}});
    case UsageOne::logs_list:
      return Value::object({{"logs", Value::list({std::move(log)})}});
    case UsageOne::usage:
      return Value::object({{"usage", std::move(log)}});
    case UsageOne::bare:
      return log;
    case UsageOne::log:
      break;
  }
  return Value::object({{"log", std::move(log)}});
}

}  // namespace

bool UsageLogs::NewestFirst::operator()(const Log* a, const Log* b) const {
  if (a->timestamp_ms != b->timestamp_ms) return a->timestamp_ms > b->timestamp_ms;
  return first_first ? a->number < b->number : a->number > b->number;
}

core::Value UsageLogs::shown(const Log& log) {
  core::Value::Object out = log.attributes;
  out["id"] = log.id;
  if (log.owner) out[std::string(to_text(log.owner->kind)) + "_id"] = log.owner->id;
  return core::Value(std::move(out));
}

const UsageLogs::Log* UsageLogs::same(const std::optional<UsageOwner>& owner,
                                      const core::Value::Object& attributes) const {
  for (const Log* log : ordered_) {
    if (log->owner == owner && log->attributes == attributes) return log;
  }
  return nullptr;
}

Outcome UsageLogs::create(const std::string& id, const std::optional<UsageOwner>& owner,
                          const core::Value& body, const Switches& switches, std::int64_t now_ms) {
  Log log;
  if (auto refusal = apply(body, switches, now_ms, log.attributes)) return tl::unexpected(*refusal);
  if (switches.same_log_once) {
    if (const Log* const present = same(owner, log.attributes)) {
      return id_answer(switches.create_status, present->id);
    }
  }
  log.id = id;
  log.number = ++last_number_;
  log.timestamp_ms = timestamp_ms(log.attributes);
  log.owner = owner;
  ordered_.insert(&logs_.emplace(id, std::move(log)).first->second);
  return id_answer(switches.create_status, id);
}

Outcome UsageLogs::list(const std::optional<UsageOwner>& owner, Page page, PageStyle style,
                        const Switches& switches) const {
  std::vector<const Log*> found;
  for (const Log* log : ordered_) {
    if (!owner || log->owner == owner) found.push_back(log);
  }
  return Answer{200, page_of("logs", found, page, style, [&](const Log* log) {
                  core::Value out = shown(*log);
                  if (!switches.metadata_in_list) out.as_object().erase("metadata");
                  return out;
                })};
}

Outcome UsageLogs::get(const std::string& id, UsageOne shape) const {
  const auto log = logs_.find(id);
  if (log == logs_.end()) return refuse(404, "usage log not found");
  return Answer{200, wrapped(shape, shown(log->second))};
}

Outcome UsageLogs::update(const std::string& id, const core::Value& body, const Switches& switches,
                          std::int64_t now_ms) {
  const auto found = logs_.find(id);
  if (found == logs_.end()) return refuse(404, "usage log not found");
  core::Value::Object attributes = found->second.attributes;
  if (auto refusal = apply(body, switches, now_ms, attributes)) return tl::unexpected(*refusal);
  ordered_.erase(&found->second);
  found->second.attributes = std::move(attributes);
  found->second.timestamp_ms = timestamp_ms(found->second.attributes);
  ordered_.insert(&found->second);
  return id_answer(200, id);
}

void UsageLogs::erase_of(const UsageOwner& owner) {
  std::vector<std::string> gone;
  for (const Log* log : ordered_) {
    if (log->owner == owner) gone.push_back(log->id);
  }
  for (const std::string& id : gone) erase(id);
}

void UsageLogs::set_tie_order(bool first_first) {
  if (ordered_.key_comp().first_first == first_first) return;
  ordered_ =
      std::set<const Log*, NewestFirst>(ordered_.begin(), ordered_.end(), NewestFirst{first_first});
}

bool UsageLogs::erase(const std::string& id) {
  const auto found = logs_.find(id);
  if (found == logs_.end()) return false;
  ordered_.erase(&found->second);
  logs_.erase(found);
  return true;
}

std::vector<core::Value> UsageLogs::all() const {
  std::vector<core::Value> out;
  out.reserve(ordered_.size());
  for (const Log* log : ordered_) out.push_back(shown(*log));
  return out;
}

}  // namespace assembly_sync::sandbox

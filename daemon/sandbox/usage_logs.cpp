#include "daemon/sandbox/usage_logs.hpp"

#include <algorithm>
#include <tuple>

#include "core/time_text.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::string_view kRequired[] = {"timestamp", "type", "content", "attribute"};

bool is_usage_type(const core::Value& value) {
  return value.is_string() && (value.as_string() == "Action" || value.as_string() == "Metric" ||
                               value.as_string() == "CumulativeMetric");
}

std::optional<Refusal> check_member(const std::string& name, const core::Value& value) {
  if (name == "timestamp") {
    if (value.is_string() && core::parse_rfc3339(value.as_string())) return std::nullopt;
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
  if (name == "value") {
    if (value.is_number()) return std::nullopt;
    return Refusal{400, "value must be a number"};
  }
  if (name == "metadata") {
    if (value.is_object()) return std::nullopt;
    return Refusal{400, "metadata must be an object"};
  }
  return Refusal{400, "unknown attribute: " + name};
}

/// Lays `body` over `attributes` and checks the whole (A147-A152).
std::optional<Refusal> apply(const core::Value& body, core::Value::Object& attributes) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  for (const auto& [name, value] : body.as_object()) {
    if (auto refusal = check_member(name, value)) return refusal;
    attributes[name] = value;
  }
  for (const std::string_view name : kRequired) {
    if (!attributes.contains(name)) return Refusal{400, std::string(name) + " is required"};
  }
  if (attributes.at("type").as_string() != "Action" && !attributes.contains("value")) {
    return Refusal{400, "value is required when type is Metric or CumulativeMetric"};
  }
  return std::nullopt;
}

std::int64_t timestamp_ms(const core::Value::Object& attributes) {
  return core::to_ms(*core::parse_rfc3339(attributes.at("timestamp").as_string()));
}

}  // namespace

bool UsageLogs::NewestFirst::operator()(const Log* a, const Log* b) const {
  return std::tie(a->timestamp_ms, a->number) > std::tie(b->timestamp_ms, b->number);
}

core::Value UsageLogs::shown(const Log& log) {
  core::Value::Object out = log.attributes;
  out["id"] = log.id;
  if (log.owner) out[std::string(to_text(log.owner->kind)) + "_id"] = log.owner->id;
  return core::Value(std::move(out));
}

Outcome UsageLogs::create(const std::string& id, int created_status,
                          const std::optional<UsageOwner>& owner, const core::Value& body) {
  Log log;
  if (auto refusal = apply(body, log.attributes)) return tl::unexpected(*refusal);
  log.id = id;
  log.number = ++last_number_;
  log.timestamp_ms = timestamp_ms(log.attributes);
  log.owner = owner;
  ordered_.insert(&logs_.emplace(id, std::move(log)).first->second);
  return id_answer(created_status, id);
}

Outcome UsageLogs::list(const std::optional<UsageOwner>& owner, Page page) const {
  std::vector<const Log*> found;
  for (const Log* log : ordered_) {
    const bool wanted =
        !owner || (log->owner && log->owner->kind == owner->kind && log->owner->id == owner->id);
    if (wanted) found.push_back(log);
  }
  return Answer{200, page_of("logs", found, page, [](const Log* log) { return shown(*log); })};
}

Outcome UsageLogs::get(const std::string& id) const {
  const auto log = logs_.find(id);
  if (log == logs_.end()) return refuse(404, "usage log not found");
  return Answer{200, core::Value::object({{"log", shown(log->second)}})};
}

Outcome UsageLogs::update(const std::string& id, const core::Value& body) {
  const auto found = logs_.find(id);
  if (found == logs_.end()) return refuse(404, "usage log not found");
  core::Value::Object attributes = found->second.attributes;
  if (auto refusal = apply(body, attributes)) return tl::unexpected(*refusal);
  ordered_.erase(&found->second);
  found->second.attributes = std::move(attributes);
  found->second.timestamp_ms = timestamp_ms(found->second.attributes);
  ordered_.insert(&found->second);
  return id_answer(200, id);
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

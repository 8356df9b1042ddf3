#include "daemon/assembly/writing.hpp"

#include <algorithm>
#include <cmath>

#include "core/time_text.hpp"

namespace assembly_sync::assembly {
namespace {

using core::Value;
using Reason = std::optional<std::string>;

constexpr std::string_view kCompanies[] = {"company_id", "company_domain",
                                           "company_source_specific_id"};

bool is_finite(const Value& value) {
  if (value.is_double()) return std::isfinite(value.as_double());
  if (value.is_list())
    return std::all_of(value.as_list().begin(), value.as_list().end(), is_finite);
  if (!value.is_object()) return true;
  const Value::Object& members = value.as_object();
  return std::all_of(members.begin(), members.end(),
                     [](const auto& member) { return is_finite(member.second); });
}

std::string text_of(const Value::Object& body, std::string_view name) {
  const auto found = body.find(name);
  return found != body.end() && found->second.is_string() ? found->second.as_string()
                                                          : std::string();
}

Reason missing(const Value::Object& body, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (text_of(body, name).empty()) return std::string(name) + " is missing";
  }
  return std::nullopt;
}

Reason not_for(std::string_view type, const Value::Object& body,
               std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (body.contains(name)) return std::string(name) + " does not belong to " + std::string(type);
  }
  return std::nullopt;
}

std::ptrdiff_t companies_in(const Value::Object& body) {
  return std::count_if(std::begin(kCompanies), std::end(kCompanies),
                       [&](std::string_view name) { return body.contains(name); });
}

/// A value that one request would both add and remove: which of the two wins is not documented.
Reason contradiction(const Value::Object& body, std::string_view added, std::string_view removed) {
  const auto add = body.find(added);
  const auto remove = body.find(removed);
  if (add == body.end() || remove == body.end()) return std::nullopt;
  if (!add->second.is_list() || !remove->second.is_list()) return std::nullopt;
  const Value::List& more = add->second.as_list();
  const Value::List& less = remove->second.as_list();
  const bool both = std::any_of(more.begin(), more.end(), [&](const Value& one) {
    return std::find(less.begin(), less.end(), one) != less.end();
  });
  if (!both) return std::nullopt;
  return std::string(added) + " and " + std::string(removed) + " hold the same value";
}

Reason type_refusal(const Value::Object& body) {
  const auto type = body.find("type");
  if (type == body.end()) return std::nullopt;
  if (type->second == Value("Company")) return not_for("Company accounts", body, {"role"});
  if (type->second == Value("Customer")) {
    return not_for("Customer accounts", body, {"company_type", "number_of_seats"});
  }
  return "type is neither Company nor Customer";
}

Reason usage_refusal(const Value::Object& body) {
  if (const auto type = body.find("type"); type != body.end()) {
    const Value& value = type->second;
    if (value != Value("Action") && value != Value("Metric") &&
        value != Value("CumulativeMetric")) {
      return "type is none of Action, Metric, CumulativeMetric";
    }
  }
  if (const auto value = body.find("value"); value != body.end() && !value->second.is_number()) {
    return "value: expected a number, got " + std::string(value->second.type_name());
  }
  if (const auto more = body.find("metadata"); more != body.end() && !more->second.is_object()) {
    return "metadata: expected an object, got " + std::string(more->second.type_name());
  }
  return number_refusal(body);
}

}  // namespace

Reason number_refusal(const Value::Object& body) {
  for (const auto& [name, value] : body) {
    if (!is_finite(value)) return name + " holds a number that is not finite";
  }
  return std::nullopt;
}

Reason body_refusal(Collection collection, const Value::Object& body) {
  if (auto reason = number_refusal(body)) return reason;
  if (auto reason = contradiction(body, "tags", "removed_tags")) return reason;
  if (auto reason = contradiction(body, "source_specific_ids", "removed_source_specific_ids")) {
    return reason;
  }
  if (collection == Collection::accounts) return type_refusal(body);
  if (companies_in(body) > 1) return "more than one company is named";
  return not_for("contacts", body, {"type", "company_type", "number_of_seats"});
}

Reason create_refusal(Collection collection, const Value::Object& body) {
  if (collection == Collection::accounts) {
    if (auto reason = missing(body, {"type"})) return reason;
  }
  if (auto reason = missing(body, {"name", "domain"})) return reason;
  if (collection == Collection::contacts && companies_in(body) == 0) return "no company is named";
  return body_refusal(collection, body);
}

std::string usage_timestamp(core::WallTime time) {
  return core::format_utc(time).substr(0, 19) + 'Z';
}

tl::expected<Value::Object, std::string> usage_body(UsageBody kind, Value::Object body) {
  if (auto reason = usage_refusal(body)) return tl::unexpected(std::move(*reason));
  if (kind == UsageBody::whole) {
    if (auto reason = missing(body, {"timestamp", "type", "content", "attribute"})) {
      return tl::unexpected(std::move(*reason));
    }
    if (text_of(body, "type") != "Action" && !body.contains("value")) {
      return tl::unexpected<std::string>("value is missing");
    }
  }
  if (const auto timestamp = body.find("timestamp"); timestamp != body.end()) {
    const auto time = core::parse_rfc3339(text_of(body, "timestamp"));
    std::string text = time ? usage_timestamp(*time) : std::string();
    // An offset may lead out of the years that can be written.
    if (!core::parse_rfc3339(text)) {
      return tl::unexpected<std::string>("timestamp: expected an RFC 3339 time");
    }
    timestamp->second = std::move(text);
  }
  return body;
}

}  // namespace assembly_sync::assembly

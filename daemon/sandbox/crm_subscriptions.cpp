#include "daemon/sandbox/crm_subscriptions.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/json.hpp"
#include "core/secret.hpp"
#include "core/time_text.hpp"

namespace assembly_sync::sandbox {
namespace {

using core::Value;

constexpr std::string_view kPrefix = "/webhooks/v3/";
constexpr std::size_t kMostSubscriptions = 1000;
constexpr int kLeastRequests = 6;  // maxConcurrentRequests must exceed five

constexpr std::array<std::string_view, 7> kObjects = {"contact", "company",   "deal",  "ticket",
                                                      "product", "line_item", "object"};
constexpr std::array<std::string_view, 6> kEvents = {
    "creation", "deletion", "merge", "restore", "associationChange", "propertyChange"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_event(std::string_view type) {
  if (type == "contact.privacyDeletion") return true;
  const std::size_t dot = std::min(type.find('.'), type.size());
  return contains(kObjects, type.substr(0, dot)) &&
         contains(kEvents, type.substr(std::min(dot + 1, type.size())));
}

/// Why a subscription is refused; empty = it is not.
std::string refused(const Value& body) {
  const std::string type = body.text_or("eventType");
  if (!is_event(type)) return "eventType is none of the known ones";
  const std::string property = body.text_or("propertyName");
  const bool change = type.ends_with(".propertyChange");
  if (change == property.empty()) return "propertyName goes with propertyChange, and only with it";
  if (property == "hs_lastmodifieddate" || property == "num_unique_conversion_events") {
    return "this property can't be subscribed to";
  }
  const bool generic = type.starts_with("object.");
  if (generic == body.text_or("objectTypeId").empty()) return "objectTypeId goes with object.…";
  return {};
}

bool is_same(const Value& a, const Value& b) {
  return a.text_or("eventType") == b.text_or("eventType") &&
         a.text_or("propertyName") == b.text_or("propertyName") &&
         a.text_or("objectTypeId") == b.text_or("objectTypeId");
}

}  // namespace

CrmSubscriptions::CrmSubscriptions(const core::Clock& clock, std::string app_id,
                                   std::string developer_key)
    : clock_(clock),
      root_(std::string(kPrefix) + std::move(app_id)),
      developer_key_(std::move(developer_key)) {}

bool CrmSubscriptions::is_asked(const http::Request& request) {
  return request.path.starts_with(kPrefix);
}

std::string CrmSubscriptions::now() const {
  return core::format_utc(clock_.wall_now());
}

Outcome CrmSubscriptions::answer(const http::Request& request) {
  const std::string* key = request.parameter("hapikey");
  if (key == nullptr || !core::equal_constant_time(*key, developer_key_)) {
    return refuse(401, "the developer API key is not valid");
  }
  const std::string all_path = root_ + "/subscriptions";
  if (request.path == root_ + "/settings") return settings(request);
  if (request.path == all_path) return all(request);
  if (request.path.starts_with(all_path + '/')) {
    return one(request, request.path.substr(all_path.size() + 1));
  }
  return refuse(404, "no such app or path");
}

Outcome CrmSubscriptions::settings(const http::Request& request) {
  if (request.method == "PUT") {
    const auto body = core::parse_json(request.body);
    if (!body || !body->is_object()) return refuse(400, "invalid input JSON");
    if (!body->text_or("targetUrl").starts_with("https://")) {
      return refuse(400, "targetUrl must be https");
    }
    const Value& most = body->at("throttling").is_object()
                            ? body->at("throttling").at("maxConcurrentRequests")
                            : Value();
    if (!most.is_int() || most.as_int() < kLeastRequests) {
      return refuse(400, "maxConcurrentRequests must exceed 5");
    }
    const std::string made = settings_.is_null() ? now() : settings_.text_or("createdAt");
    settings_ = *body;
    settings_.set("createdAt", made);
    settings_.set("updatedAt", now());
  } else if (request.method == "DELETE") {
    settings_ = Value();
    return Answer{204, Value()};
  } else if (request.method != "GET") {
    return refuse(405, "no such method");
  }
  if (settings_.is_null()) return refuse(404, "the app has no webhook settings");
  return Answer{200, settings_};
}

Outcome CrmSubscriptions::all(const http::Request& request) {
  if (request.method == "POST") {
    const auto body = core::parse_json(request.body);
    if (!body || !body->is_object()) return refuse(400, "invalid input JSON");
    return create(*body);
  }
  if (request.method != "GET") return refuse(405, "no such method");
  Value::List results;
  for (const auto& [id, subscription] : subscriptions_) results.push_back(subscription);
  return Answer{200, Value::object({{"results", Value(std::move(results))}})};
}

Outcome CrmSubscriptions::create(const Value& body) {
  if (const std::string why = refused(body); !why.empty()) return refuse(400, why);
  if (subscriptions_.size() == kMostSubscriptions) return refuse(400, "too many subscriptions");
  for (const auto& [id, known] : subscriptions_) {
    if (is_same(known, body)) return refuse(400, "there is such a subscription already");
  }
  const std::string id = std::to_string(++last_id_);
  Value made = Value::object({{"id", id},
                              {"eventType", body.text_or("eventType")},
                              {"active", body.at("active") == Value(true)},
                              {"createdAt", now()}});
  for (const char* name : {"propertyName", "objectTypeId"}) {
    if (const std::string text = body.text_or(name); !text.empty()) made.set(name, text);
  }
  subscriptions_[id] = made;
  return Answer{201, std::move(made)};
}

Outcome CrmSubscriptions::one(const http::Request& request, const std::string& id) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return refuse(404, "no such subscription");
  if (request.method == "DELETE") {
    subscriptions_.erase(found);
    return Answer{204, Value()};
  }
  if (request.method == "PATCH") {
    const auto body = core::parse_json(request.body);
    if (!body || !body->is_object()) return refuse(400, "invalid input JSON");
    found->second.set("active", body->at("active") == Value(true));
    found->second.set("updatedAt", now());
  } else if (request.method != "GET") {
    return refuse(405, "no such method");
  }
  return Answer{200, found->second};
}

}  // namespace assembly_sync::sandbox

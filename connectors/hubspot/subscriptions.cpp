#include "connectors/hubspot/subscriptions.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/records.hpp"
#include "connectors/read_error.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;
using Failure = std::optional<ReadError>;

constexpr const char* kTarget = "target URL";
constexpr std::string_view kChange = ".propertyChange ";
/// HubSpot's own default.
constexpr int kConcurrentRequests = 10;

/// Of both objects.
constexpr std::array<const char*, 4> kEvents = {"creation", "deletion", "merge", "restore"};
constexpr std::array<const char*, 2> kContactEvents = {"associationChange", "privacyDeletion"};
/// HubSpot refuses the first two; the others move no value of a record.
constexpr std::array<std::string_view, 4> kUntold = {
    "hs_lastmodifieddate", "num_unique_conversion_events", "lastmodifieddate", "hs_object_id"};

std::string event_prefix(const core::ObjectName& object) {
  return object.str() == kContacts ? "contact" : "company";
}

/// `company.creation`, `contact.propertyChange email`. The generic `object.creation` of a known
/// object is the same event under another name.
std::string name_of(const Value& subscription) {
  std::string name = subscription.text_or("eventType");
  constexpr std::string_view kGeneric = "object.";
  if (name.starts_with(kGeneric)) {
    const std::string type_id = subscription.text_or("objectTypeId");
    const core::ObjectName object(object_of_type_id(type_id));
    if (is_synced(object)) {
      name = event_prefix(object) + name.substr(kGeneric.size() - 1);
    } else {
      name += ' ' + type_id;
    }
  }
  const std::string property = subscription.text_or("propertyName");
  return property.empty() ? name : name + ' ' + property;
}

Value body_of(const std::string& name) {
  const std::size_t blank = std::min(name.find(' '), name.size());
  Value body = Value::object({{"eventType", name.substr(0, blank)}, {"active", true}});
  if (blank < name.size()) body.set("propertyName", name.substr(blank + 1));
  return body;
}

class Subscriptions final : public HookKeeper {
 public:
  Subscriptions(std::string base_url, DeveloperAccess access)
      : app_url_(std::move(base_url) + "/webhooks/v3/" + access.app_id),
        api_key_(std::move(access.api_key)) {}

  std::vector<HookTopic> topics(const WantedPaths& wanted, const std::string&) const override {
    std::vector<HookTopic> topics = {{.name = kTarget, .is_address = true}};
    for (const auto& [object, paths] : wanted) {
      const std::string prefix = event_prefix(object);
      const auto add = [&](const std::string& name) {
        topics.push_back({.name = name, .objects = {object}});
      };
      for (const char* event : kEvents) add(prefix + '.' + event);
      if (object.str() == kContacts) {
        for (const char* event : kContactEvents) add(prefix + '.' + event);
      }
      for (const std::string& property : wanted_properties(object, paths)) {
        const bool told = std::find(kUntold.begin(), kUntold.end(), property) == kUntold.end();
        if (told) add(prefix + std::string(kChange) + property);
      }
    }
    return topics;
  }

  bool tells_names() const override { return true; }
  bool renews() const override { return false; }
  bool switches_on() const override { return true; }

  ReadResult<std::vector<Hook>> list(core::HttpTransport& transport,
                                     core::WallTime now) const override {
    const auto settings = read_settings(transport, now);
    if (!settings) return tl::unexpected(settings.error());
    const auto answer = ask("GET", "/subscriptions", {}, transport, now);
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->at("results").is_list()) {
      return tl::unexpected(transient("HubSpot's list of subscriptions has no results"));
    }
    std::vector<Hook> hooks;
    if (!settings->is_null()) {
      hooks.push_back({.id = "settings", .name = kTarget, .url = settings->text_or("targetUrl")});
    }
    for (const Value& one : answer->at("results").as_list()) {
      Hook hook{.id = id_text(one.at("id")), .name = name_of(one)};
      hook.working = one.at("active") == Value(true);
      if (!hook.id.empty()) hooks.push_back(std::move(hook));
    }
    return hooks;
  }

  ReadResult<MadeHook> create(const std::string& name, const std::string& url,
                              core::HttpTransport& transport, core::WallTime now) const override {
    if (name == kTarget) {
      if (auto failed = set_target(url, transport, now)) return tl::unexpected(*failed);
      return MadeHook{.id = "settings"};
    }
    const auto made = ask("POST", "/subscriptions", body_of(name), transport, now);
    if (!made) return tl::unexpected(made.error());
    std::string id = id_text(made->at("id"));
    if (id.empty()) return tl::unexpected(transient("HubSpot names no id of the new subscription"));
    return MadeHook{.id = std::move(id)};
  }

  Failure renew(const Hook& hook, core::HttpTransport& transport,
                core::WallTime now) const override {
    return failure_of(
        ask("PATCH", path_of(hook), Value::object({{"active", true}}), transport, now));
  }

  Failure remove(const Hook& hook, core::HttpTransport& transport,
                 core::WallTime now) const override {
    return failure_of(ask("DELETE", path_of(hook), {}, transport, now));
  }

 private:
  static std::string path_of(const Hook& hook) {
    return "/subscriptions/" + core::percent_encode(hook.id);
  }
  static Failure failure_of(const ReadResult<Value>& answer) {
    return answer ? std::nullopt : Failure(answer.error());
  }

  /// Null where the app has none yet.
  ReadResult<Value> read_settings(core::HttpTransport& transport, core::WallTime now) const {
    const auto response = send("GET", "/settings", {}, transport);
    if (!response) return tl::unexpected(response.error());
    if (response->status == 404) return Value();
    return parse(*response, now);
  }

  /// How many webhooks may come at once stays as it is.
  Failure set_target(const std::string& url, core::HttpTransport& transport,
                     core::WallTime now) const {
    const auto settings = read_settings(transport, now);
    if (!settings) return settings.error();
    Value throttling = settings->is_null() ? Value() : settings->at("throttling");
    if (!throttling.is_object()) {
      throttling = Value::object({{"maxConcurrentRequests", kConcurrentRequests}});
    }
    const Value body = Value::object({{"targetUrl", url}, {"throttling", std::move(throttling)}});
    return failure_of(ask("PUT", "/settings", body, transport, now));
  }

  ReadResult<Value> ask(const char* method, const std::string& path, const Value& body,
                        core::HttpTransport& transport, core::WallTime now) const {
    const auto response = send(method, path, body, transport);
    if (!response) return tl::unexpected(response.error());
    return parse(*response, now);
  }

  /// The key goes into the address, so no address is ever a part of a reason.
  ReadResult<core::HttpResponse> send(const char* method, const std::string& path,
                                      const Value& body, core::HttpTransport& transport) const {
    core::HttpRequest request;
    request.method = method;
    request.url =
        app_url_ + path + "?hapikey=" + core::percent_encode(std::string(api_key_.reveal()));
    request.headers = {{"Accept", "application/json"}};
    if (!body.is_null()) {
      request.headers.push_back({"Content-Type", "application/json"});
      request.body = core::dump_json(body);
    }
    auto response = transport.send(request);
    if (!response) return tl::unexpected(transient("no answer: " + response.error().reason));
    return std::move(*response);
  }

  static ReadResult<Value> parse(const core::HttpResponse& response, core::WallTime now) {
    if (response.status < 200 || response.status > 299) {
      ReadError error = error_of(response, now);
      if (response.status == 401) error.reason += ": is developer_api_key that of app_id's owner?";
      return tl::unexpected(std::move(error));
    }
    if (response.body.empty()) return Value();
    auto body = core::parse_json(response.body);
    if (!body) return tl::unexpected(transient("HubSpot's answer: " + body.error().message));
    return std::move(*body);
  }

  const std::string app_url_;
  const core::Secret api_key_;
};

}  // namespace

std::unique_ptr<HookKeeper> make_subscriptions(std::string base_url, DeveloperAccess access) {
  return std::make_unique<Subscriptions>(std::move(base_url), std::move(access));
}

}  // namespace assembly_sync::connectors::hubspot

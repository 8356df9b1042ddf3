#include "connectors/salesforce/salesforce.hpp"

#include <algorithm>
#include <utility>

#include "connectors/read_error.hpp"
#include "connectors/salesforce/client.hpp"
#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/outbound.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/rollups.hpp"
#include "connectors/salesforce/sign_in.hpp"
#include "connectors/salesforce/soql.hpp"
#include "connectors/webhook/token_schemes.hpp"
#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

constexpr const char* kApiVersion = "66.0";
/// The parameter of the address that holds webhook_secret.
constexpr const char* kTokenParameter = "token";

template <class Map>
typename Map::mapped_type value_of(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

bool is_api_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_api_version(const std::string& text) {
  const std::size_t dot = text.find('.');
  return dot != std::string::npos && dot >= 2 && dot <= 3 && text.substr(dot) == ".0" &&
         text.find_first_not_of("0123456789.") == std::string::npos;
}

/// The standard objects and those of the block `objects`; parents first.
std::vector<Object> objects_of(const SourceSettings& settings,
                               std::vector<SettingProblem>& problems) {
  std::vector<Object> objects;
  for (const auto& [name, api_name] :
       {std::pair{"users", "User"}, std::pair{"accounts", "Account"},
        std::pair{"contacts", "Contact"}, std::pair{"opportunities", "Opportunity"}}) {
    objects.push_back({core::ObjectName(name), api_name});
  }
  for (const ObjectSettings& written : settings.objects) {
    const std::string api_name = value_of(written.texts, "api_name");
    const bool standard = std::any_of(objects.begin(), objects.end(),
                                      [&](const Object& one) { return one.name == written.name; });
    if (standard) {
      problems.push_back({{"objects", written.name.str()},
                          "expected a name of your own for an object that is not there by itself, "
                          "got one of accounts, contacts, opportunities, users"});
    } else if (!is_api_name(api_name)) {
      problems.push_back({{"objects", written.name.str(), "api_name"},
                          "expected the API name of an object, as the Object Manager shows it, "
                          "like Subscription__c"});
    } else {
      objects.push_back({written.name, api_name});
    }
  }
  return objects;
}

class SalesforceConnector final : public Connector {
 public:
  SalesforceConnector(const SourceSettings& settings, std::vector<Object> objects,
                      OAuthSettings oauth)
      : source_(settings.name),
        objects_(std::move(objects)),
        org_id_(to_18(value_of(settings.texts, "org_id")).value_or("")),
        session_(std::make_unique<Session>(value_of(settings.texts, "base_url"),
                                           value_of(settings.texts, "api_version"),
                                           std::move(oauth))) {
    const core::Secret secret = value_of(settings.secrets, "webhook_secret");
    if (!secret.empty()) verifier_ = webhook::make_query_token(kTokenParameter, {secret});
  }

  std::vector<core::ObjectName> objects() const override {
    std::vector<core::ObjectName> names;
    for (const Object& object : objects_) names.push_back(object.name);
    return names;
  }

  /// The fields are the org's own.
  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    return std::nullopt;
  }

  bool takes_webhooks() const override { return verifier_ != nullptr; }
  /// The secret in the address is compared by itself, whatever stands before it.
  bool verifies_url() const override { return false; }
  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    Verification verification = verifier_->verify(request, now);
    if (!verification.ok) return verification;
    const auto message = parse_outbound(request.body);
    if (!message) return {.ok = false, .reason = message.error().message};
    if (message->organization != org_id_) {
      return {.ok = false, .reason = "OrganizationId is not the org_id of the configuration"};
    }
    verification.delivery = message->notifications.front().id;
    return verification;
  }

  core::Result<std::vector<core::Notice>> decode(const Received& received) const override {
    const auto message = parse_outbound(received.body);
    if (!message) return tl::unexpected(message.error());
    std::vector<core::Notice> notices;
    for (const auto& notification : message->notifications) {
      notices.push_back(notice_of(notification));
    }
    return notices;
  }

  Acknowledgement acknowledgement() const override {
    return {.content_type = "text/xml; charset=utf-8",
            .body = std::string(outbound_acknowledgement())};
  }

  bool reads_only_wanted() const override { return true; }
  bool reads_by_id() const override { return true; }
  std::size_t batch_size() const override { return kBatchIds; }

  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const Paths& wanted, core::HttpTransport& transport,
                             core::WallTime now) const override {
    const Object* known = find(object);
    if (known == nullptr) return tl::unexpected(not_synced(object));
    const Client client(*session_, transport, now);
    return Reader(client, shapes_, source_, *known, wanted).by_ids(ids);
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths& wanted, core::HttpTransport& transport,
                        core::WallTime now) const override {
    const Object* known = find(object);
    if (known == nullptr) return tl::unexpected(not_synced(object));
    if (auto exhausted = session_->usage.exhausted(now)) return tl::unexpected(*exhausted);
    const Client client(*session_, transport, now);
    return Reader(client, shapes_, source_, *known, wanted).page(cursor);
  }

  bool finds_changes(const core::ObjectName&) const override { return true; }

  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return cursor_since(since);
  }

  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                              const Paths& wanted, core::HttpTransport& transport,
                              core::WallTime now) const override {
    const Object* known = find(object);
    if (known == nullptr) return tl::unexpected(not_synced(object));
    if (auto exhausted = session_->usage.exhausted(now)) return tl::unexpected(*exhausted);
    const Client client(*session_, transport, now);
    return Reader(client, shapes_, source_, *known, wanted).changes(cursor);
  }

  std::optional<std::string> catalogue_root() const override { return ""; }

  ReadResult<core::Catalogue> describe(const core::ObjectName& object,
                                       core::HttpTransport& transport,
                                       core::WallTime now) const override {
    const Object* known = find(object);
    if (known == nullptr) return tl::unexpected(not_synced(object));
    const Client client(*session_, transport, now);
    const auto answer =
        client.get(client.data_path() + "/sobjects/" + known->api_name + "/describe");
    if (!answer) return tl::unexpected(answer.error().error);
    auto catalogue = to_catalogue(*answer, object.str() == kAccounts);
    if (catalogue) return std::move(*catalogue);
    return tl::unexpected(
        transient("Salesforce's description of " + known->api_name + " has no fields"));
  }

 private:
  const Object* find(const core::ObjectName& name) const {
    const auto found = std::find_if(objects_.begin(), objects_.end(),
                                    [&](const Object& object) { return object.name == name; });
    return found == objects_.end() ? nullptr : &*found;
  }

  core::Notice notice_of(const OutboundMessage::Notification& notification) const {
    const auto object = std::find_if(objects_.begin(), objects_.end(), [&](const Object& one) {
      return one.api_name == notification.type;
    });
    core::Notice notice;
    notice.ref = {source_,
                  object == objects_.end() ? core::ObjectName(notification.type) : object->name,
                  core::RecordId(notification.record)};
    notice.event = "outbound message";
    if (notification.record.empty()) {
      notice.ignore_reason = "the message carries no record: it was deleted before it was sent";
    } else if (object == objects_.end()) {
      notice.ignore_reason = "no object of the source is Salesforce's " + notification.type;
    }
    return notice;
  }

  const core::SourceName source_;
  const std::vector<Object> objects_;
  const std::string org_id_;  // 18 characters
  std::unique_ptr<webhook::Verifier> verifier_;
  // Thread-safe by themselves.
  const std::unique_ptr<Session> session_;
  mutable Shapes shapes_;
};

}  // namespace

std::vector<Setting> settings() {
  using Kind = Setting::Kind;
  return {{.name = "base_url", .kind = Kind::url, .required = true},
          {.name = "client_id", .kind = Kind::text, .required = true},
          {.name = "client_secret", .kind = Kind::secret},
          {.name = "refresh_token", .kind = Kind::secret},
          {.name = "private_key", .kind = Kind::secret},
          {.name = "username", .kind = Kind::text},
          {.name = "api_version", .kind = Kind::text, .default_value = kApiVersion},
          {.name = "org_id", .kind = Kind::text},
          {.name = "webhook_secret", .kind = Kind::secret},
          {.name = "objects",
           .kind = Kind::objects,
           .settings = {{.name = "api_name", .kind = Kind::text, .required = true}}}};
}

std::unique_ptr<Connector> make_salesforce(const SourceSettings& written) {
  SourceSettings settings = written;
  std::string& base_url = settings.texts["base_url"];
  while (base_url.ends_with('/')) base_url.pop_back();
  std::string& api_version = settings.texts["api_version"];
  if (api_version.empty()) api_version = kApiVersion;

  std::vector<SettingProblem> problems;
  OAuthSettings oauth = sign_in(settings, problems);
  std::vector<Object> objects = objects_of(settings, problems);
  if (!is_api_version(api_version)) {
    problems.push_back({{"api_version"}, "expected a version like 66.0, got another text"});
  }
  const std::string org_id = value_of(settings.texts, "org_id");
  if (!org_id.empty() && (!org_id.starts_with("00D") || !to_18(org_id))) {
    problems.push_back({{"org_id"},
                        "expected the org's id, 15 or 18 characters that begin with 00D (Setup, "
                        "Company Information), got another text"});
  } else if (org_id.empty() && !value_of(settings.secrets, "webhook_secret").empty()) {
    problems.push_back({{"org_id"},
                        "expected the org's id (Setup, Company Information), by which Outbound "
                        "Messages are known, got nothing"});
  }
  if (!problems.empty()) throw SettingProblems(std::move(problems));
  return std::make_unique<SalesforceConnector>(settings, std::move(objects), std::move(oauth));
}

}  // namespace assembly_sync::connectors::salesforce

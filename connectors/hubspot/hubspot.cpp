#include "connectors/hubspot/hubspot.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "connectors/hubspot/changes.hpp"
#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/cursor.hpp"
#include "connectors/hubspot/events.hpp"
#include "connectors/hubspot/lookups.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/properties.hpp"
#include "connectors/hubspot/reader.hpp"
#include "connectors/hubspot/related.hpp"
#include "connectors/hubspot/signature.hpp"
#include "connectors/hubspot/subscriptions.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

std::string without_trailing_slashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

template <class Map>
typename Map::mapped_type value_or(const Map& map, const std::string& name,
                                   typename Map::mapped_type otherwise = {}) {
  const auto found = map.find(name);
  return found == map.end() ? otherwise : found->second;
}

/// `a, b` -> a and b.
std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const std::size_t first = text.find_first_not_of(' ', start);
    if (first < end) {
      parts.push_back(text.substr(first, text.find_last_not_of(' ', end - 1) + 1 - first));
    }
    start = end + 1;
  }
  return parts;
}

/// Throws SettingProblems, or std::invalid_argument when there is nothing to point at.
void check_credentials(const SourceSettings& settings) {
  const bool token = settings.secrets.contains("access_token");
  const bool id = settings.texts.contains("client_id");
  const bool refresh = settings.secrets.contains("refresh_token");
  const auto fail = [](const char* key, std::string message) {
    throw SettingProblems({{{key}, std::move(message)}});
  };
  if (token && (id || refresh)) {
    fail("access_token",
         "expected either access_token (a private app) or client_id and refresh_token (an OAuth "
         "app), got both: take out what is not yours");
  }
  if (id && !refresh) fail("client_id", "expected refresh_token beside it, got none");
  if (refresh && !id) fail("refresh_token", "expected client_id beside it, got none");
  if (!token && !id) {
    throw std::invalid_argument(
        "expected access_token (a private app), or client_id and refresh_token (an OAuth app), got "
        "neither");
  }
}

/// Nothing without developer credentials. Throws SettingProblems about half of them, or where the
/// app is none whose webhooks HubSpot lets be managed.
std::unique_ptr<HookKeeper> subscriptions_of(const SourceSettings& settings,
                                             const std::string& base_url) {
  const bool key = settings.secrets.contains("developer_api_key");
  const std::string app_id = value_or(settings.texts, "app_id");
  const auto fail = [](const char* where, std::string message) {
    throw SettingProblems({{{where}, std::move(message)}});
  };
  if (app_id.empty() && !key) return nullptr;
  if (app_id.empty()) fail("developer_api_key", "expected app_id beside it, got none");
  if (!key) fail("app_id", "expected developer_api_key beside it, got none");
  if (app_id.find_first_not_of("0123456789") != std::string::npos) {
    fail("app_id", "expected the app's number, got another text");
  }
  if (!settings.texts.contains("client_id")) {
    fail("app_id",
         "expected client_id and refresh_token beside it (an OAuth app), got access_token: the "
         "webhooks of a private app can be set up on its own page only");
  }
  return make_subscriptions(base_url, {app_id, settings.secrets.at("developer_api_key")});
}

Credentials credentials_of(const SourceSettings& settings, const std::string& base_url) {
  check_credentials(settings);
  if (settings.secrets.contains("access_token")) {
    return Credentials(settings.secrets.at("access_token"));
  }
  OAuthSettings oauth;
  oauth.service = "HubSpot";
  oauth.token_url = base_url + "/oauth/v3/token";
  oauth.client_id = settings.texts.at("client_id");
  oauth.client_secret = value_or(settings.secrets, "client_secret");
  oauth.refresh_token = settings.secrets.at("refresh_token");
  oauth.lifetime = std::chrono::minutes(30);
  oauth.advice =
      "install the app in HubSpot again and write its new refresh token into "
      "refresh_token";
  oauth.tokens = settings.tokens;
  oauth.token_name = settings.name.str();
  return Credentials(std::move(oauth));
}

class HubspotConnector final : public Connector {
 public:
  explicit HubspotConnector(const SourceSettings& settings)
      : source_(settings.name),
        client_secret_(value_or(settings.secrets, "client_secret")),
        former_secret_(value_or(settings.secrets, "former_client_secret")),
        base_url_(without_trailing_slashes(
            value_or(settings.texts, "base_url", std::string(kDefaultBaseUrl)))),
        renewal_pipelines_(split_commas(value_or(settings.texts, "renewal_pipelines"))),
        credentials_(credentials_of(settings, base_url_)),
        hooks_(subscriptions_of(settings, base_url_)) {}

  std::vector<core::ObjectName> objects() const override {
    return {core::ObjectName(kCompanies), core::ObjectName(kContacts)};
  }

  std::optional<std::set<std::string>> roots(const core::ObjectName& object) const override {
    std::set<std::string> roots = {"id",        "properties", "associations", "createdAt",
                                   "updatedAt", "archived",   "owner",        "lists"};
    if (object.str() == kCompanies) roots.insert("deals");
    return roots;
  }

  bool takes_webhooks() const override { return true; }
  const HookKeeper* hooks() const override { return hooks_.get(); }

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    Verification verified = verify_signature(client_secret_.reveal(), request, now);
    if (verified.ok || former_secret_.empty()) return verified;
    // The secret was replaced: what was signed with the one before is on its way still.
    Verification former = verify_signature(former_secret_.reveal(), request, now);
    return former.ok ? former : verified;
  }

  core::Result<std::vector<core::Notice>> decode(const Received& received) const override {
    return decode_events(source_, received.body);
  }

  bool reads_only_wanted() const override { return true; }
  bool reads_by_id() const override { return true; }
  std::size_t batch_size() const override { return kBatchIds; }

  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const Paths& wanted, core::HttpTransport& transport,
                             core::WallTime now) const override {
    if (!is_synced(object)) return tl::unexpected(not_synced(object));
    return Session(*this, object, wanted, transport, now).reader.by_ids(ids);
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths& wanted, core::HttpTransport& transport,
                        core::WallTime now) const override {
    if (!is_synced(object)) return tl::unexpected(not_synced(object));
    return Session(*this, object, wanted, transport, now).reader.page(cursor);
  }

  bool finds_changes(const core::ObjectName& object) const override { return is_synced(object); }

  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return to_text({.read_to_ms = core::to_ms(since)});
  }

  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                              const Paths& wanted, core::HttpTransport& transport,
                              core::WallTime now) const override {
    if (!is_synced(object)) return tl::unexpected(not_synced(object));
    auto place = parse_cursor(cursor);
    if (!place) {
      return tl::unexpected(rejected(place.error().message));
    }
    const Session session(*this, object, wanted, transport, now);
    const bool with_deals = !wanted_parts(object, wanted).deals.empty();
    return ChangeReader(session.client, session.reader, source_, object, with_deals)
        .page(std::move(*place), now);
  }

  std::optional<std::string> catalogue_root() const override { return std::string(kProperties); }

  /// One listing shows what is in use or what was archived, and the sensitive properties, which
  /// only some accounts have, by themselves.
  ReadResult<core::Catalogue> describe(const core::ObjectName& object,
                                       core::HttpTransport& transport,
                                       core::WallTime now) const override {
    if (!is_synced(object)) return tl::unexpected(not_synced(object));
    const Client client(base_url_, credentials_, transport, now);
    const std::string path = "/crm/v3/properties/" + object.str();
    core::Catalogue catalogue;
    catalogue.root = kProperties;
    catalogue.texts = true;
    for (const char* part : {"?archived=false", "?archived=true"}) {
      if (auto error = add_listing(client, path + part, catalogue)) return tl::unexpected(*error);
    }
    for (const char* part : {"?archived=false&dataSensitivity=sensitive",
                             "?archived=false&dataSensitivity=highly_sensitive"}) {
      const auto error = add_listing(client, path + part, catalogue);
      if (error && may_pass(*error)) return tl::unexpected(*error);
    }
    return catalogue;
  }

 private:
  /// All that one call of the connector needs.
  struct Session {
    Session(const HubspotConnector& source, const core::ObjectName& object, const Paths& wanted,
            core::HttpTransport& transport, core::WallTime now)
        : client(source.base_url_, source.credentials_, transport, now),
          related(client, source.lookups_, object, wanted_parts(object, wanted),
                  source.renewal_pipelines_, now),
          reader(client, related, source.source_, object, wanted) {}
    const Client client;
    const RelatedReader related;
    const Reader reader;
  };

  static std::optional<ReadError> add_listing(const Client& client, const std::string& path,
                                              core::Catalogue& catalogue) {
    const auto answer = client.get(path);
    if (!answer) return answer.error();
    if (add_properties(*answer, catalogue)) return std::nullopt;
    return transient("HubSpot's list of properties has no results");
  }

  /// Else the account has no such properties: the token was good for the others.
  static bool may_pass(const ReadError& error) {
    return error.kind == ReadError::Kind::transient || error.kind == ReadError::Kind::throttled;
  }

  const core::SourceName source_;
  const core::Secret client_secret_;
  const core::Secret former_secret_;  // empty = none
  const std::string base_url_;
  const std::vector<std::string> renewal_pipelines_;
  const Credentials credentials_;
  const std::unique_ptr<const HookKeeper> hooks_;  // null without developer credentials
  mutable Lookups lookups_;
};

}  // namespace

std::unique_ptr<Connector> make_hubspot(const SourceSettings& settings) {
  return std::make_unique<HubspotConnector>(settings);
}

}  // namespace assembly_sync::connectors::hubspot

#include "connectors/hubspot/hubspot.hpp"

#include <utility>

#include "connectors/hubspot/changes.hpp"
#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/cursor.hpp"
#include "connectors/hubspot/events.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/properties.hpp"
#include "connectors/hubspot/reader.hpp"
#include "connectors/hubspot/signature.hpp"

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

tl::unexpected<ReadError> not_synced(const core::ObjectName& object) {
  return tl::unexpected(ReadError{.kind = ReadError::Kind::rejected,
                                  .retry_after = {},
                                  .reason = "object " + object.str() + " is not synced"});
}

class HubspotConnector final : public Connector {
 public:
  explicit HubspotConnector(const SourceSettings& settings)
      : source_(settings.name),
        access_token_(value_or(settings.secrets, "access_token")),
        client_secret_(value_or(settings.secrets, "client_secret")),
        base_url_(without_trailing_slashes(
            value_or(settings.texts, "base_url", std::string(kDefaultBaseUrl)))) {}

  std::vector<core::ObjectName> objects() const override {
    return {core::ObjectName(kCompanies), core::ObjectName(kContacts)};
  }

  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    return std::set<std::string>{"id",        "properties", "associations",
                                 "createdAt", "updatedAt",  "archived"};
  }

  bool takes_webhooks() const override { return true; }

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    return verify_signature(client_secret_.reveal(), request, now);
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
    if (!is_synced(object)) return not_synced(object);
    const Client client(base_url_, access_token_, transport, now);
    return Reader(client, source_, object, wanted).by_ids(ids);
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths& wanted, core::HttpTransport& transport,
                        core::WallTime now) const override {
    if (!is_synced(object)) return not_synced(object);
    const Client client(base_url_, access_token_, transport, now);
    return Reader(client, source_, object, wanted).page(cursor);
  }

  bool finds_changes(const core::ObjectName& object) const override { return is_synced(object); }

  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return to_text({.read_to_ms = core::to_ms(since)});
  }

  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                              const Paths& wanted, core::HttpTransport& transport,
                              core::WallTime now) const override {
    if (!is_synced(object)) return not_synced(object);
    auto place = parse_cursor(cursor);
    if (!place) {
      return tl::unexpected(ReadError{
          .kind = ReadError::Kind::rejected, .retry_after = {}, .reason = place.error().message});
    }
    const Client client(base_url_, access_token_, transport, now);
    const Reader reader(client, source_, object, wanted);
    return ChangeReader(client, reader, source_, object, false).page(std::move(*place), now);
  }

  std::optional<std::string> catalogue_root() const override { return std::string(kProperties); }

  /// One listing shows what is in use or what was archived, and the sensitive properties, which
  /// only some accounts have, by themselves.
  ReadResult<core::Catalogue> describe(const core::ObjectName& object,
                                       core::HttpTransport& transport,
                                       core::WallTime now) const override {
    if (!is_synced(object)) return not_synced(object);
    const Client client(base_url_, access_token_, transport, now);
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
  static std::optional<ReadError> add_listing(const Client& client, const std::string& path,
                                              core::Catalogue& catalogue) {
    const auto answer = client.get(path);
    if (!answer) return answer.error();
    if (add_properties(*answer, catalogue)) return std::nullopt;
    return ReadError{.kind = ReadError::Kind::transient,
                     .retry_after = {},
                     .reason = "HubSpot's list of properties has no results"};
  }

  /// Else the account has no such properties: the token was good for the others.
  static bool may_pass(const ReadError& error) {
    return error.kind == ReadError::Kind::transient || error.kind == ReadError::Kind::throttled;
  }

  const core::SourceName source_;
  const core::Secret access_token_;
  const core::Secret client_secret_;
  const std::string base_url_;
};

}  // namespace

std::unique_ptr<Connector> make_hubspot(const SourceSettings& settings) {
  return std::make_unique<HubspotConnector>(settings);
}

}  // namespace assembly_sync::connectors::hubspot

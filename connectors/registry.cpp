#include "connectors/registry.hpp"

#include "connectors/csv/csv.hpp"
#include "connectors/hubspot/hubspot.hpp"
#include "connectors/ndjson/ndjson.hpp"
#include "connectors/rest/language.hpp"
#include "connectors/rest/presets.hpp"
#include "connectors/rest/rest.hpp"
#include "connectors/salesforce/salesforce.hpp"
#include "connectors/sql/postgresql.hpp"
#include "connectors/sql/sqlite.hpp"
#include "connectors/webhook/verify.hpp"
#include "connectors/webhook/webhook.hpp"

namespace assembly_sync::connectors {
namespace {

using Kind = Setting::Kind;

Setting required(std::string name, Kind kind) {
  return {.name = std::move(name), .kind = kind, .required = true};
}

Setting optional(std::string name, Kind kind) {
  return {.name = std::move(name), .kind = kind};
}

Setting whole_number(std::string name, std::int64_t otherwise, std::int64_t least,
                     std::int64_t most) {
  return {.name = std::move(name),
          .kind = Kind::integer,
          .default_value = std::to_string(otherwise),
          .least = least,
          .most = most};
}

/// Beyond this age what was read of a source is stale; 0 = worked out of how often it is asked, and
/// of one that only sends, its silence says nothing.
Setting fresh_seconds() {
  constexpr std::int64_t kMonth = 31LL * 86'400;
  return whole_number("fresh_seconds", 0, 0, kMonth);
}

/// The same for every source that can be asked: how often that is done. 0 seconds = never.
ConnectorType polled(ConnectorType type, std::int64_t poll_seconds) {
  constexpr std::int64_t kDay = 86'400;
  type.settings.push_back(whole_number("poll_seconds", poll_seconds, 0, kDay));
  type.settings.push_back(whole_number("sweep_hours", 24, 0, 24 * 90));
  type.settings.push_back(whole_number("max_shrink_percent", 10, 0, 100));
  type.settings.push_back(fresh_seconds());
  return type;
}

ConnectorType hubspot_type() {
  return {
      .type = "hubspot",
      .settings =
          {
              optional("access_token", Kind::secret),
              optional("app_id", Kind::text),
              optional("client_id", Kind::text),
              required("client_secret", Kind::secret),
              optional("developer_api_key", Kind::secret),
              optional("former_client_secret", Kind::secret),
              optional("refresh_token", Kind::secret),
              optional("renewal_pipelines", Kind::text),
              {.name = "base_url",
               .kind = Kind::url,
               .default_value = std::string(hubspot::kDefaultBaseUrl)},
          },
      .make = hubspot::make_hubspot,
  };
}

ConnectorType salesforce_type() {
  return {.type = "salesforce",
          .settings = salesforce::settings(),
          .make = salesforce::make_salesforce};
}

ConnectorType csv_type() {
  return {.type = "csv", .settings = csv::settings(), .make = csv::make_csv};
}

ConnectorType ndjson_type() {
  return {.type = "ndjson", .settings = ndjson::settings(), .make = ndjson::make_ndjson};
}

ConnectorType postgresql_type() {
  return {
      .type = "postgresql", .settings = sql::postgresql_settings(), .make = sql::make_postgresql};
}

ConnectorType sqlite_type() {
  return {.type = "sqlite", .settings = sql::sqlite_settings(), .make = sql::make_sqlite};
}

ConnectorType webhook_type() {
  return {
      .type = "webhook",
      .settings = {{.name = "verify",
                    .kind = Kind::variant,
                    .required = true,
                    .variants = webhook::schemes()},
                   {.name = "objects",
                    .kind = Kind::objects,
                    .required = true,
                    .settings = {required("id", Kind::field), optional("records", Kind::field),
                                 optional("updated", Kind::field), optional("when", Kind::match),
                                 optional("deleted", Kind::match),
                                 optional("deleted_records", Kind::field)}},
                   fresh_seconds()},
      .make = webhook::make_webhook,
  };
}

ConnectorType rest_type() {
  return {.type = "rest",
          .settings = rest::settings(),
          .make = rest::make_rest,
          .manual = "docs/connectors/rest.md"};
}

}  // namespace

const std::vector<ConnectorType>& registry() {
  static const std::vector<ConnectorType> kTypes = [] {
    std::vector<ConnectorType> types = {
        polled(hubspot_type(), 300),    polled(csv_type(), 0),     polled(ndjson_type(), 0),
        polled(postgresql_type(), 60),  polled(sqlite_type(), 60), webhook_type(),
        polled(salesforce_type(), 300), polled(rest_type(), 300)};
    for (rest::PresetType& preset : rest::preset_types()) {
      types.push_back(polled(std::move(preset.type), preset.poll_seconds));
    }
    return types;
  }();
  return kTypes;
}

const ConnectorType* find_type(const std::string& type) {
  for (const ConnectorType& candidate : registry()) {
    if (candidate.type == type) return &candidate;
  }
  return nullptr;
}

}  // namespace assembly_sync::connectors

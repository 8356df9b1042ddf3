#include "connectors/registry.hpp"

#include "connectors/csv/csv.hpp"
#include "connectors/hubspot/hubspot.hpp"
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

ConnectorType hubspot_type() {
  return {
      .type = "hubspot",
      .settings =
          {
              required("access_token", Kind::secret),
              required("client_secret", Kind::secret),
              {.name = "base_url",
               .kind = Kind::url,
               .default_value = std::string(hubspot::kDefaultBaseUrl)},
              {.name = "poll_seconds",
               .kind = Kind::integer,
               .default_value = "300",
               .least = 30,
               .most = 86'400},
          },
      .make = hubspot::make_hubspot,
  };
}

ConnectorType csv_type() {
  return {
      .type = "csv",
      .settings = {required("path", Kind::path),
                   {.name = "objects",
                    .kind = Kind::objects,
                    .required = true,
                    .settings = {required("id", Kind::text)}}},
      .make = csv::make_csv,
  };
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
                                 optional("deleted_records", Kind::field)}}},
      .make = webhook::make_webhook,
  };
}

}  // namespace

const std::vector<ConnectorType>& registry() {
  static const std::vector<ConnectorType> kTypes = {hubspot_type(), csv_type(), webhook_type()};
  return kTypes;
}

const ConnectorType* find_type(const std::string& type) {
  for (const ConnectorType& candidate : registry()) {
    if (candidate.type == type) return &candidate;
  }
  return nullptr;
}

}  // namespace assembly_sync::connectors

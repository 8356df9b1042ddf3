#include "connectors/registry.hpp"

#include "connectors/csv/csv.hpp"
#include "connectors/hubspot/hubspot.hpp"

namespace assembly_sync::connectors {
namespace {

using Kind = Setting::Kind;

Setting required(std::string name, Kind kind) {
  return {std::move(name), kind, true, {}, 0, 0};
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
      .settings = {required("path", Kind::path), required("objects", Kind::objects)},
      .make = csv::make_csv,
  };
}

}  // namespace

const std::vector<ConnectorType>& registry() {
  static const std::vector<ConnectorType> kTypes = {hubspot_type(), csv_type()};
  return kTypes;
}

const ConnectorType* find_type(const std::string& type) {
  for (const ConnectorType& candidate : registry()) {
    if (candidate.type == type) return &candidate;
  }
  return nullptr;
}

}  // namespace assembly_sync::connectors

#include "connectors/connector.hpp"

#include "connectors/read_error.hpp"

namespace assembly_sync::connectors {

std::string Connector::changes_since(const core::ObjectName& /*object*/,
                                     core::WallTime /*since*/) const {
  return {};
}

ReadResult<Changes> Connector::changes(const core::ObjectName& object,
                                       const std::string& /*cursor*/, const Paths& /*wanted*/,
                                       core::HttpTransport& /*transport*/,
                                       core::WallTime /*now*/) const {
  return tl::unexpected(
      rejected("this kind of source can't say what changed in its " + object.str()));
}

ReadResult<core::Catalogue> Connector::describe(const core::ObjectName& object,
                                                core::HttpTransport& /*transport*/,
                                                core::WallTime /*now*/) const {
  return tl::unexpected(
      rejected("this kind of source says nowhere what its " + object.str() + " hold"));
}

}  // namespace assembly_sync::connectors

#include "connectors/connector.hpp"

namespace assembly_sync::connectors {

ReadResult<core::Catalogue> Connector::describe(const core::ObjectName& object,
                                                core::HttpTransport& /*transport*/,
                                                core::WallTime /*now*/) const {
  return tl::unexpected(
      ReadError{.kind = ReadError::Kind::rejected,
                .retry_after = {},
                .reason = "this kind of source says nowhere what its " + object.str() + " hold"});
}

}  // namespace assembly_sync::connectors

#include "connectors/connector.hpp"

namespace assembly_sync::connectors {
namespace {

tl::unexpected<ReadError> rejected(std::string reason) {
  return tl::unexpected(
      ReadError{.kind = ReadError::Kind::rejected, .retry_after = {}, .reason = std::move(reason)});
}

}  // namespace

std::string Connector::changes_since(const core::ObjectName& /*object*/,
                                     core::WallTime /*since*/) const {
  return {};
}

ReadResult<Changes> Connector::changes(const core::ObjectName& object,
                                       const std::string& /*cursor*/, const Paths& /*wanted*/,
                                       core::HttpTransport& /*transport*/,
                                       core::WallTime /*now*/) const {
  return rejected("this kind of source can't say what changed in its " + object.str());
}

ReadResult<core::Catalogue> Connector::describe(const core::ObjectName& object,
                                                core::HttpTransport& /*transport*/,
                                                core::WallTime /*now*/) const {
  return rejected("this kind of source says nowhere what its " + object.str() + " hold");
}

}  // namespace assembly_sync::connectors

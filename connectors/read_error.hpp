// The two errors that connectors make most, in the words of connector.hpp.
#pragma once

#include <string>
#include <utility>

#include "connectors/connector.hpp"

namespace assembly_sync::connectors {

/// It will not work however often it is tried.
inline ReadError rejected(std::string reason) {
  return {.kind = ReadError::Kind::rejected, .retry_after = {}, .reason = std::move(reason)};
}

/// It may work after a pause.
inline ReadError transient(std::string reason) {
  return {.kind = ReadError::Kind::transient, .retry_after = {}, .reason = std::move(reason)};
}

/// The source has no object of that name, or none that is read.
inline ReadError not_synced(const core::ObjectName& object) {
  return rejected("object " + object.str() + " is not synced");
}

}  // namespace assembly_sync::connectors

// A webhook from the quarantine, looked at again: with the secrets and the public address of today,
// and the time of its receipt as now, so that its age does not count against it. Pure but for the
// connector.
#pragma once

#include <string>

#include "connectors/connector.hpp"
#include "daemon/store/types.hpp"

namespace assembly_sync::intake {

struct Rechecked {
  bool taken = false;
  std::string reason{};       // why not
  std::string delivery{};     // the sender's name of it
  core::ObjectName object{};  // that its address named
};

/// `unverified`: whether it is signed does not count; its body must be readable all the same.
Rechecked recheck(const connectors::Connector& connector, const std::string& public_url,
                  const store::QuarantinedWebhook& webhook, bool unverified);

}  // namespace assembly_sync::intake

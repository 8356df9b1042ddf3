// A configured source as the runs see it. Value type.
#pragma once

#include <memory>

#include "connectors/connector.hpp"
#include "core/ids.hpp"

namespace assembly_sync::intake {

struct BackfillSource {
  core::SourceName name;
  std::shared_ptr<const connectors::Connector> connector;
};

}  // namespace assembly_sync::intake

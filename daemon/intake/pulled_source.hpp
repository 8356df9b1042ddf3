// A configured source as those see it who ask it for records. Value type.
#pragma once

#include <chrono>
#include <memory>

#include "connectors/connector.hpp"
#include "core/ids.hpp"

namespace assembly_sync::intake {

/// How often a source is asked on its own.
struct PollPlan {
  std::chrono::seconds every{0};  // for what changed; 0 = only when a run is ordered
  std::chrono::hours sweep{24};   // listed whole; 0 = never
  int max_shrink_percent = 10;    // see ShrinkRule
};

struct PulledSource {
  core::SourceName name;
  std::shared_ptr<const connectors::Connector> connector;
  PollPlan poll{};

  /// What a listing shows is so, whatever times its rows bear: nobody else tells of them.
  bool listing_is_truth() const {
    return connector->shows_present_state() ||
           (!connector->takes_webhooks() && !connector->reads_by_id());
  }
};

}  // namespace assembly_sync::intake

#include "daemon/cli/patient_listing.hpp"

#include <chrono>

namespace assembly_sync::cli {

connectors::ReadResult<connectors::Page> list_patiently(const connectors::Connector& connector,
                                                        const core::ObjectName& object,
                                                        const std::optional<std::string>& cursor,
                                                        const connectors::Paths& wanted,
                                                        core::HttpTransport& transport,
                                                        core::Clock& clock) {
  constexpr int kMostPauses = 5;
  constexpr std::chrono::minutes kLongestPause{2};
  for (int pauses = 0;; ++pauses) {
    auto page = connector.list(object, cursor, wanted, transport, clock.wall_now());
    const bool is_asked_to_wait =
        !page && page.error().kind == connectors::ReadError::Kind::throttled &&
        page.error().retry_after && *page.error().retry_after <= kLongestPause;
    if (!is_asked_to_wait || pauses == kMostPauses) return page;
    clock.sleep_for(*page.error().retry_after, {});
  }
}

}  // namespace assembly_sync::cli

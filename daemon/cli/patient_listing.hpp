// Listing for a verb that somebody waits for: where the source asks for a pause and says how long,
// as one whose rate is kept does after some pages, the pause is made and the page asked for again.
#pragma once

#include <optional>
#include <string>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"

namespace assembly_sync::cli {

/// Connector::list(); an error of kind throttled only when it comes again after every pause, names
/// no time, or a longer one than a person sits through.
connectors::ReadResult<connectors::Page> list_patiently(const connectors::Connector& connector,
                                                        const core::ObjectName& object,
                                                        const std::optional<std::string>& cursor,
                                                        const connectors::Paths& wanted,
                                                        core::HttpTransport& transport,
                                                        core::Clock& clock);

}  // namespace assembly_sync::cli

// Webhooks of a REST source -> notices: with the record where the sender sends it, else with the id
// alone, and the record is read. Constant; thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/rest/spec.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors::rest {

/// A body is one event or a list of them, at `webhook.events` or at its root. An event is about
/// every object whose `when` fits, or about the one whose address it came to. What can't be used
/// becomes a notice with a reason; only a body that is no JSON object or list is an error.
core::Result<std::vector<core::Notice>> decode_events(const SourceSpec& spec,
                                                      const Received& received);

/// The sender's name of a delivery, from a header or the body; empty = it has none.
std::string delivery_of(const SourceSpec& spec, const WebhookRequest& request);

}  // namespace assembly_sync::connectors::rest

// HubSpot's webhook signatures, versions 1, 2 and 3. Pure functions; thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "core/clock.hpp"

namespace assembly_sync::connectors::hubspot {

/// A v3 timestamp may lie this far from now, in either direction. HubSpot names the past only; a
/// timestamp far ahead would stay valid for as long as it is ahead, so it is refused too.
inline constexpr std::chrono::seconds kMaximumAge{300};

/// True when `request` carries a signature made with the app's client secret. A v3 header decides
/// alone: a valid v1 beside a stale or wrong v3 is a replay, not a second chance.
Verification verify_signature(std::string_view client_secret, const WebhookRequest& request,
                              core::WallTime now);

/// Which spelling of an escape is decoded. HubSpot documents the upper-case ones and says nothing
/// of `%3a`.
enum class EscapeCase : std::uint8_t { upper, any };

/// `url` as HubSpot hashes it for v3: the twelve documented escapes decoded in one pass, every
/// other escape left as it is, no fragment.
std::string decode_for_signature(std::string_view url, EscapeCase escapes);

}  // namespace assembly_sync::connectors::hubspot

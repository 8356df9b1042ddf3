// Standard Webhooks 1.0.0 (standardwebhooks.com), also as Svix sends it: id, time and body signed
// together, with a shared secret (v1, HMAC-SHA256) or a key pair (v1a, ed25519).
#pragma once

#include <chrono>
#include <memory>

#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::webhook {

/// Secrets are `whsec_…` or bare base64, public keys `whpk_…`; mixed at will.
std::unique_ptr<Verifier> make_standard_webhooks(const std::vector<core::Secret>& secrets,
                                                 std::chrono::seconds tolerance,
                                                 std::vector<SettingProblem>& problems);

}  // namespace assembly_sync::connectors::webhook

// HubSpot's webhook signatures, as the sender computes them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace assembly_sync::sandbox {

/// X-HubSpot-Signature, version v1: lower-case hex of SHA-256(secret + body).
std::string crm_signature_v1(std::string_view secret, std::string_view body);
/// X-HubSpot-Signature-v3: base64 of HMAC-SHA-256 over method, URI, body and timestamp; in the URI
/// only the escapes that HubSpot names are decoded.
std::string crm_signature_v3(std::string_view secret, std::string_view method, std::string_view uri,
                             std::string_view body, std::string_view timestamp);

}  // namespace assembly_sync::sandbox

// Webhooks that are proven by the secret itself, sent along: in a header, in the address or in the
// body. Weaker than a signature, because whoever sees one request can make the next, but all that
// some senders have. And `none`, for a network where nobody else can send.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::webhook {

/// The header's value is `SCHEME SECRET` (the scheme word in any case), or the secret alone when
/// `scheme` is empty.
std::unique_ptr<Verifier> make_header_token(std::string header, std::string scheme,
                                            std::vector<core::Secret> secrets);

/// HTTP Basic; each secret is `user:password`.
std::unique_ptr<Verifier> make_basic(const std::vector<core::Secret>& secrets,
                                     std::vector<SettingProblem>& problems);

/// The secret is the text at `field` of a JSON body.
std::unique_ptr<Verifier> make_body_token(const std::string& field,
                                          std::vector<core::Secret> secrets);

/// The secret is the value of a parameter of the address.
std::unique_ptr<Verifier> make_query_token(std::string parameter,
                                           std::vector<core::Secret> secrets);

std::unique_ptr<Verifier> make_unverified();

}  // namespace assembly_sync::connectors::webhook

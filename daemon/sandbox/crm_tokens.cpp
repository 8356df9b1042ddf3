#include "daemon/sandbox/crm_tokens.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/http.hpp"
#include "core/json.hpp"
#include "core/value.hpp"

namespace assembly_sync::sandbox {
namespace {

using core::Value;

constexpr std::chrono::seconds kLifetime{1800};

/// The fields of a form.
std::map<std::string, std::string> fields_of(std::string_view form) {
  std::map<std::string, std::string> out;
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view pair = form.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto value = core::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (value) out.emplace(pair.substr(0, equals), *value);
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return out;
}

http::Response refusal(const char* error, const char* status, const char* message) {
  return http::json_response(400, core::dump_json(Value::object({{"error", error},
                                                                 {"error_description", message},
                                                                 {"status", status},
                                                                 {"message", message}})));
}

}  // namespace

CrmTokens::CrmTokens(const core::Clock& clock, std::string client_id, std::string client_secret,
                     std::string refresh_token)
    : clock_(clock),
      client_id_(std::move(client_id)),
      client_secret_(std::move(client_secret)),
      refresh_token_(std::move(refresh_token)) {}

http::Response CrmTokens::answer(const http::Request& request) {
  auto fields = fields_of(request.body);
  if (fields["grant_type"] != "refresh_token") {
    return refusal("unsupported_grant_type", "BAD_GRANT_TYPE", "unknown grant_type");
  }
  if (fields["client_id"] != client_id_ || fields["client_secret"] != client_secret_) {
    return refusal("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id");
  }
  if (fields["refresh_token"] != refresh_token_) {
    return refusal("invalid_grant", "BAD_REFRESH_TOKEN", "missing or unknown refresh token");
  }
  const std::string token = "oauth-" + std::to_string(until_.size() + 1);
  until_["Bearer " + token] = clock_.wall_now() + kLifetime;
  return http::json_response(
      200,
      core::dump_json(Value::object({{"token_type", "bearer"},
                                     {"access_token", token},
                                     {"refresh_token", refresh_token_},
                                     {"expires_in", static_cast<std::int64_t>(kLifetime.count())},
                                     {"hub_id", 3003},
                                     {"scopes", Value::list({"crm.objects.companies.read"})}})));
}

bool CrmTokens::was_given(std::string_view authorization) const {
  return until_.find(authorization) != until_.end();
}

bool CrmTokens::is_good(std::string_view authorization) const {
  const auto found = until_.find(authorization);
  return found != until_.end() && clock_.wall_now() < found->second;
}

void CrmTokens::expire() {
  for (auto& [token, until] : until_) until = clock_.wall_now();
}

}  // namespace assembly_sync::sandbox

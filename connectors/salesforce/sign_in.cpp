#include "connectors/salesforce/sign_in.hpp"

#include <chrono>

namespace assembly_sync::connectors::salesforce {
namespace {

using namespace std::chrono_literals;

/// Not in the answer, and 15 minutes at the least by the org's settings.
constexpr auto kSession = 12min;

template <class Map>
typename Map::mapped_type value_of(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

/// Whom an assertion is for: the login service, or its twin for sandboxes.
std::string audience_of(const std::string& base_url) {
  if (base_url.find("salesforce.com") == std::string::npos) return base_url;
  const bool sandbox = base_url.find(".sandbox.") != std::string::npos ||
                       base_url.find("//test.") != std::string::npos;
  return sandbox ? "https://test.salesforce.com" : "https://login.salesforce.com";
}

/// The keys of signing in that are written, for a message.
std::string written_keys(const SourceSettings& settings) {
  std::string list;
  for (const char* name : {"client_secret", "refresh_token", "private_key"}) {
    if (!value_of(settings.secrets, name).empty())
      list += (list.empty() ? "" : ", ") + std::string(name);
  }
  if (!value_of(settings.texts, "username").empty()) {
    list += (list.empty() ? "" : ", ") + std::string("username");
  }
  return list.empty() ? "none of them" : list;
}

}  // namespace

OAuthSettings sign_in(const SourceSettings& settings, std::vector<SettingProblem>& problems) {
  using Grant = OAuthSettings::Grant;
  const std::string base_url = value_of(settings.texts, "base_url");
  OAuthSettings oauth;
  oauth.service = "Salesforce";
  oauth.token_url = base_url + "/services/oauth2/token";
  oauth.client_id = value_of(settings.texts, "client_id");
  oauth.client_secret = value_of(settings.secrets, "client_secret");
  oauth.refresh_token = value_of(settings.secrets, "refresh_token");
  oauth.private_key = value_of(settings.secrets, "private_key");
  oauth.answer_fields = {"instance_url"};
  oauth.lifetime = kSession;
  oauth.tokens = settings.tokens;
  oauth.token_name = settings.name.str();
  const std::string username = value_of(settings.texts, "username");
  const bool has_key = !oauth.private_key.empty();
  const bool has_secret = !oauth.client_secret.empty();

  if (!oauth.refresh_token.empty() && !has_key && username.empty()) {
    oauth.grant = Grant::refresh_token;
    oauth.advice =
        "authorise the app in Salesforce again and write its new refresh token into refresh_token";
  } else if (oauth.refresh_token.empty() && has_key && !username.empty() && !has_secret) {
    oauth.grant = Grant::jwt_bearer;
    oauth.claims = {{"iss", oauth.client_id}, {"sub", username}, {"aud", audience_of(base_url)}};
    oauth.client_id.clear();  // stands in the assertion
    oauth.advice =
        "check in Salesforce that the app holds the certificate of private_key, that client_id is "
        "its consumer key, and that the user is pre-authorised for it";
    if (auto problem = private_key_problem(oauth.private_key); !problem.empty()) {
      problems.push_back({{"private_key"}, std::move(problem)});
    }
  } else if (oauth.refresh_token.empty() && !has_key && username.empty() && has_secret) {
    oauth.grant = Grant::client_credentials;
    oauth.advice =
        "check in Salesforce that the app allows the client credentials flow and has a user to run "
        "as, that base_url is the org's My Domain, and that client_id and client_secret are the "
        "app's";
  } else {
    problems.push_back(
        {{},
         "expected exactly one way to sign in: client_secret (client credentials), refresh_token "
         "(with client_secret where the app wants it), or private_key and username (JWT), got " +
             written_keys(settings)});
  }
  return oauth;
}

}  // namespace assembly_sync::connectors::salesforce

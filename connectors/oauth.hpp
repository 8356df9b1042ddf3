// OAuth 2.0 access tokens for the connectors that need them: asked for with a refresh token, with a
// client's own credentials, or with a signed assertion (JWT bearer, RS256); renewed a little before
// they end and after one was refused. A refresh token that the service replaces while it is used is
// kept through core::TokenKeeper before the access token that came with it is used, so that a crash
// can't lock the source out. Thread-safe: several threads share one OAuth, and one renewal is under
// way at a time. No reason of an error holds a token or a secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/secret.hpp"
#include "core/token_keeper.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors {

struct OAuthSettings {
  enum class Grant : std::uint8_t { refresh_token, client_credentials, jwt_bearer };
  /// Where the client's id and secret stand: fields of the form, or the header Authorization.
  enum class Client : std::uint8_t { body, basic };

  std::string service;    // for messages: "Salesforce"
  std::string token_url;  // absolute
  Grant grant = Grant::refresh_token;
  Client client = Client::body;
  std::string client_id;         // empty = not sent
  core::Secret client_secret{};  // empty = not sent
  core::Secret refresh_token{};  // grant refresh_token, as configured
  /// jwt_bearer: the RSA key (PEM), and what stands in the assertion. The times are added.
  core::Secret private_key{};
  std::map<std::string, std::string> claims{};  // iss, sub, aud
  std::chrono::seconds assertion_lifetime{180};
  /// Further fields of the form: scope, redirect_uri.
  std::vector<std::pair<std::string, std::string>> form{};
  /// Members of the answer that the connector needs beside the token: instance_url, api_domain.
  std::vector<std::string> answer_fields{};
  /// How long a token is good when the answer has no expires_in.
  std::chrono::seconds lifetime{3600};
  /// What an admin does when the credentials are refused for good: "authorise the app again and
  /// write its new refresh token into refresh_token".
  std::string advice;
  /// Where a replaced refresh token is kept, and under which name; null = for this process only.
  std::shared_ptr<core::TokenKeeper> tokens{};
  std::string token_name{};
};

struct AccessToken {
  core::Secret text;
  std::map<std::string, std::string> fields{};  // OAuthSettings::answer_fields, as far as answered
  std::uint64_t number = 0;                     // of the renewal that brought it
};

class OAuth {
 public:
  explicit OAuth(OAuthSettings settings);
  OAuth(const OAuth&) = delete;
  OAuth& operator=(const OAuth&) = delete;

  /// A token that is good as far as is known; asks the service when there is none. Errors are
  /// unauthorized when the service refuses the credentials for good, throttled when it has been
  /// asked too often, rejected when the address is none of a token endpoint, else transient.
  ReadResult<AccessToken> get(core::HttpTransport& transport, core::WallTime now);

  /// `token` was answered 401: the next get() asks anew, unless somebody has done so since.
  void refused(const AccessToken& token);

  using Make = std::function<core::HttpRequest(const AccessToken&)>;
  /// Sends what `make` builds. After a 401 it is built and sent once more with a new token. No
  /// answer is a transient error; every answer, also a second 401, is the caller's to judge.
  ReadResult<core::HttpResponse> send(core::HttpTransport& transport, core::WallTime now,
                                      const Make& make);

 private:
  struct Asked;  // one answer of the token endpoint

  ReadResult<AccessToken> renew(core::HttpTransport& transport, core::WallTime now);
  ReadResult<Asked> ask(const core::Secret& refresh_token, core::HttpTransport& transport,
                        core::WallTime now) const;
  ReadResult<core::HttpRequest> request(const core::Secret& refresh_token,
                                        core::WallTime now) const;
  ReadResult<Asked> judge(const core::HttpResponse& response, const core::Secret& refresh_token,
                          core::WallTime now) const;
  ReadError refusal(const core::HttpResponse& response, const core::Value& body,
                    const core::Secret& refresh_token, core::WallTime now) const;
  ReadResult<core::Secret> current_refresh_token() const;
  std::optional<ReadError> keep_replacement();

  const OAuthSettings settings_;
  const std::string configured_mark_;  // tells whether a kept token followed the configured one

  std::mutex mutex_;
  std::optional<AccessToken> token_;
  core::WallTime renew_at_{};
  std::uint64_t renewals_ = 0;
  /// The refresh token in use when it is not the configured one.
  std::optional<core::Secret> replacement_;
  bool replacement_unkept_ = false;
};

/// Why `pem` can't sign assertions: "expected an RSA private key in PEM form …"; empty = it can.
std::string private_key_problem(const core::Secret& pem);

}  // namespace assembly_sync::connectors

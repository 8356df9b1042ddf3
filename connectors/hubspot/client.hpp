// HubSpot's HTTP API: authorised calls, and what each kind of refusal means for the caller. Made
// for one read and thrown away; holds references. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/connector.hpp"
#include "connectors/oauth.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/secret.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// What a call carries to be believed: the lasting token of a private app, or tokens that an OAuth
/// app's refresh token brings. Thread-safe.
class Credentials {
 public:
  explicit Credentials(core::Secret access_token) : access_token_(std::move(access_token)) {}
  explicit Credentials(OAuthSettings settings)
      : oauth_(std::make_unique<OAuth>(std::move(settings))) {}

  /// Sends `request`, which has no Authorization yet. An OAuth token that was refused is renewed
  /// and the request sent once more.
  ReadResult<core::HttpResponse> send(const core::HttpRequest& request,
                                      core::HttpTransport& transport, core::WallTime now) const;

 private:
  core::Secret access_token_{};
  std::unique_ptr<OAuth> oauth_{};
};

/// What an answer that is no success means. The reason holds the status and HubSpot's category or
/// policy only: its message texts may quote property values.
ReadError error_of(const core::HttpResponse& response, core::WallTime now);

/// The member when it is one of HubSpot's code words (`MISSING_SCOPES`), else empty: anything else
/// could be text about a record.
std::string code_word(const core::Value& body, std::string_view name);

class Client {
 public:
  /// `base_url` without a slash at its end. All arguments must outlive the client.
  Client(std::string_view base_url, const Credentials& credentials, core::HttpTransport& transport,
         core::WallTime now);

  /// `path` begins with a slash and is percent-encoded.
  ReadResult<core::Value> get(const std::string& path) const;
  /// As get(), but a 404 is an answer: the null value.
  ReadResult<core::Value> find(const std::string& path) const;
  ReadResult<core::Value> post(const std::string& path, const core::Value& body) const;

  /// Length of the URL that get(path) would ask for, in bytes.
  std::size_t url_length(std::string_view path) const { return base_url_.size() + path.size(); }

 private:
  ReadResult<core::HttpResponse> send(std::string method, const std::string& path,
                                      std::string body) const;
  ReadResult<core::Value> parse(const core::HttpResponse& response) const;

  std::string_view base_url_;
  const Credentials& credentials_;
  core::HttpTransport& transport_;
  core::WallTime now_;
};

}  // namespace assembly_sync::connectors::hubspot

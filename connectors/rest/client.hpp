// Asking a REST API as its description says: the request filled in, authorised and sent, and what
// the answer means. One Authorizer a source, shared by its threads; a Client is made for one read
// and thrown away.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/oauth.hpp"
#include "connectors/rest/pace.hpp"
#include "connectors/rest/spec.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::rest {

/// Holds what a login gave, until it ends or is refused, and how many requests may be sent.
/// Thread-safe: one login is under way at a time.
class Authorizer {
 public:
  /// `make` builds the request from the fields of the token's answer (an object; empty where the
  /// scheme has none). After a 401 it is built and sent once more with a new token, where there can
  /// be one. `refused` says whether an answer other than a 401 refuses the token as well.
  using Make = std::function<core::HttpRequest(const core::Value& token)>;
  using Refused = std::function<bool(const core::HttpResponse&)>;

  /// `tokens` keeps a refresh token that the API replaces; may be null.
  Authorizer(const SourceSpec& spec, std::shared_ptr<core::TokenKeeper> tokens);
  ReadResult<core::HttpResponse> send(core::HttpTransport& transport, core::WallTime now,
                                      const Make& make, const Refused& refused);
  Pace& pace() { return pace_; }

 private:
  /// A token and how to say that it was refused.
  struct Token {
    core::Value fields = core::Value::object();
    std::optional<AccessToken> access{};  // scheme oauth
  };
  ReadResult<Token> token(core::HttpTransport& transport, core::WallTime now);
  void refused_token(const Token& token);
  ReadResult<core::Value> log_in(core::HttpTransport& transport, core::WallTime now);

  const SourceSpec& spec_;
  const std::unique_ptr<OAuth> oauth_;  // scheme oauth
  Pace pace_;                           // guards itself
  std::mutex mutex_;
  std::optional<core::Value> token_;
  core::WallTime good_until_{};
};

/// What the variables of one request stand for, beside secrets, configured texts and the token.
using Given = std::map<std::string, core::Value>;

struct Moment {
  core::WallTime now{};
  std::optional<core::WallTime> since{};
  std::optional<core::WallTime> ends{};  // of a subscription that is made
};

struct Answer {
  enum class Kind : std::uint8_t { ok, empty, missing };
  Kind kind = Kind::ok;
  std::string body;
  std::vector<core::HttpHeader> headers;
  std::string path{};  // that was asked, with base_url's and without a query
};

/// How long an answer asks to wait: Retry-After or the header that the description names, as
/// seconds with or without a fraction, as a time since 1970, or as an HTTP date. Nothing when it
/// names none, or one that is over.
std::optional<std::chrono::milliseconds> wait_of(const SourceSpec& spec,
                                                 const std::vector<core::HttpHeader>& headers,
                                                 core::WallTime now);

class Client {
 public:
  /// All arguments must outlive the client.
  Client(const SourceSpec& spec, Authorizer& authorizer, core::HttpTransport& transport,
         core::WallTime now)
      : spec_(spec), authorizer_(authorizer), transport_(transport), now_(now) {}

  /// `address`: of the next page as the API gave it, or its path and query; empty = those of the
  /// request. Wherever it leads, the host that is asked is base_url's.
  /// `missing`: further statuses that say that there is no such row.
  ReadResult<Answer> ask(const RequestSpec& request, const Given& given, const Moment& moment,
                         const std::string& address = {}, const std::set<int>& missing = {}) const;
  core::WallTime now() const { return now_; }

  /// Before several requests that are of use together only: either none of them is answered by an
  /// error of kind not_yet for the sake of `rate`, or this is.
  std::optional<ReadError> pay(std::size_t requests) const;
  /// As many more will be sent, in any case: those that come after them wait the longer.
  void owe(std::size_t requests) const;

 private:
  const SourceSpec& spec_;
  Authorizer& authorizer_;
  core::HttpTransport& transport_;
  core::WallTime now_;
  mutable std::size_t paid_ = 0;  // requests that the pace knows of already
};

}  // namespace assembly_sync::connectors::rest

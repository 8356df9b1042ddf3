// Salesforce's HTTP API: authorised calls, and what each kind of refusal means for the caller.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "connectors/oauth.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

/// A refusal, and Salesforce's word for it, by which a caller may go another way.
struct Failure {
  ReadError error;
  std::string code{};     // INVALID_FIELD; empty when the answer names none
  std::string message{};  // Salesforce's own: may quote record values, so it is never shown
};

template <class T>
using Answer = tl::expected<T, Failure>;

Failure failure(ReadError::Kind kind, std::string reason);

/// How much of the day's API requests is used, as each answer says. Thread-safe.
class Usage {
 public:
  /// Reads `Sforce-Limit-Info`; an answer without it, or with one of another form, says nothing.
  void note(const std::vector<core::HttpHeader>& headers, core::WallTime now);
  /// Why reading that can wait should wait; nothing when there is room, or when the last word of it
  /// is so old that it must be asked for again.
  std::optional<ReadError> exhausted(core::WallTime now) const;

 private:
  mutable std::mutex mutex_;
  std::int64_t used_ = 0;
  std::int64_t most_ = 0;
  core::WallTime noted_at_{};
};

/// What all reads of one source share.
struct Session {
  Session(std::string base, std::string version, OAuthSettings sign_in)
      : base_url(std::move(base)), api_version(std::move(version)), oauth(std::move(sign_in)) {}

  const std::string base_url;  // without a slash at its end
  const std::string api_version;
  OAuth oauth;
  Usage usage{};
};

/// Made for one read and thrown away; holds references. Not thread-safe.
class Client {
 public:
  Client(Session& session, core::HttpTransport& transport, core::WallTime now)
      : session_(session), transport_(transport), now_(now) {}

  core::WallTime now() const { return now_; }
  /// `/services/data/v66.0`
  std::string data_path() const { return "/services/data/v" + session_.api_version; }

  /// `path` begins with a slash and is percent-encoded.
  Answer<core::Value> get(const std::string& path) const;
  Answer<core::Value> post(const std::string& path, const core::Value& body) const;
  /// An answer that is no JSON.
  Answer<core::HttpResponse> get_csv(const std::string& path) const;
  /// Ends a bulk job that is of no more use. Where that fails, Salesforce does it after seven days.
  void abort_job(const std::string& path) const;
  void delete_job(const std::string& path) const;

 private:
  Answer<core::HttpResponse> send(const core::HttpRequest& request) const;

  Session& session_;
  core::HttpTransport& transport_;
  core::WallTime now_;
};

/// What an answer that is no success means. The reason holds the status and Salesforce's code only.
Failure failure_of(const core::HttpResponse& response, core::WallTime now);

}  // namespace assembly_sync::connectors::salesforce

// A transport that answers by a function and remembers what it was asked. Not thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "core/http.hpp"
#include "core/json.hpp"

namespace assembly_sync::test {

class ScriptedTransport final : public core::HttpTransport {
 public:
  using Answer = tl::expected<core::HttpResponse, core::HttpFailure>;
  using Script = std::function<Answer(const core::HttpRequest&)>;

  explicit ScriptedTransport(Script script) : script_(std::move(script)) {}
  /// Answers the requests in this order; one more than there are is answered 599.
  explicit ScriptedTransport(std::vector<core::HttpResponse> answers)
      : script_([answers = std::move(answers),
                 next = std::size_t{0}](const core::HttpRequest&) mutable -> Answer {
          if (next == answers.size())
            return core::HttpResponse{.status = 599, .headers = {}, .body = {}};
          return answers[next++];
        }) {}

  Answer send(const core::HttpRequest& request) override {
    requests.push_back(request);
    return script_(request);
  }

  std::vector<core::HttpRequest> requests;

 private:
  Script script_;
};

inline core::HttpResponse answer(int status, std::string body,
                                 std::vector<core::HttpHeader> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

/// A document of a test; throws when it is not JSON.
inline core::Value json(std::string_view text) {
  return core::parse_json(text).value();
}

/// A HubSpot source as configured for tests.
inline std::unique_ptr<connectors::Connector> make_hubspot_source() {
  connectors::SourceSettings settings;
  settings.name = core::SourceName("hubspot");
  settings.texts = {{"base_url", "http://crm.test/"}, {"poll_seconds", "300"}};
  settings.secrets = {{"access_token", core::Secret("pat-test")},
                      {"client_secret", core::Secret("00000000-1111-2222-3333-444444444444")}};
  return connectors::find_type("hubspot")->make(settings);
}

}  // namespace assembly_sync::test

// Calls over a real socket, for tests of what only the wire shows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/http/client.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {

struct WireAnswer {
  int status = 0;  // 0 = no answer came
  core::Value body;
  std::string text;
  std::vector<core::HttpHeader> headers;
};

class Wire {
 public:
  Wire(std::string url, std::string authorization)
      : url_(std::move(url)), authorization_(std::move(authorization)) {}

  WireAnswer call(const std::string& method, const std::string& target,
                  const std::string& body = {}) {
    core::HttpRequest request;
    request.method = method;
    request.url = url_ + target;
    if (!authorization_.empty()) request.headers.push_back({"Authorization", authorization_});
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    request.body = body;
    const auto response = transport_.send(request);
    if (!response) return {};
    auto parsed = core::parse_json(response->body);
    return {response->status, parsed ? *parsed : core::Value(), response->body, response->headers};
  }
  WireAnswer get(const std::string& target) { return call("GET", target); }
  WireAnswer post(const std::string& target, const std::string& body) {
    return call("POST", target, body);
  }

 private:
  std::string url_;
  std::string authorization_;
  core::SystemClock clock_;
  http::PooledTransport transport_{clock_};
};

}  // namespace assembly_sync::test

// The local Assembly without sockets, for tests of its rules: requests go straight to the router.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/sandbox/router.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {

struct LocalAnswer {
  int status = 0;
  core::Value body;
  std::string error() const { return body.text_or("error"); }
  std::string id() const { return body.text_or("id"); }
};

class LocalApi {
 public:
  explicit LocalApi(const sandbox::Switches& switches = {}) : model_(switches, clock_, 1) {}

  LocalAnswer call(const std::string& method, const std::string& target,
                   const std::string& body = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    parse_target(target, request);
    const sandbox::Outcome outcome = sandbox::route(model_, request);
    if (!outcome) {
      return {outcome.error().status, core::Value::object({{"error", outcome.error().message}})};
    }
    return {outcome->status, outcome->body};
  }
  LocalAnswer get(const std::string& target) { return call("GET", target); }
  LocalAnswer post(const std::string& target, const std::string& body) {
    return call("POST", target, body);
  }
  LocalAnswer put(const std::string& target, const std::string& body) {
    return call("PUT", target, body);
  }
  LocalAnswer remove(const std::string& target, const std::string& body = {}) {
    return call("DELETE", target, body);
  }

  /// Creates a company and returns its id; `more` are further members, each with a comma before.
  std::string company(const std::string& name, const std::string& domain,
                      const std::string& more = {}) {
    const LocalAnswer made = post("/accounts", R"({"type":"Company","name":")" + name +
                                                   R"(","domain":")" + domain + '"' + more + '}');
    EXPECT_EQ(made.status / 100, 2) << made.error();
    return made.id();
  }
  std::string label(const std::string& type, const std::string& name) {
    return post("/accounts/labels",
                R"({"type":")" + type + R"(","name":")" + name + R"(","color":"#545A92"})")
        .id();
  }
  const sandbox::Model& model() const { return model_; }
  void set_switches(const sandbox::Switches& switches) { model_.set_switches(switches); }

 private:
  static void parse_target(const std::string& target, http::Request& request) {
    const std::size_t mark = target.find('?');
    request.path = core::percent_decode(target.substr(0, mark)).value_or("");
    std::string rest = mark == std::string::npos ? "" : target.substr(mark + 1);
    while (!rest.empty()) {
      const std::string pair = rest.substr(0, rest.find('&'));
      const std::size_t equals = pair.find('=');
      request.query.emplace_back(pair.substr(0, equals),
                                 *core::percent_decode(pair.substr(equals + 1), true));
      rest.erase(0, pair.size() + 1);
    }
  }

  ManualClock clock_;
  sandbox::Model model_;
};

/// The default switches, but for `NAME=VALUE` ones.
inline sandbox::Switches with(std::initializer_list<std::string_view> assignments) {
  sandbox::Switches switches;
  for (const std::string_view assignment : assignments) {
    const auto changed = sandbox::with_switch(switches, assignment);
    EXPECT_TRUE(changed) << (changed ? "" : changed.error().message);
    if (changed) switches = *changed;
  }
  return switches;
}

/// Parses JSON written in a test.
inline core::Value json(const std::string& text) {
  auto value = core::parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : core::Value();
}

}  // namespace assembly_sync::test

// The client on a scripted transport, and outcomes as one line of text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/assembly/client.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/assembly/scripted_transport.hpp"

namespace assembly_sync::assembly {

/// One word a kind, with what matters of it.
inline std::string describe(const Delivered& d) {
  return "delivered " + d.id.str();
}
inline std::string describe(const Throttled& t) {
  return "throttled " + (t.retry_after ? std::to_string(t.retry_after->count()) : "-");
}
inline std::string describe(const Transient& t) {
  return "transient " + (t.retry_after ? std::to_string(t.retry_after->count()) + " " : "") +
         t.reason;
}
inline std::string describe(const Rejected& r) {
  constexpr const char* kKinds[] = {"invalid", "not_found", "already_exists"};
  return "rejected " + std::to_string(r.status) + " " + kKinds[static_cast<int>(r.kind)] + " [" +
         r.detail + "]";
}
inline std::string describe(const Ambiguous& a) {
  return "ambiguous " + a.reason;
}
inline std::string describe(const Unauthorized& u) {
  return "unauthorized " + std::to_string(u.status);
}
template <class... Kinds>
std::string describe(const std::variant<Kinds...>& outcome) {
  return std::visit([](const auto& kind) { return describe(kind); }, outcome);
}

struct Sent {
  std::function<void(const Client&)> call;
  std::string method;
  std::string url;
  std::string body;
};

class AssemblyClient : public testing::Test {
 protected:
  const core::HttpRequest& last() const { return transport_.requests.back(); }

  /// Each call is one request with these parts, and none more.
  void expect_sent(const std::vector<Sent>& table) {
    for (const Sent& sent : table) {
      SCOPED_TRACE(sent.method + " " + sent.url);
      transport_.requests.clear();
      sent.call(client_);
      ASSERT_EQ(transport_.requests.size(), 1U);
      EXPECT_EQ(last().method, sent.method);
      EXPECT_EQ(last().url, "https://assembly.test" + sent.url);
      EXPECT_EQ(last().body, sent.body);
      EXPECT_EQ(last().timeout, std::chrono::seconds(7));
      EXPECT_EQ(core::find_header(last().headers, "Authorization"), "key-1");
      EXPECT_EQ(core::find_header(last().headers, "Content-Type").has_value(), !sent.body.empty());
    }
  }

  test::ScriptedTransport transport_;
  test::ManualClock clock_{core::from_ms(1'767'225'600'000)};  // 2026-01-01T00:00:00Z
  Client client_{transport_,
                 clock_,
                 {"https://assembly.test/", core::Secret("key-1"), std::chrono::seconds(7)}};
};

}  // namespace assembly_sync::assembly

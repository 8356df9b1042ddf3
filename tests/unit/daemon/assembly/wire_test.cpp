// What only real sockets show: the server's wait, and a redirect that must not be followed.
#include <gtest/gtest.h>

#include "daemon/assembly/client.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::assembly {
namespace {

using namespace std::chrono_literals;
using core::Key;

class AssemblyWire : public testing::Test {
 protected:
  Client client_of(const std::string& url) {
    return {transport_, clock_, {url, core::Secret("sandbox-key"), 10s}};
  }
  core::SystemClock clock_;
  http::PooledTransport transport_{clock_};
};

TEST_F(AssemblyWire, Q2_A171_BeyondTheLimitIsThrottledWithTheServersWait) {
  for (const auto style :
       {sandbox::RetryAfter::seconds, sandbox::RetryAfter::date, sandbox::RetryAfter::none}) {
    sandbox::SandboxOptions slow;
    slow.rate_per_second = 0.01;
    slow.limiter = sandbox::LimiterKind::bucket;
    slow.bucket_burst = 1;
    slow.switches.retry_after = style;
    sandbox::Sandbox limited(slow, clock_);
    const Client client = client_of(limited.url());
    ASSERT_TRUE(client.labels());
    const auto labels = client.labels();
    ASSERT_FALSE(labels);
    const auto* const refused = std::get_if<Throttled>(&labels.error());
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->retry_after.has_value(), style != sandbox::RetryAfter::none);
    if (style == sandbox::RetryAfter::seconds) {
      EXPECT_EQ(*refused->retry_after, 1s);
    }
  }
}

TEST_F(AssemblyWire, Q32_ARedirectIsNotFollowedWithTheKey) {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  sandbox::Sandbox elsewhere(options, clock_);
  http::Server moved("127.0.0.1:0", [&](http::Request request, http::Responder responder) {
    http::Response response;
    response.status = 307;
    response.headers.push_back({"Location", elsewhere.url() + request.target});
    responder.send(std::move(response));
  });
  moved.start();
  const Client client = client_of(moved.url());
  const auto read = client.labels();
  ASSERT_FALSE(read);
  EXPECT_TRUE(std::holds_alternative<Transient>(read.error()));
  const Outcome written = client.create(
      Collection::accounts, {{"type", "Company"}, {"name", "Acme"}, {"domain", "acme.test"}});
  // Of a POST: a 303 would say that it was carried out (Q33).
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(written)) << written.index();
  EXPECT_EQ(elsewhere.stats().requests, 0U);
}

TEST_F(AssemblyWire, A127_F4_ADeleteCarriesItsBodyOverTheWire) {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  sandbox::Sandbox sandbox(options, clock_);
  const Client client = client_of(sandbox.url());
  client.upsert(Collection::accounts, Key("k"),
                {{"type", "Company"},
                 {"name", "Acme"},
                 {"domain", "acme.test"},
                 {"additional_properties", core::Value::object({{"A B", 1}, {"C", 2}})}});
  const Outcome outcome =
      client.remove_properties(Collection::accounts, Identifier::of(Key("k")), {"A B"});
  EXPECT_TRUE(std::holds_alternative<Delivered>(outcome));
  EXPECT_EQ(sandbox.journal().back().method, "DELETE");
  EXPECT_EQ(sandbox.journal().back().body, R"({"properties":["A B"]})");
  EXPECT_EQ(sandbox.accounts()[0].at("additional_properties"), core::Value::object({{"C", 2}}));
}

TEST_F(AssemblyWire, A6_F3_TheKeyIsInTheHeaderAndInNoOutcome) {
  http::Server echo("127.0.0.1:0", [](http::Request request, http::Responder responder) {
    const auto key = core::find_header(request.headers, "Authorization");
    responder.send(http::json_response(key == "sandbox-key" ? 400 : 500, ""));
  });
  echo.start();
  const Outcome outcome = client_of(echo.url()).upsert(Collection::accounts, Key("k"), {});
  ASSERT_TRUE(std::holds_alternative<Rejected>(outcome));
  const auto& rejected = std::get<Rejected>(outcome);
  EXPECT_EQ(rejected.reason.find("sandbox-key"), std::string::npos);
  EXPECT_EQ(rejected.detail.find("sandbox-key"), std::string::npos);
}

}  // namespace
}  // namespace assembly_sync::assembly

// Whom the client trusts.
#include <cstdlib>

#include <gtest/gtest.h>

#include "daemon/http/client.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/http/tls_peer.hpp"

namespace assembly_sync::http {
namespace {

using namespace std::chrono_literals;

class HttpClientTls : public testing::Test {
 protected:
  /// A client to whom the system's trusted certificates are those in `file`.
  std::unique_ptr<PooledTransport> client_trusting(const std::filesystem::path& file) {
    setenv("SSL_CERT_FILE", file.c_str(), 1);
    auto client = std::make_unique<PooledTransport>(clock_);
    unsetenv("SSL_CERT_FILE");
    return client;
  }
  static core::HttpRequest get(const std::string& host, const test::TlsPeer& peer) {
    return {"GET", "https://" + host + ":" + std::to_string(peer.port()) + "/", {}, {}, 10s};
  }

  core::SystemClock clock_;
  test::TempDir folder_;
};

TEST_F(HttpClientTls, TalksToATrustedPeerOfTheRightNameOverOneConnection) {
  const test::TlsPeer peer("localhost");
  peer.write_certificate(folder_ / "trusted.pem");
  const auto client = client_trusting(folder_ / "trusted.pem");
  for (int i = 0; i < 3; ++i) {
    const auto answer = client->send(get("localhost", peer));
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "localhost");  // the name sent in the handshake
  }
  EXPECT_EQ(client->opened(), 1U);
  EXPECT_EQ(peer.handshakes(), 1);
}

TEST_F(HttpClientTls, SendsNothingToAPeerOfAnotherName) {
  const test::TlsPeer peer("other.example");
  peer.write_certificate(folder_ / "trusted.pem");
  const auto client = client_trusting(folder_ / "trusted.pem");
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto answer = client->send(get(host, peer));
    ASSERT_FALSE(answer) << host;
    EXPECT_FALSE(answer.error().reached_server);
    EXPECT_EQ(answer.error().reason, "TLS handshake failed");
  }
  EXPECT_EQ(peer.requests(), 0);
}

TEST_F(HttpClientTls, SendsNothingToAPeerThatNobodyVouchesFor) {
  const test::TlsPeer peer("localhost");
  test::write_file(folder_ / "nobody.pem", "");
  const auto client = client_trusting(folder_ / "nobody.pem");
  const auto answer = client->send(get("localhost", peer));
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().reached_server);
  EXPECT_EQ(answer.error().reason, "TLS handshake failed: self-signed certificate");
  EXPECT_EQ(peer.requests(), 0);
}

TEST_F(HttpClientTls, GivesUpOnAPeerThatNeverShakesHands) {
  const test::RawListener silent;
  const auto client = client_trusting(folder_ / "none.pem");
  const auto answer = client->send(
      {"GET", "https://127.0.0.1:" + std::to_string(silent.port()) + "/", {}, {}, 100ms});
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().reached_server);
  EXPECT_EQ(answer.error().reason, "connect timed out");
}

}  // namespace
}  // namespace assembly_sync::http

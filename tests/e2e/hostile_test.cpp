// What the open internet sends to the webhook port: each is answered, kept out, and in nobody's
// way.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <poll.h>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "daemon/sandbox/crm_signature.hpp"
#include "tests/e2e/world.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr const char* kPath = "/hooks/hubspot";

class Hostile : public testing::Test {
 protected:
  Hostile() {
    world_.crm().populate(1, 0);
    world_.start();
  }

  std::uint16_t port() {
    const std::string url = world_.daemon().webhook_url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  core::HttpRequest request(const std::string& method, const std::string& path,
                            const std::string& body) {
    core::HttpRequest out;
    out.method = method;
    out.url = world_.daemon().webhook_url() + path;
    out.body = body;
    return out;
  }
  /// Signed as HubSpot would, `age` ago.
  core::HttpRequest signed_request(const std::string& body, std::chrono::milliseconds age = 0ms) {
    core::HttpRequest out = request("POST", kPath, body);
    const std::string time = std::to_string(core::to_ms(clock_.wall_now() - age));
    out.headers = {{"Content-Type", "application/json"},
                   {"X-HubSpot-Signature-v3",
                    sandbox::crm_signature_v3(kClientSecret, "POST",
                                              std::string(kPublicUrl) + kPath, body, time)},
                   {"X-HubSpot-Request-Timestamp", time}};
    return out;
  }
  int send(const core::HttpRequest& request) {
    const auto answer = world_.transport().send(request);
    return answer ? answer->status : 0;
  }
  /// A change of the only company, signed and delivered; arrives in Assembly.
  int send_good() {
    world_.crm().update("companies", world_.crm().records("companies").front().text_or("id"),
                        {{"annualrevenue", std::to_string(++revenue_)}});
    return world_.deliver_events();
  }
  void expect_unharmed() {
    EXPECT_EQ(send_good(), 200);
    EXPECT_TRUE(wait_until([&] { return world_.settled() && world_.wrong().empty(); }));
    EXPECT_THAT(world_.wrong(), IsEmpty());
  }
  std::int64_t quarantined() { return world_.status().at("quarantine").as_int(); }

  core::SystemClock clock_;
  World world_;

 private:
  int revenue_ = 1000;
};

TEST_F(Hostile, AWrongSignatureIsAnswered503UntilARightOneCameAnd401After) {
  core::HttpRequest wrong = signed_request("[]");
  wrong.body = "[{}]";
  EXPECT_EQ(send(wrong), 503);
  EXPECT_EQ(send(request("POST", kPath, "[]")), 503);
  EXPECT_EQ(send_good(), 200);
  EXPECT_EQ(send(wrong), 401);
  EXPECT_EQ(send(request("POST", kPath, "[]")), 401);
  EXPECT_EQ(quarantined(), 4);
  expect_unharmed();
}

TEST_F(Hostile, AStaleTimestampIsNotVerified) {
  EXPECT_EQ(send_good(), 200);
  EXPECT_EQ(send(signed_request("[]", 6min)), 401);
  EXPECT_EQ(send(signed_request("[]", -6min)), 401);
  EXPECT_EQ(send(signed_request("[]", 4min)), 200);
  EXPECT_EQ(quarantined(), 2);
}

TEST_F(Hostile, ABodyThatCanNotBeReadIsAnswered400AndKept) {
  EXPECT_EQ(send(signed_request("[{\"objectId\":")), 400);
  EXPECT_EQ(send(signed_request(std::string(100'000, '[') + std::string(100'000, ']'))), 400);
  EXPECT_EQ(send(signed_request("{\"not\": \"a list\"}")), 400);
  EXPECT_EQ(send(signed_request("[\"\xff\xfe\"]")), 400);
  EXPECT_EQ(quarantined(), 4);
  expect_unharmed();
}

TEST_F(Hostile, ABodyOverTheLimitIsAnswered413) {
  RawSocket socket(port());
  socket.write("POST /hooks/hubspot HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\n\r\n");
  socket.write(std::string(64 * 1024, ' '));
  EXPECT_EQ(status_of(socket.read_answer()), 413);

  RawSocket chunked(port());
  chunked.write("POST /hooks/hubspot HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  for (int i = 0; i < 32 && chunked.write(chunk); ++i) continue;
  EXPECT_EQ(status_of(chunked.read_answer()), 413);
  expect_unharmed();
}

TEST_F(Hostile, APeerThatHangsUpInTheMiddleHarmsNobody) {
  for (int i = 0; i < 50; ++i) {
    RawSocket socket(port());
    socket.write("POST /hooks/hubspot HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[{");
    if (i % 2 == 0) socket.end_writing();
    socket.close();
  }
  expect_unharmed();
  EXPECT_EQ(quarantined(), 0);
}

TEST_F(Hostile, UnknownPathsAndMethodsAreRefused) {
  EXPECT_EQ(send(request("POST", "/hooks/nobody", "[]")), 404);
  EXPECT_EQ(send(request("POST", "/elsewhere", "[]")), 404);
  EXPECT_EQ(send(request("GET", "/hooks/hubspot", "")), 405);
  EXPECT_EQ(send(request("GET", "/api/status", "")), 404);  // not on this port
  RawSocket garbage(port());
  garbage.write("\x16\x03\x01 what\r\n\r\n");
  EXPECT_EQ(status_of(garbage.read_answer()), 400);
  expect_unharmed();
}

TEST_F(Hostile, ThousandIdleConnectionsAndASlowSenderDelayNobody) {
  std::vector<RawSocket> idle;
  idle.reserve(1000);
  for (int i = 0; i < 1000; ++i) idle.emplace_back(port());
  std::string slow_answer;
  std::atomic<bool> done = false;
  std::jthread slow([&](const std::stop_token& stop) {
    RawSocket socket(port());
    socket.write("POST /hooks/hubspot HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    core::SystemClock clock;
    while (socket.write("[") && clock.sleep_for(500ms, stop)) {
      pollfd ready{socket.fd(), POLLIN, 0};
      if (poll(&ready, 1, 0) == 1) break;
    }
    if (!stop.stop_requested()) slow_answer = socket.read_to_end();
    done = true;
  });
  expect_unharmed();
  EXPECT_TRUE(wait_until([&] { return done.load(); })) << "the daemon did not cut it off";
  slow.request_stop();
  slow.join();
  EXPECT_THAT(status_of(slow_answer), testing::AnyOf(408, 0)) << slow_answer;
  expect_unharmed();
  for (const RawSocket& socket : idle) EXPECT_GE(socket.fd(), 0);
}

}  // namespace
}  // namespace assembly_sync::test

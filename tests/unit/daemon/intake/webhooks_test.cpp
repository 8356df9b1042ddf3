#include "daemon/intake/webhooks.hpp"

#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "daemon/http/client.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kPublicUrl = "https://sync.example.test";

class WebhooksTest : public testing::Test {
 protected:
  WebhooksTest()
      : crm_(std::make_shared<ScriptedCrm>()),
        log_(telemetry::LogStyle::quiet),
        webhooks_({{kSource, crm_}}, kPublicUrl, *store_, store_.clock(), log_),
        server_("127.0.0.1:0",
                [this](http::Request request, const http::Responder& responder) {
                  webhooks_.handle(std::move(request), responder);
                }),
        client_(real_) {
    server_.start();
  }

  core::HttpResponse call(const std::string& path, const std::string& body, bool good = true,
                          const std::string& method = "POST") {
    core::HttpRequest request;
    request.method = method;
    request.url = server_.url() + path;
    request.headers = {{"X-Good", good ? "yes" : "no"},
                       {"Authorization", "Bearer of-somebody"},
                       {"X-Key", "of-somebody"},
                       {"Cookie", "session=1"}};
    if (!delivery_.empty()) request.headers.push_back({"X-Delivery", delivery_});
    request.body = body;
    const auto response = client_.send(request);
    return response ? *response : core::HttpResponse{};
  }
  core::HttpResponse post(const std::string& body, bool good = true) {
    return call("/hooks/crm", body, good);
  }
  store::Totals totals() {
    return store_.read([](const store::View& view) { return view.totals(); });
  }
  std::vector<store::Receipt> receipts() {
    return store_.read(
        [](const store::View& view) { return view.receipts_to_decode(kSource, 1000); });
  }

  std::string delivery_;  // of the calls to come
  test::TempStore store_;
  core::SystemClock real_;
  std::shared_ptr<ScriptedCrm> crm_;
  telemetry::Log log_;
  Webhooks webhooks_;
  http::Server server_;
  http::PooledTransport client_;
};
using WebhooksConcurrency = WebhooksTest;

TEST_F(WebhooksTest, AGoodWebhookIsKeptAsReceivedAndAnswered200) {
  const std::string body = "[ {\"id\" : \"1\"} ]\n";
  EXPECT_EQ(post(body).status, 200);
  ASSERT_EQ(receipts().size(), 1u);
  EXPECT_EQ(receipts()[0].body, body);
  EXPECT_TRUE(
      store_.read([](const store::View& v) { return v.activity(kSource); }).last_webhook_ms);
}

// Salesforce sends again for a day what is answered with anything but its own words.
TEST_F(WebhooksTest, ASenderThatWantsCertainWordsIsAnsweredWithThem) {
  EXPECT_EQ(post("[]").body, "");
  crm_->taken = {.content_type = "text/xml", .body = "<Ack>true</Ack>"};
  const auto response = post("[]");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(core::find_header(response.headers, "content-type"), "text/xml");
  EXPECT_EQ(response.body, "<Ack>true</Ack>");
  EXPECT_NE(post("[]", false).body, "<Ack>true</Ack>") << "only what is kept";
  EXPECT_EQ(receipts().size(), 2u);
}

// Behind a proxy only the configured URL is what the sender signed.
TEST_F(WebhooksTest, VerifiesAgainstThePublicUrlWithTheQueryAsReceived) {
  EXPECT_EQ(call("/hooks/crm?a=%20b&c=%3A", "[]").status, 200);
  EXPECT_EQ(crm_->last_url(), std::string(kPublicUrl) + "/hooks/crm?a=%20b&c=%3A");
}

TEST_F(WebhooksTest, SaysWhatIsWrongWithTheAddress) {
  EXPECT_EQ(call("/", "[]").status, 404);
  EXPECT_EQ(call("/hooks/other", "[]").status, 404);
  EXPECT_EQ(call("/hooks/crm/", "[]").status, 404);
  const auto response = call("/hooks/crm", "", true, "GET");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(core::find_header(response.headers, "allow"), "POST");
  EXPECT_EQ(totals().quarantined, 0);
}

// The likeliest cause is a wrong secret of our own: with a 4xx many senders give up for good.
TEST_F(WebhooksTest, WhatIsNotVerifiedIsAnswered503UntilOneWasThen401) {
  const auto early = post("[]", false);
  EXPECT_EQ(early.status, 503);
  EXPECT_TRUE(core::find_header(early.headers, "retry-after"));
  EXPECT_EQ(post("[]").status, 200);
  EXPECT_EQ(post("[]", false).status, 401);
  EXPECT_EQ(totals().quarantined, 2);
  EXPECT_EQ(receipts().size(), 1u);
}

// EspoCRM and others take a webhook away for good after a 410, and never try again after a 429.
TEST_F(WebhooksTest, NoAnswerMakesASenderGiveUpItsWebhookForGood) {
  std::vector<int> answers = {post("[]", false).status, call("/hooks/gone", "[]").status,
                              call("/hooks/crm/gone", "[]").status, post("not JSON").status};
  post("[]");
  answers.push_back(post("[]", false).status);
  webhooks_.set_full("the disk of the store is nearly full");
  answers.push_back(post("[]").status);
  EXPECT_THAT(answers, testing::ElementsAre(503, 404, 404, 400, 401, 503));
}

TEST_F(WebhooksTest, ABodyThatCanNotBeReadIsAnswered400AndQuarantined) {
  const auto response = post("not JSON");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("expected a JSON list"));
  EXPECT_EQ(totals().quarantined, 1);
  EXPECT_TRUE(receipts().empty());
}

// Who guesses at a signature is not told how near they came.
TEST_F(WebhooksTest, TheAnswerDoesNotSayWhatIsWrongWithASignature) {
  EXPECT_EQ(post("[]", false).body, R"({"error":"not verified"})");
  post("[]");
  EXPECT_EQ(post("[]", false).body, R"({"error":"not verified"})");
}

TEST_F(WebhooksTest, AnObjectMayHaveAnAddressOfItsOwn) {
  EXPECT_EQ(call("/hooks/crm/contacts", "[]").status, 404);
  crm_->object_webhooks = true;
  EXPECT_EQ(call("/hooks/crm/contacts", "[]").status, 200);
  EXPECT_EQ(call("/hooks/crm", "[]").status, 200);
  for (const char* path : {"/hooks/crm/", "/hooks/crm/deals", "/hooks/crm/contacts/",
                           "/hooks/crm/contacts/1", "/hooks//contacts", "/hooks/crm//contacts"}) {
    EXPECT_EQ(call(path, "[]").status, 404) << path;
  }
  ASSERT_EQ(receipts().size(), 2U);
  EXPECT_EQ(receipts()[0].object.str(), "contacts");
  EXPECT_EQ(receipts()[1].object.str(), "");
}

TEST_F(WebhooksTest, ADeliveryThatIsSentAgainIsAnsweredAndNotKeptTwice) {
  delivery_ = "msg_1";
  EXPECT_EQ(post(R"([{"id":"1"}])").status, 200);
  EXPECT_EQ(post(R"([{"id":"1"}])").status, 200);
  EXPECT_EQ(receipts().size(), 1U);
  EXPECT_EQ(post(R"([{"id":"2"}])").status, 200);
  EXPECT_EQ(receipts().size(), 2U) << "another body is another delivery, whatever its name";
  delivery_ = "msg_2";
  EXPECT_EQ(post(R"([{"id":"1"}])").status, 200);
  EXPECT_EQ(receipts().size(), 3U);
  delivery_.clear();
  EXPECT_EQ(post(R"([{"id":"1"}])").status, 200);
  EXPECT_EQ(post(R"([{"id":"1"}])").status, 200);
  EXPECT_EQ(receipts().size(), 5U) << "without a name nothing is known to be the same";
}

TEST_F(WebhooksTest, AnEmptyBatchIsGood) {
  EXPECT_EQ(post("[]").status, 200);
}

TEST_F(WebhooksTest, Invariant12_AtTheLimitTheSenderIsToldToWait) {
  webhooks_.set_full("the disk of the store is nearly full");
  const auto response = post("[]");
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(core::find_header(response.headers, "retry-after"));
  EXPECT_NE(response.body.find("nearly full"), std::string::npos);
  EXPECT_TRUE(receipts().empty());
  EXPECT_EQ(totals().quarantined, 0);
  webhooks_.set_full(nullptr);
  EXPECT_EQ(post("[]").status, 200);
}

// I1
TEST_F(WebhooksConcurrency, Invariant1_IsAnsweredOnlyAfterTheCommit) {
  std::promise<void> decoded;
  crm_->on_decode = [&] { decoded.set_value(); };
  std::promise<void> release;
  std::promise<void> holding;
  // Holds the store's writer, as a slow disk would.
  store_->write_async(
      store::Urgency::live,
      [&](store::Tx&) {
        holding.set_value();
        release.get_future().wait();
      },
      [](const std::exception_ptr&) {});
  holding.get_future().wait();
  auto answer = std::async(std::launch::async, [&] { return post(R"([{"id":"1"}])").status; });
  decoded.get_future().wait();
  EXPECT_EQ(answer.wait_for(0ms), std::future_status::timeout);
  EXPECT_EQ(totals().receipts_waiting, 0);
  release.set_value();
  EXPECT_EQ(answer.get(), 200);
  EXPECT_EQ(totals().receipts_waiting, 1) << "durable by the time of the answer";
}

// I1
TEST_F(WebhooksConcurrency, Invariant1_EveryAnsweredWebhookIsThereAfterReopening) {
  constexpr int kSenders = 8;
  constexpr int kEach = 25;
  std::atomic<int> answered{0};
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.emplace_back([&] {
        http::PooledTransport own(real_);
        for (int n = 0; n < kEach; ++n) {
          core::HttpRequest request;
          request.method = "POST";
          request.url = server_.url() + "/hooks/crm";
          request.headers = {{"X-Good", "yes"}};
          request.body = "[]";
          const auto response = own.send(request);
          if (response && response->status == 200) ++answered;
        }
      });
    }
  }
  server_.stop();
  store_.reopen();
  EXPECT_EQ(answered.load(), kSenders * kEach);
  EXPECT_EQ(receipts().size(), static_cast<std::size_t>(answered.load()));
}

TEST_F(WebhooksConcurrency, AFloodOfForgeriesIsBoundedAndLosesNoGoodOne) {
  std::vector<std::jthread> forgers;
  for (int i = 0; i < 4; ++i) {
    forgers.emplace_back([&] {
      http::PooledTransport own(real_);
      for (int n = 0; n < 50; ++n) {
        core::HttpRequest request;
        request.method = "POST";
        request.url = server_.url() + "/hooks/crm";
        request.body = "[]";
        EXPECT_NE(own.send(request).value().status, 200);
      }
    });
  }
  for (int n = 0; n < 20; ++n) EXPECT_EQ(post("[]").status, 200);
  forgers.clear();
  EXPECT_EQ(receipts().size(), 20u);
  EXPECT_EQ(totals().quarantined, 200);
}

}  // namespace
}  // namespace assembly_sync::intake

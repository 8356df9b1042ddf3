// A webhook source as its sender meets it: signed bodies go in, companies stand in Assembly.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Two throw-away secrets: the bytes, and how the configuration is told them.
constexpr std::string_view kOldKey = "e2e-old-webhook-key-0001";
constexpr std::string_view kNewKey = "e2e-new-webhook-key-0002";
constexpr const char* kToken = "e2e-header-token-77e1";

constexpr const char* kConfig = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  product:
    type: webhook
    verify: {scheme: standard-webhooks, secrets: ["${file:new-key}", "${file:old-key}"]}
    objects:
      teams:
        id: id
        records: data
        updated: changed_at
        when: {type: [team.created, team.updated]}
        deleted: {type: team.deleted}
      plain: {id: number}
  billing:
    type: webhook
    verify: {scheme: header, header: X-Billing-Key, secrets: ["${file:token}"]}
    objects: {customers: {id: id}}
mappings:
  - name: teams
    from: product.teams
    to: company
    key: concat("team-", id)
    fields: {name: name, domain: site.host}
    on_delete: delete
  - name: plain
    from: product.plain
    to: company
    key: concat("plain-", number)
    fields: {name: title, domain: host}
  - name: customers
    from: billing.customers
    to: customer
    key: concat("billing-", id)
    fields: {name: name, domain: mail}
)yaml";

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string signature(std::string_view key, const std::string& content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(),
       &length);
  return "v1," + base64({reinterpret_cast<const char*>(digest.data()), length});
}

class WebhookSource : public testing::Test {
 protected:
  WebhookSource() {
    write_file(world_.file("new-key"), "whsec_" + base64(kNewKey) + '\n');
    write_file(world_.file("old-key"), "whsec_" + base64(kOldKey) + '\n');
    write_file(world_.file("token"), kToken);
    write_file(world_.config(), kConfig);
    world_.start();
  }

  std::vector<core::HttpHeader> signed_headers(const std::string& body, std::string_view key,
                                               std::string id = "") {
    if (id.empty()) id = "msg_" + std::to_string(++messages_);
    const std::string time = std::to_string(core::to_ms(core::SystemClock().wall_now()) / 1000);
    return {{"webhook-id", id},
            {"webhook-timestamp", time},
            {"webhook-signature", signature(key, id + '.' + time + '.' + body)}};
  }

  core::HttpResponse post(const std::string& path, const std::string& body,
                          std::vector<core::HttpHeader> headers) {
    core::HttpRequest request;
    request.method = "POST";
    request.url = world_.daemon().webhook_url() + path;
    request.headers = std::move(headers);
    request.body = body;
    const auto answer = world_.transport().send(request);
    return answer ? *answer : core::HttpResponse{};
  }
  int send(const std::string& body, std::string_view key = kNewKey, const std::string& id = "") {
    return post("/hooks/product", body, signed_headers(body, key, id)).status;
  }

  static std::string team(const std::string& id, const std::string& name, int changed) {
    return R"({"id":")" + id + R"(","name":")" + name + R"(","site":{"host":"t)" + id +
           R"(.test"},"changed_at":"2026-01-31T10:00:)" + std::to_string(10 + changed) + "Z\"}";
  }
  static std::string event(const std::string& type, const std::string& data) {
    return R"({"type":")" + type + R"(","data":)" + data + "}";
  }

  /// `key name` of each account, by key.
  std::vector<std::string> accounts() {
    std::vector<std::string> out;
    for (const Value& account : world_.assembly().accounts()) {
      out.push_back(account.at("source_specific_ids").as_list().at(0).as_string() + ' ' +
                    account.text_or("name"));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::size_t writes() { return world_.writes().size(); }
  /// The sum of all notices by their end, and that none is on its way.
  void settle() { ASSERT_TRUE(world_.wait_settled()) << world_.admin("/"); }

  World world_;
  int messages_ = 0;
};

TEST_F(WebhookSource, SignedRecordsBecomeCompanies) {
  ASSERT_EQ(send(event("team.created", team("1", "One", 0))), 200);
  ASSERT_EQ(send(event("team.created", team("2", "Two", 0)), kOldKey), 200) << "rotation";
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-1 One", "team-2 Two"));
  ASSERT_EQ(send(event("team.updated", team("1", "Uno", 1))), 200);
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-1 Uno", "team-2 Two"));
  EXPECT_EQ(writes(), 3U);
  EXPECT_EQ(world_.notices("delivered"), 3);
}

TEST_F(WebhookSource, ADeliveryThatComesAgainCausesNoSecondWrite) {
  const std::string first = event("team.created", team("1", "One", 0));
  const std::string second = event("team.updated", team("1", "Uno", 0));
  ASSERT_EQ(send(first, kNewKey, "msg_a"), 200);
  settle();
  ASSERT_EQ(send(first, kNewKey, "msg_a"), 200);
  ASSERT_EQ(send(first, kNewKey, "msg_b"), 200) << "under another name";
  settle();
  EXPECT_EQ(writes(), 1U);
  // Of one version the later counts; what was answered before and comes again is not later.
  ASSERT_EQ(send(second, kNewKey, "msg_c"), 200);
  ASSERT_EQ(send(first, kNewKey, "msg_a"), 200);
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-1 Uno"));
  EXPECT_EQ(writes(), 2U);
}

TEST_F(WebhookSource, AnOlderVersionAfterANewerOneChangesNothing) {
  ASSERT_EQ(send(event("team.updated", team("1", "Newer", 5))), 200);
  settle();
  ASSERT_EQ(send(event("team.updated", team("1", "Older", 4))), 200);
  ASSERT_EQ(send(event("team.deleted", team("1", "Older", 4))), 200);
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-1 Newer"));
  EXPECT_EQ(writes(), 1U);
  EXPECT_EQ(world_.notices("superseded"), 2);
}

TEST_F(WebhookSource, ADeletionIsCarriedOver) {
  ASSERT_EQ(send(event("team.created", team("1", "One", 0))), 200);
  ASSERT_EQ(send(event("team.created", team("2", "Two", 0))), 200);
  settle();
  ASSERT_EQ(send(event("team.deleted", R"({"id":"1"})")), 200);
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-2 Two"));
}

TEST_F(WebhookSource, ABatchIsManyRecords) {
  std::string teams;
  for (int i = 1; i <= 40; ++i) {
    teams += (i == 1 ? "" : ",") + team(std::to_string(i), "Team " + std::to_string(i), 0);
  }
  ASSERT_EQ(send(event("team.created", '[' + teams + R"(,{"name":"No id Ltd"}])")), 200);
  const std::string plain = R"([{"number":1,"title":"P1","host":"p1.test"},
                                {"number":2,"title":"P2","host":"p2.test"}])";
  ASSERT_EQ(post("/hooks/product/plain", plain, signed_headers(plain, kNewKey)).status, 200);
  settle();
  EXPECT_EQ(accounts().size(), 42U);
  EXPECT_EQ(writes(), 42U);
  EXPECT_EQ(world_.notices("delivered"), 42);
  EXPECT_EQ(world_.notices("dead"), 1) << "the record without an id, visibly";
}

TEST_F(WebhookSource, WhatIsNotSignedIsKeptAsideAndAnswered503Then401) {
  const std::string body = event("team.created", team("1", "One", 0));
  EXPECT_EQ(send(body, "another-key"), 503) << "nothing was verified yet: it may be our fault";
  ASSERT_EQ(send(body), 200);
  EXPECT_EQ(send(body, "another-key"), 401);
  auto headers = signed_headers(body, kNewKey);
  EXPECT_EQ(post("/hooks/product", body + " ", headers).status, 401);
  headers.pop_back();
  EXPECT_EQ(post("/hooks/product", body, headers).status, 401);
  EXPECT_EQ(post("/hooks/nobody", body, signed_headers(body, kNewKey)).status, 404);
  EXPECT_EQ(post("/hooks/product/unknown", body, signed_headers(body, kNewKey)).status, 404);
  settle();
  EXPECT_EQ(world_.status().at("quarantine"), Value(4));
  EXPECT_THAT(accounts(), ElementsAre("team-1 One"));
}

TEST_F(WebhookSource, ABodyThatCanNotBeReadIsToldToTheSenderAndKept) {
  for (const std::string body : {"", "name=One", "{\"type\":\"team.created\",", "\"text\""}) {
    EXPECT_EQ(send(body), 400) << body;
  }
  EXPECT_EQ(world_.status().at("quarantine"), Value(4));
  EXPECT_THAT(world_.daemon().log(), Not(HasSubstr("name=One")));
  EXPECT_EQ(send(event("invoice.paid", "{}")), 200);
  settle();
  EXPECT_EQ(world_.notices("ignored"), 1);
}

// The sender need not know the length of its body beforehand.
TEST_F(WebhookSource, ChunkedBodiesAreTaken) {
  const std::string body = event("team.created", team("1", "One", 0));
  const std::string url = world_.daemon().webhook_url();
  RawSocket socket(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  std::string head = "POST /hooks/product HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n";
  for (const core::HttpHeader& header : signed_headers(body, kNewKey)) {
    head += header.name + ": " + header.value + "\r\n";
  }
  ASSERT_TRUE(socket.write(head + "\r\n"));
  for (std::size_t at = 0; at < body.size(); at += 15) {
    const std::string part = body.substr(at, 15);
    constexpr std::string_view kHex = "0123456789abcdef";
    ASSERT_TRUE(socket.write(std::string(1, kHex[part.size()]) + "\r\n" + part + "\r\n"));
  }
  ASSERT_TRUE(socket.write("0\r\n\r\n"));
  EXPECT_THAT(socket.read_until("\r\n"), HasSubstr(" 200 "));
  settle();
  EXPECT_THAT(accounts(), ElementsAre("team-1 One"));
}

// I11: not even with what is kept for a person to look at.
TEST_F(WebhookSource, ATokenThatIsTheSecretIsNeverStored) {
  const std::string body = R"({"id":"7","name":"Ada","mail":"ada@mail.test"})";
  EXPECT_EQ(post("/hooks/billing", body, {{"X-Billing-Key", "wrong"}}).status, 503);
  EXPECT_EQ(post("/hooks/billing", body, {{"x-billing-key", kToken}}).status, 200);
  EXPECT_EQ(post("/hooks/billing", "no JSON", {{"X-Billing-Key", kToken}}).status, 400);
  settle();
  EXPECT_THAT(accounts(), ElementsAre("billing-7 Ada"));
  ASSERT_EQ(world_.daemon().stop(), 0);
  for (const char* end : {"", "-wal"}) {
    const auto file = world_.store().string() + end;
    if (!std::filesystem::exists(file)) continue;
    EXPECT_THAT(read_file(file), Not(HasSubstr(kToken)));
  }
  EXPECT_THAT(world_.daemon().log(), Not(HasSubstr(kToken)));
}

TEST_F(WebhookSource, IsNotReadByABackfillAndSaysSo) {
  ASSERT_EQ(world_.daemon().stop(), 0);
  const Finished named = world_.run({"backfill", "product"});
  EXPECT_EQ(named.code, 64) << named.err;
  EXPECT_THAT(named.err, HasSubstr("product.teams can't be read: its records come by webhook"));
  const Finished checked = world_.run({"check", "--online"});
  EXPECT_EQ(checked.code, 0) << checked.err;
}

}  // namespace
}  // namespace assembly_sync::test

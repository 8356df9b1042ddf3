// What each refusal of HubSpot's means for whoever asked.
#include <gtest/gtest.h>

#include "connectors/connector.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using Wait = std::optional<std::chrono::milliseconds>;
using test::answer;
using test::ScriptedTransport;

ReadError error_of(ScriptedTransport& transport) {
  const auto page = test::make_hubspot_source()->list(core::ObjectName("companies"), {}, {},
                                                      transport, core::from_ms(1'767'225'600'000));
  if (page) throw std::runtime_error("expected an error");
  return page.error();
}

ReadError error_of(core::HttpResponse response) {
  ScriptedTransport transport({std::move(response)});
  return error_of(transport);
}

TEST(HubspotErrors, every_status_has_its_kind_its_wait_and_its_reason) {
  const struct {
    int status;
    std::string body;
    Kind kind;
    Wait wait;
    std::string reason;
  } kCases[] = {
      {400, R"({"category":"VALIDATION_ERROR"})", Kind::rejected, {}, "400 VALIDATION_ERROR"},
      {401,
       R"({"category":"EXPIRED_AUTHENTICATION"})",
       Kind::unauthorized,
       {},
       "401 EXPIRED_AUTHENTICATION"},
      {401, "", Kind::unauthorized, {}, "401"},
      {403, R"({"category":"MISSING_SCOPES"})", Kind::rejected, {}, "403 MISSING_SCOPES"},
      {403, R"({"category":"BANNED"})", Kind::unauthorized, {}, "403 BANNED"},
      {403, "<html>", Kind::unauthorized, {}, "403"},
      {404, "", Kind::rejected, {}, "404"},
      {408, "", Kind::transient, {}, "408"},
      {414, "", Kind::rejected, {}, "414"},
      {423, "", Kind::transient, 2s, "423"},
      {425, "", Kind::transient, {}, "425"},
      {429, R"({"errorType":"RATE_LIMIT","policyName":"DAILY"})", Kind::throttled, 15min,
       "429 DAILY"},
      {429, R"({"policyName":"TEN_SECONDLY_ROLLING","category":"RATE_LIMITS"})", Kind::throttled,
       10s, "429 RATE_LIMITS TEN_SECONDLY_ROLLING"},
      {429, R"({"policyName":"SECONDLY"})", Kind::throttled, 1s, "429 SECONDLY"},
      {429, "", Kind::throttled, 10s, "429"},
      {477, "", Kind::throttled, 60s, "477"},
      {500, "", Kind::transient, {}, "500"},
      {502, "<html>", Kind::transient, {}, "502"},
      {503, "", Kind::transient, {}, "503"},
      {504, "", Kind::transient, {}, "504"},
      {521, "", Kind::transient, {}, "521"},
      {522, "", Kind::transient, {}, "522"},
      {523, "", Kind::transient, {}, "523"},
      {524, "", Kind::transient, {}, "524"},
      {301, "", Kind::rejected, {}, "301"},
  };
  for (const auto& row : kCases) {
    const ReadError error = error_of(answer(row.status, row.body));
    EXPECT_EQ(error.kind, row.kind) << row.reason;
    EXPECT_EQ(error.retry_after, row.wait) << row.reason;
    EXPECT_EQ(error.reason, "HubSpot answered " + row.reason);
  }
}

TEST(HubspotErrors, a_retry_after_header_is_honoured) {
  const std::vector<core::HttpHeader> seven = {{"retry-after", "7"}};
  EXPECT_EQ(error_of(answer(429, R"({"policyName":"DAILY"})", seven)).retry_after, Wait(7s));
  EXPECT_EQ(error_of(answer(477, "", {{"Retry-After", "86400"}})).retry_after, Wait(24h));
  EXPECT_EQ(error_of(answer(503, "", seven)).retry_after, Wait(7s));
  EXPECT_EQ(error_of(answer(423, "", seven)).retry_after, Wait(7s));
  EXPECT_EQ(error_of(answer(423, "", {{"Retry-After", "1"}})).retry_after, Wait(2s));
  const std::vector<core::HttpHeader> date = {{"Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"}};
  EXPECT_EQ(error_of(answer(429, "", date)).retry_after, Wait(30s));
}

TEST(HubspotErrors, no_text_that_may_quote_a_record_reaches_the_reason) {
  const std::string body =
      R"({"status":"error","message":"Property email \"ann@secret.test\" is not valid",)"
      R"("category":"Ann Secret","policyName":"ann@secret.test","errors":[{"message":"secret"}]})";
  EXPECT_EQ(error_of(answer(400, body)).reason, "HubSpot answered 400");
  const std::string with_category =
      R"({"message":"ann@secret.test","category":"VALIDATION_ERROR"})";
  EXPECT_EQ(error_of(answer(400, with_category)).reason, "HubSpot answered 400 VALIDATION_ERROR");
  EXPECT_EQ(error_of(answer(400, R"({"category":")" + std::string(65, 'A') + "\"}")).reason,
            "HubSpot answered 400");
}

TEST(HubspotErrors, an_answer_that_is_no_json_object_is_tried_again_and_not_quoted) {
  const ReadError error = error_of(answer(200, "<html>ann@secret.test"));
  EXPECT_EQ(error.kind, Kind::transient);
  EXPECT_EQ(error.reason.find("secret"), std::string::npos);
  EXPECT_EQ(error_of(answer(200, "[1]")).reason, "HubSpot answered 200 with a JSON list");
}

TEST(HubspotErrors, no_answer_at_all_is_tried_again) {
  ScriptedTransport transport([](const core::HttpRequest&) -> ScriptedTransport::Answer {
    return tl::unexpected(
        core::HttpFailure{.reached_server = false, .reason = "connection refused"});
  });
  const ReadError error = error_of(transport);
  EXPECT_EQ(error.kind, Kind::transient);
  EXPECT_EQ(error.retry_after, Wait{});
  EXPECT_EQ(error.reason, "no answer: connection refused");
}

TEST(HubspotErrors, the_token_is_in_no_reason) {
  for (const int status : {301, 400, 401, 403, 429, 500}) {
    const ReadError error = error_of(answer(status, R"({"message":"Bearer pat-test"})"));
    EXPECT_EQ(error.reason.find("pat-test"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace assembly_sync::connectors

#include <gtest/gtest.h>

#include "connectors/hubspot/signature.hpp"
#include "connectors/registry.hpp"
#include "core/json.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

constexpr std::int64_t kSentMs = 1'767'225'600'500;

const core::Value& vectors() {
  static const core::Value kVectors =
      core::parse_json(test::read_data("vectors-hubspot-salesforce.json")).value();
  return kVectors;
}

std::string secret() {
  return vectors().text_or("secret");
}

core::Value row(const std::string& id) {
  for (const core::Value& candidate : vectors().at("rows").as_list()) {
    if (candidate.text_or("id") == id) return candidate;
  }
  throw std::out_of_range("no vector " + id);
}

/// A request with owned body; WebhookRequest only views it.
struct Sent {
  WebhookRequest request;
  std::string body;

  Verification verify(const std::string& with_secret, core::WallTime now) {
    request.body = body;
    return verify_signature(with_secret, request, now);
  }
  Verification verify(std::int64_t now_ms = kSentMs) {
    return verify(secret(), core::from_ms(now_ms));
  }
  std::string& header(const std::string& name) {
    for (core::HttpHeader& candidate : request.headers) {
      if (candidate.name == name) return candidate.value;
    }
    return request.headers.emplace_back(core::HttpHeader{name, {}}).value;
  }
};

Sent sent(const core::Value& vector, const std::string& signature) {
  Sent result;
  result.body = vector.text_or("body");
  result.request.method = vector.text_or("method", "POST");
  result.request.url = vector.text_or("uri");
  const std::string scheme = vector.text_or("scheme");
  if (scheme == "v3") {
    result.request.headers = {{"X-HubSpot-Signature-v3", signature},
                              {"X-HubSpot-Request-Timestamp", vector.text_or("timestamp")}};
  } else {
    result.request.headers = {{"X-HubSpot-Signature", signature},
                              {"X-HubSpot-Signature-Version", scheme}};
  }
  return result;
}

Sent sent(const std::string& id) {
  return sent(row(id), row(id).text_or("expect"));
}

TEST(HubspotSignature, accepts_every_vector) {
  std::size_t checked = 0;
  for (const core::Value& vector : vectors().at("rows").as_list()) {
    const Verification result = sent(vector, vector.text_or("expect")).verify();
    EXPECT_TRUE(result.ok) << vector.text_or("id") << ": " << result.reason;
    ++checked;
  }
  EXPECT_EQ(checked, 12u);
}

TEST(HubspotSignature, accepts_every_published_vector) {
  std::size_t checked = 0;
  for (const core::Value& vector : vectors().at("published").as_list()) {
    const std::string timestamp = vector.text_or("timestamp", "0");
    const auto now = core::from_ms(std::stoll(timestamp));
    const Verification result =
        sent(vector, vector.text_or("expect")).verify(vector.text_or("secret"), now);
    EXPECT_TRUE(result.ok) << timestamp << ": " << result.reason;
    ++checked;
  }
  EXPECT_EQ(checked, 5u);
}

TEST(HubspotSignature, refuses_the_values_of_typical_mistakes) {
  std::size_t checked = 0;
  for (const core::Value& mistake : vectors().at("neg").as_list()) {
    const std::string id = mistake.text_or("id");
    const core::Value right = row(id == "N1" || id == "N2" ? "C3" : "A3");
    Sent wrong = sent(right, mistake.text_or("wrong"));
    EXPECT_EQ(wrong.verify().reason, "signature v3 does not match") << id;
    wrong.header("X-HubSpot-Request-Timestamp") = mistake.text_or("timestamp");
    EXPECT_FALSE(wrong.verify().ok) << id;
    ++checked;
  }
  EXPECT_EQ(checked, 5u);
}

TEST(HubspotSignature, refuses_every_vector_with_one_changed_byte) {
  for (const core::Value& vector : vectors().at("rows").as_list()) {
    Sent body = sent(vector, vector.text_or("expect"));
    body.body += " ";
    EXPECT_FALSE(body.verify().ok) << vector.text_or("id");
    std::string signature = vector.text_or("expect");
    signature.front() = signature.front() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(sent(vector, signature).verify().ok) << vector.text_or("id");
    EXPECT_FALSE(
        sent(vector, vector.text_or("expect")).verify("another secret", core::from_ms(kSentMs)).ok)
        << vector.text_or("id");
  }
}

TEST(HubspotSignature, believes_both_readings_of_lower_case_escapes) {
  const core::Value vector = row("G3");
  EXPECT_TRUE(sent(vector, vector.text_or("expect")).verify().ok);
  EXPECT_TRUE(sent(vector, vector.text_or("expect_if_left_encoded")).verify().ok);
}

TEST(HubspotSignature, decodes_the_documented_escapes_only_and_once) {
  for (const std::string id : {"C3", "D3"}) {
    EXPECT_EQ(decode_for_signature(row(id).text_or("uri"), EscapeCase::upper),
              row(id).text_or("uri_decoded"));
  }
  EXPECT_EQ(decode_for_signature("/?a=%3a%3A", EscapeCase::upper), "/?a=%3a:");
  EXPECT_EQ(decode_for_signature("/?a=%3a%3A", EscapeCase::any), "/?a=::");
  EXPECT_EQ(decode_for_signature("/?a=%253A", EscapeCase::upper), "/?a=%253A");
  EXPECT_EQ(decode_for_signature("/?a=%20%26%25", EscapeCase::any), "/?a=%20%26%25");
  EXPECT_EQ(decode_for_signature("/?a=%4", EscapeCase::upper), "/?a=%4");
  EXPECT_EQ(decode_for_signature("/?a=%", EscapeCase::upper), "/?a=%");
  EXPECT_EQ(decode_for_signature("/?a=b#c", EscapeCase::upper), "/?a=b");
}

TEST(HubspotSignature, accepts_an_age_of_five_minutes_and_not_a_millisecond_more) {
  EXPECT_TRUE(sent("A3").verify(kSentMs + 300'000).ok);
  EXPECT_EQ(sent("A3").verify(kSentMs + 300'001).reason, "timestamp older than 5 minutes");
}

TEST(HubspotSignature, accepts_a_clock_five_minutes_ahead_and_not_a_millisecond_more) {
  EXPECT_TRUE(sent("A3").verify(kSentMs - 300'000).ok);
  EXPECT_EQ(sent("A3").verify(kSentMs - 300'001).reason, "timestamp more than 5 minutes ahead");
}

TEST(HubspotSignature, refuses_a_timestamp_that_is_not_a_plain_number) {
  for (const std::string text :
       {"", " ", "abc", "1767225600500.0", "+1767225600500", "-1", " 1767225600500",
        "1767225600500 ", "99999999999999999999", "NaN", "1e12"}) {
    Sent request = sent("A3");
    request.header("X-HubSpot-Request-Timestamp") = text;
    EXPECT_EQ(request.verify().reason, "timestamp is not a number") << text;
  }
  Sent request = sent("A3");
  request.header("X-HubSpot-Request-Timestamp") = "9223372036854775807";
  EXPECT_EQ(request.verify().reason, "timestamp more than 5 minutes ahead");
}

TEST(HubspotSignature, refuses_v3_without_a_timestamp) {
  Sent request = sent("A3");
  request.request.headers.pop_back();
  EXPECT_EQ(request.verify().reason, "signature v3 without a timestamp");
}

TEST(HubspotSignature, a_valid_v1_does_not_rescue_a_wrong_or_stale_v3) {
  Sent request = sent("A3");
  request.header("X-HubSpot-Signature") = row("A1").text_or("expect");
  request.header("X-HubSpot-Signature-Version") = "v1";
  EXPECT_TRUE(request.verify().ok);
  EXPECT_FALSE(request.verify(kSentMs + 300'001).ok);
  request.header("X-HubSpot-Signature-v3") = "";
  EXPECT_EQ(request.verify().reason, "signature v3 does not match");
}

TEST(HubspotSignature, a_wrong_v1_does_not_harm_a_right_v3) {
  Sent request = sent("A3");
  request.header("X-HubSpot-Signature") = "wrong";
  EXPECT_TRUE(request.verify().ok);
}

TEST(HubspotSignature, finds_headers_and_methods_in_any_case) {
  Sent request = sent("A3");
  request.request.headers = {{"x-hubspot-signature-V3", row("A3").text_or("expect")},
                             {"x-hubspot-request-timestamp", row("A3").text_or("timestamp")}};
  request.request.method = "post";
  EXPECT_TRUE(request.verify().ok);
}

TEST(HubspotSignature, takes_an_old_signature_without_a_version_for_v1) {
  Sent request = sent("A1");
  request.request.headers.pop_back();
  EXPECT_TRUE(request.verify().ok);
  Sent second = sent("A2");
  second.request.headers.pop_back();
  EXPECT_EQ(second.verify().reason, "signature v1 does not match");
}

TEST(HubspotSignature, refuses_a_version_it_does_not_know) {
  Sent request = sent("A1");
  request.header("X-HubSpot-Signature-Version") = "v9";
  EXPECT_EQ(request.verify().reason, "unknown signature version");
}

TEST(HubspotSignature, refuses_a_request_without_any_signature) {
  Sent request = sent("A1");
  request.request.headers.clear();
  EXPECT_EQ(request.verify().reason, "no signature");
}

TEST(HubspotSignature, refuses_everything_while_no_secret_is_configured) {
  EXPECT_EQ(sent("A1").verify("", core::from_ms(kSentMs)).reason, "no client secret is configured");
}

TEST(HubspotSignature, BelievesTheFormerSecretAsWellWhileItIsBeingReplaced) {
  SourceSettings settings;
  settings.name = core::SourceName("hubspot");
  settings.secrets = {{"access_token", core::Secret("token")},
                      {"client_secret", core::Secret("another secret")},
                      {"former_client_secret", core::Secret(secret())}};
  Sent request = sent("A3");
  request.request.body = request.body;
  const auto verifies = [&] {
    return find_type("hubspot")->make(settings)->verify(request.request, core::from_ms(kSentMs)).ok;
  };
  EXPECT_TRUE(verifies());
  settings.secrets.erase("former_client_secret");
  EXPECT_FALSE(verifies());
  settings.secrets["client_secret"] = core::Secret(secret());
  EXPECT_TRUE(verifies());
}

}  // namespace
}  // namespace assembly_sync::connectors::hubspot

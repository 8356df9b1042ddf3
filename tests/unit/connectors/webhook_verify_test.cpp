#include <gmock/gmock.h>

#include "connectors/crypto.hpp"
#include "core/json.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/webhook_support.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

using assembly_sync::test::read_data;
using core::Value;
using test::make_webhook_source;
using test::verify_settings;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'700'000'000;
const std::string kBody = R"({"id":"evt_1","object":"company","name":"Acme"})";

const Value::List& vectors() {
  static const Value kAll = core::parse_json(read_data("vectors-webhook-signatures.json")).value();
  return kAll.at("vectors").as_list();
}

const Value& vector_named(const std::string& name) {
  for (const Value& vector : vectors()) {
    if (vector.text_or("name") == name) return vector;
  }
  throw std::out_of_range("no vector " + name);
}

std::vector<std::string> secrets_of(const Value& vector) {
  std::vector<std::string> secrets;
  for (const char* name : {"secret", "public_key"}) {
    if (vector.find(name) != nullptr) secrets.push_back(vector.text_or(name));
  }
  if (const Value* list = vector.find("secrets")) {
    for (const Value& secret : list->as_list()) secrets.push_back(secret.as_string());
  }
  return secrets;
}

/// A request with owned parts; WebhookRequest only views its body.
struct Sent {
  std::string body = kBody;
  std::vector<core::HttpHeader> headers{};
  std::int64_t now = kNow;
  std::string url = "https://sync.example.test/hooks/product";

  Verification to(const Connector& source) const {
    WebhookRequest request{"POST", url, headers, body};
    return source.verify(request, core::from_ms(now * 1000));
  }
};

Sent sent(const Value& vector) {
  Sent out{.body = vector.text_or("body"), .now = vector.at("now").as_int()};
  for (const auto& [name, value] : vector.at("headers").as_object()) {
    out.headers.push_back({name, value.as_string()});
  }
  return out;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The vector's own words as settings of `scheme: hmac`.
VerifySettings described(const Value& vector) {
  std::map<std::string, std::string> texts = {
      {"content", with(vector.text_or("template"), "{ts}", "{timestamp}")},
      {"encoding", vector.text_or("encoding")}};
  for (const auto& [name, value] : vector.at("headers").as_object()) {
    const bool is_timestamp = core::Value(name).as_string().find("imestamp") != std::string::npos;
    texts[is_timestamp ? "timestamp_header" : "header"] = name;
  }
  const std::pair<const char*, const char*> names[] = {{"prefix", "prefix"},
                                                       {"algo", "algorithm"},
                                                       {"ts_unit", "timestamp_unit"},
                                                       {"secret_encoding", "secret_encoding"}};
  for (const auto& [theirs, ours] : names) {
    if (vector.find(theirs) != nullptr) texts[ours] = vector.text_or(theirs);
  }
  if (const Value* names_inside = vector.find("kv")) {
    texts["signature_key"] = names_inside->text_or("sig");
    texts["timestamp_key"] = names_inside->text_or("ts");
  }
  return verify_settings("hmac", secrets_of(vector), std::move(texts));
}

/// The scheme that has the vector's name, or was made for it.
VerifySettings named(const Value& vector) {
  const std::string name = vector.text_or("name");
  const std::vector<std::string> secrets = secrets_of(vector);
  if (name.starts_with("sw-")) return verify_settings("standard-webhooks", secrets);
  if (name == "static-bearer") return verify_settings("bearer", secrets);
  if (name == "parse-webhook-key") {
    return verify_settings("header", secrets, {{"header", "X-Parse-Webhook-Key"}});
  }
  const std::pair<const char*, const char*> schemes[] = {
      {"github", "github"},        {"stripe", "stripe"}, {"shopify", "shopify"},
      {"slack", "slack"},          {"attio", "attio"},   {"close", "close"},
      {"twenty", "twenty"},        {"espo", "espocrm"},  {"basic", "basic"},
      {"zoho-body-token", "zoho"},
  };
  for (const auto& [start, scheme] : schemes) {
    if (name.starts_with(start)) return verify_settings(scheme, secrets);
  }
  return described(vector);
}

TEST(WebhookVerify, agrees_with_every_vector) {
  std::size_t accepted = 0;
  std::size_t rejected = 0;
  for (const Value& vector : vectors()) {
    const bool expected = vector.text_or("expect") == "accept";
    const Verification found = sent(vector).to(*make_webhook_source(named(vector)));
    EXPECT_EQ(found.ok, expected) << vector.text_or("name") << ": " << found.reason;
    EXPECT_EQ(found.reason.empty(), expected) << vector.text_or("name");
    ++(expected ? accepted : rejected);
  }
  EXPECT_EQ(accepted, 26U);
  EXPECT_EQ(rejected, 10U);
}

TEST(WebhookVerify, any_hmac_can_be_described) {
  std::size_t checked = 0;
  for (const Value& vector : vectors()) {
    if (vector.text_or("scheme") != "generic" || vector.find("webhook_id") != nullptr) continue;
    const auto source = make_webhook_source(described(vector));
    EXPECT_TRUE(sent(vector).to(*source).ok) << vector.text_or("name");
    Sent other = sent(vector);
    other.body += ' ';
    EXPECT_FALSE(other.to(*source).ok) << vector.text_or("name");
    ++checked;
  }
  EXPECT_EQ(checked, 10U);
}

// What must never pass, whatever the scheme.
TEST(WebhookVerify, refuses_every_vector_with_another_body_secret_or_without_its_headers) {
  for (const Value& vector : vectors()) {
    const std::string name = vector.text_or("name");
    if (vector.text_or("expect") != "accept") continue;
    const bool token = name == "static-bearer" || name == "basic" || name == "parse-webhook-key" ||
                       name == "zoho-body-token";
    Sent changed = sent(vector);
    changed.body += token ? "" : "x";
    if (!token) {
      EXPECT_FALSE(changed.to(*make_webhook_source(named(vector))).ok) << name;
    }
    if (name != "zoho-body-token") {
      Sent bare = sent(vector);
      bare.headers.clear();
      EXPECT_THAT(bare.to(*make_webhook_source(named(vector))).reason, HasSubstr("no ")) << name;
      for (std::size_t i = 0; i < changed.headers.size(); ++i) {
        Sent empty = sent(vector);
        empty.headers[i].value.clear();
        EXPECT_FALSE(empty.to(*make_webhook_source(named(vector))).ok) << name;
      }
    }
    VerifySettings other = named(vector);
    const bool is_public = !vector.text_or("public_key").empty();
    for (core::Secret& secret : other.secrets) {
      std::string text(secret.reveal());
      // Still well-formed: base64, hex, user:password.
      char& c = text[is_public ? 8 : text.size() - 3];
      c = c == '7' ? '8' : '7';
      secret = core::Secret(text);
    }
    EXPECT_FALSE(sent(vector).to(*make_webhook_source(other)).ok) << name;
  }
}

TEST(WebhookVerify, any_of_several_secrets_will_do) {
  const Value& vector = vector_named("github");
  const auto source =
      make_webhook_source(verify_settings("github", {"older", "topsecret", "newer"}));
  EXPECT_TRUE(sent(vector).to(*source).ok);
  const auto others = make_webhook_source(verify_settings("github", {"older", "newer"}));
  EXPECT_FALSE(sent(vector).to(*others).ok);
}

TEST(WebhookVerify, secrets_and_public_keys_may_stand_side_by_side) {
  std::vector<std::string> both = secrets_of(vector_named("sw-ed25519"));
  both.push_back(secrets_of(vector_named("sw-basic")).front());
  const auto source = make_webhook_source(verify_settings("standard-webhooks", both));
  EXPECT_TRUE(sent(vector_named("sw-ed25519")).to(*source).ok);
  EXPECT_TRUE(sent(vector_named("sw-basic")).to(*source).ok);
  EXPECT_FALSE(sent(vector_named("sw-second-key")).to(*source).ok);
}

TEST(StandardWebhooks, are_taken_under_the_names_of_svix_too) {
  const auto source = make_webhook_source(
      verify_settings("standard-webhooks", secrets_of(vector_named("sw-basic"))));
  Sent svix = sent(vector_named("sw-basic"));
  for (core::HttpHeader& header : svix.headers) header.name = with(header.name, "webhook", "Svix");
  EXPECT_TRUE(svix.to(*source).ok);
  // Half of one set and half of the other prove nothing.
  svix.headers.front().name = with(svix.headers.front().name, "Svix", "webhook");
  EXPECT_FALSE(svix.to(*source).ok);
}

TEST(StandardWebhooks, name_their_delivery_when_they_are_believed) {
  const auto source = make_webhook_source(
      verify_settings("standard-webhooks", secrets_of(vector_named("sw-basic"))));
  EXPECT_EQ(sent(vector_named("sw-basic")).to(*source).delivery, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W");
  EXPECT_EQ(sent(vector_named("sw-body-changed")).to(*source).delivery, "");
}

TEST(StandardWebhooks, refuse_odd_spellings) {
  const auto source = make_webhook_source(
      verify_settings("standard-webhooks", secrets_of(vector_named("sw-basic"))));
  const auto changed = [&](const std::string& header, const std::string& value) {
    Sent request = sent(vector_named("sw-basic"));
    for (core::HttpHeader& one : request.headers) {
      if (one.name == header) one.value = value;
    }
    return request.to(*source);
  };
  const std::string good = vector_named("sw-basic").at("headers").text_or("webhook-signature");
  EXPECT_TRUE(changed("webhook-signature", "  " + good + " v2,xx").ok);
  for (const std::string& signature :
       {with(good, " ", ""), "V1" + good.substr(2), good + ",", good + "=", good.substr(3),
        "v1," + good + "," + good, "v1a" + good.substr(2), std::string("v1,AAAA"),
        std::string("v1a,AAAA")}) {
    if (signature == good) continue;
    EXPECT_FALSE(changed("webhook-signature", signature).ok) << signature;
  }
  for (const std::string timestamp :
       {"1674087231abc", "1674087231000", "-1674087231", " 1674087231", "1674087231.0",
        "99999999999999999999", "0x63C88FBF"}) {
    EXPECT_THAT(changed("webhook-timestamp", timestamp).reason, HasSubstr("timestamp"))
        << timestamp;
  }
  EXPECT_FALSE(changed("webhook-id", "").ok);
  EXPECT_FALSE(changed("webhook-id", "msg_other").ok);
}

// A header full of public-key signatures must not keep us busy.
TEST(StandardWebhooks, look_at_a_bounded_number_of_signatures) {
  const Value& vector = vector_named("sw-ed25519");
  const auto source = make_webhook_source(verify_settings("standard-webhooks", secrets_of(vector)));
  const std::string good = vector.at("headers").text_or("webhook-signature");
  const std::string bad = "v1a," + to_base64(std::string(kEd25519SignatureBytes, 'x')) + ' ';
  const auto behind = [&](int count) {
    Sent request = sent(vector);
    std::string value;
    for (int i = 0; i < count; ++i) value += bad;
    for (core::HttpHeader& one : request.headers) {
      if (one.name == "webhook-signature") one.value = value + good;
    }
    return request.to(*source).ok;
  };
  EXPECT_TRUE(behind(5));
  EXPECT_FALSE(behind(100));
}

TEST(HmacSchemes, hex_is_taken_in_either_case_and_base64_in_one) {
  const auto source = make_webhook_source(verify_settings("github", {"topsecret"}));
  Sent request = sent(vector_named("github"));
  std::string& value = request.headers.front().value;
  for (std::size_t i = 7; i < value.size(); ++i)
    value[i] = static_cast<char>(std::toupper(value[i]));
  EXPECT_TRUE(request.to(*source).ok);
  value = "SHA256=" + value.substr(7);
  EXPECT_FALSE(request.to(*source).ok);
  value = value.substr(7);
  EXPECT_FALSE(request.to(*source).ok) << "without its prefix";
}

TEST(HmacSchemes, timestamps_have_a_tolerance_in_both_directions) {
  for (const char* name : {"stripe", "slack-style", "close", "twenty"}) {
    const auto source = make_webhook_source(named(vector_named(name)));
    Sent request = sent(vector_named(name));
    for (const std::int64_t off : {-299, 0, 299}) {
      request.now = kNow + off;
      EXPECT_TRUE(request.to(*source).ok) << name << ' ' << off;
    }
    for (const std::int64_t off : {-302, 302}) {
      request.now = kNow + off;
      EXPECT_THAT(request.to(*source).reason, HasSubstr("5 minutes")) << name << ' ' << off;
    }
  }
}

TEST(HmacSchemes, two_timestamps_in_one_header_are_none) {
  const auto source = make_webhook_source(verify_settings("stripe", {"topsecret"}));
  Sent request = sent(vector_named("stripe"));
  request.headers.front().value = "t=1," + request.headers.front().value;
  EXPECT_EQ(request.to(*source).reason, "no timestamp");
}

TEST(HmacSchemes, may_sign_address_method_and_id) {
  const auto source = make_webhook_source(verify_settings(
      "hmac", {"k"},
      {{"header", "X-Sig"}, {"content", "{method} {url} {id} {body}"}, {"id_header", "X-Id"}}));
  EXPECT_TRUE(source->verifies_url());
  Sent request;
  const std::string content = "POST " + request.url + " 7 " + kBody;
  request.headers = {{"x-sig", to_hex(hmac(HashAlgorithm::sha256, "k", content))}, {"x-id", "7"}};
  EXPECT_TRUE(request.to(*source).ok);
  request.url += "?a";
  EXPECT_FALSE(request.to(*source).ok);
  request.headers.pop_back();
  EXPECT_EQ(request.to(*source).reason, "no X-Id");
}

TEST(HmacSchemes, espocrm_decides_by_the_newer_header_when_both_are_there) {
  const auto source = make_webhook_source(verify_settings("espocrm", {"topsecret"}));
  EXPECT_TRUE(sent(vector_named("espo-x-signature-legacy")).to(*source).ok);
  Sent both = sent(vector_named("espo-x-signature-legacy"));
  both.headers.push_back({"Signature", "bm9uZTowMA=="});
  EXPECT_FALSE(both.to(*source).ok);
}

TEST(TokenSchemes, know_the_header_that_holds_the_secret) {
  EXPECT_TRUE(make_webhook_source(verify_settings("header", {"k"}, {{"header", "X-Key"}}))
                  ->is_credential("x-key"));
  EXPECT_TRUE(
      make_webhook_source(verify_settings("bearer", {"k"}))->is_credential("Authorization"));
  EXPECT_FALSE(
      make_webhook_source(verify_settings("github", {"k"}))->is_credential("X-Hub-Signature-256"));
}

TEST(TokenSchemes, bearer_is_a_word_in_any_case_and_then_exactly_the_secret) {
  const auto source = make_webhook_source(verify_settings("bearer", {"hook-secret"}));
  const auto ok = [&](const std::string& value) {
    return Sent{.headers = {{"authorization", value}}}.to(*source).ok;
  };
  EXPECT_TRUE(ok("bearer hook-secret"));
  EXPECT_TRUE(ok("BEARER  hook-secret"));
  for (const char* value : {"hook-secret", "Bearer hook-secre", "Bearer hook-secret2", "Bearer",
                            "Bearer ", "Basic hook-secret", "Bearerhook-secret", ""}) {
    EXPECT_FALSE(ok(value)) << value;
  }
}

TEST(TokenSchemes, a_token_in_the_address_is_a_parameter_of_its_name) {
  const auto source =
      make_webhook_source(verify_settings("query-token", {"s&=1"}, {{"parameter", "key"}}));
  const auto ok = [&](const std::string& query) {
    return Sent{.url = "https://h.test/hooks/p" + query}.to(*source).ok;
  };
  EXPECT_TRUE(ok("?key=s%26%3D1"));
  EXPECT_TRUE(ok("?a=b&key=s%26%3d1&c"));
  for (const char* query : {"", "?", "?key", "?key=", "?key=s&=1", "?key=other&key=s%26%3D1",
                            "?xkey=s%26%3D1", "?key=%zz", "/key=s%26%3D1"}) {
    EXPECT_FALSE(ok(query)) << query;
  }
}

TEST(TokenSchemes, a_token_in_the_body_is_a_text_at_its_field) {
  const auto source =
      make_webhook_source(verify_settings("body-token", {"tok"}, {{"field", "auth.token"}}));
  const auto ok = [&](const std::string& body) { return Sent{.body = body}.to(*source).ok; };
  EXPECT_TRUE(ok(R"({"auth":{"token":"tok"}})"));
  for (const char* body :
       {"", "{", "tok", "null", R"({"token":"tok"})", R"({"auth":{"token":null}})",
        R"({"auth":["tok"]})", R"({"auth":{"token":"to"}})"}) {
    EXPECT_FALSE(ok(body)) << body;
  }
}

TEST(TokenSchemes, none_believes_everybody) {
  EXPECT_TRUE(Sent{}.to(*make_webhook_source(verify_settings("none", {}))).ok);
}

std::vector<std::string> problems_of(const VerifySettings& settings) {
  std::vector<SettingProblem> problems;
  const bool refused = make_verifier(settings, problems) == nullptr;
  EXPECT_EQ(refused, !problems.empty());
  std::vector<std::string> texts;
  for (const SettingProblem& problem : problems) {
    std::string path;
    for (const std::string& step : problem.path) path += (path.empty() ? "" : " ") + step;
    texts.push_back(path + ": " + problem.message);
  }
  return texts;
}

TEST(WebhookSettings, secrets_of_the_wrong_form_are_named_by_their_place) {
  const auto expect = [](const std::string& scheme, const std::string& secret,
                         const std::string& message) {
    const auto problems = problems_of(verify_settings(scheme, {secret}));
    ASSERT_EQ(problems.size(), 1U) << scheme;
    EXPECT_THAT(problems[0], HasSubstr("verify secrets [0]: expected " + message));
    EXPECT_THAT(problems[0], testing::Not(HasSubstr(secret)));
  };
  for (const char* bad : {"whsec_###", "whsec_=", "no/base64", "whpk_AAAA", "whsk_AAAA"}) {
    expect("standard-webhooks", bad, "whsec_ and base64");
  }
  expect("close", "xyz", "hex digits");
  expect("basic", "hookuser", "user:password");
  const auto problems = problems_of(verify_settings("close", {"00", "x", "11", "y"}));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0], HasSubstr("[1]"));
  EXPECT_THAT(problems[1], HasSubstr("[3]"));
}

TEST(WebhookSettings, the_parts_of_an_hmac_must_fit_together) {
  const auto problem = [](std::map<std::string, std::string> texts) {
    texts.emplace("header", "X-Sig");
    const auto found = problems_of(verify_settings("hmac", {"k"}, std::move(texts)));
    return found.empty() ? std::string() : found.front();
  };
  EXPECT_THAT(problem({}), IsEmpty());
  EXPECT_THAT(problem({{"content", "{bdy}"}}), HasSubstr("did you mean {body}?"));
  EXPECT_THAT(problem({{"content", "{timestamp}"}, {"timestamp_header", "T"}}),
              HasSubstr("expected {body} in it"));
  EXPECT_THAT(problem({{"content", "{timestamp}{body}"}}), HasSubstr("timestamp_header or"));
  EXPECT_THAT(problem({{"timestamp_header", "T"}}), HasSubstr("not signed proves nothing"));
  EXPECT_THAT(problem({{"content", "{id}{body}"}}), HasSubstr("id_header"));
  EXPECT_THAT(problem({{"content", "{timestamp}{body}"}, {"timestamp_key", "t"}}),
              HasSubstr("signature_key"));
  EXPECT_THAT(problem({{"content", "{timestamp}{body}"},
                       {"timestamp_key", "t"},
                       {"signature_key", "v"},
                       {"timestamp_header", "T"}}),
              HasSubstr("one place"));
}

}  // namespace
}  // namespace assembly_sync::connectors::webhook

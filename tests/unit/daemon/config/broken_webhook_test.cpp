// What `check` says about webhook sources: their block `verify` and what they make of a body.
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

using testing::StartsWith;

const std::string kObjects = "objects: {things: {id: id}}";

/// The source block on line 7, `verify` at column 13.
std::string with_verify(const std::string& verify) {
  return kGood + "sources:\n  product:\n    verify: " + verify + "\n    type: webhook\n    " +
         kObjects + '\n';
}

/// `objects` on line 7 at column 14.
std::string with_objects(const std::string& objects) {
  return kGood + "sources:\n  product:\n    objects: " + objects +
         "\n    type: webhook\n    verify: {scheme: github, secrets: [\"${env:KEY}\"]}\n";
}

Broken verify(const std::string& what, const std::string& block, int column,
              const std::string& rest) {
  return {what,
          with_verify(block),
          {"c.yaml:7:" + std::to_string(column) + ": sources.product.verify" + rest}};
}

Broken objects(const std::string& what, const std::string& block, int column,
               const std::string& rest) {
  return {what,
          with_objects(block),
          {"c.yaml:7:" + std::to_string(column) + ": sources.product.objects" + rest}};
}

TEST(WebhookConfig, GoodBlocksOfEveryKindAreLoaded) {
  for (const std::string verify :
       {"{scheme: standard-webhooks, secrets: [\"${env:PRODUCT_SECRET}\"]}",
        "{scheme: github, secrets: [\"${env:KEY}\", \"${env:TOKEN}\"]}",
        "{scheme: stripe, secrets: [\"${env:KEY}\"], tolerance_seconds: 600}",
        "{scheme: shopify, secrets: [\"${env:KEY}\"]}",
        "{scheme: slack, secrets: [\"${env:KEY}\"]}", "{scheme: attio, secrets: [\"${env:KEY}\"]}",
        "{scheme: twenty, secrets: [\"${env:KEY}\"]}", "{scheme: zoho, secrets: [\"${env:KEY}\"]}",
        "{scheme: espocrm, secrets: [\"${env:KEY}\"]}",
        "{scheme: pipedrive, secrets: [\"${env:URL}\"]}",
        "{scheme: basic, secrets: [\"${env:URL}\"]}", "{scheme: bearer, secrets: [\"${env:KEY}\"]}",
        "{scheme: header, secrets: [\"${env:KEY}\"], header: X-Key}",
        "{scheme: body-token, secrets: [\"${env:KEY}\"], field: auth.token}",
        "{scheme: query-token, secrets: [\"${env:KEY}\"], parameter: key}", "{scheme: none}",
        "{scheme: hmac, secrets: [\"${env:KEY}\"], header: X-Sig, prefix: v1=, algorithm: sha512, "
        "encoding: base64, secret_encoding: text, content: \"{timestamp}.{id}.{body}\", "
        "timestamp_header: X-Time, timestamp_unit: ms, id_header: X-Id, tolerance_seconds: 60}",
        "{scheme: hmac, secrets: [\"${env:KEY}\"], header: X-Sig, signature_key: v1, "
        "timestamp_key: t, content: \"{timestamp}.{body}\"}"}) {
    EXPECT_EQ(problems_of(with_verify(verify)), std::vector<std::string>{}) << verify;
  }
  for (const std::string objects :
       {"{things: {id: data.id}}", "{a: {id: id}, b: {id: id}}",
        "{a: {id: id, records: data.items, updated: at, when: {type: login}, deleted: {type: "
        "[login.deleted, 7]}, deleted_records: data}, b: {id: id}}"}) {
    EXPECT_EQ(problems_of(with_objects(objects)), std::vector<std::string>{}) << objects;
  }
}

TEST(WebhookConfig, AnAddressIsNeededOnlyWhereItIsSigned) {
  const std::string block =
      "{scheme: hmac, secrets: [\"${env:KEY}\"], header: X-Sig, content: \"{url}{body}\"}";
  const auto problems = problems_of(with_verify(block));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], StartsWith("c.yaml:1:1: listen.public_url: expected the https address"));
}

TEST(WebhookConfig, BrokenVerifyBlocks) {
  const std::string schemes =
      "expected one of standard-webhooks, github, stripe, shopify, slack, pipedrive, attio, close, "
      "zoho, twenty, espocrm, hmac, bearer, header, basic, body-token, query-token, none, got ";
  const std::string list = "expected a list of ${env:…}, ${file:…} or ${credential:…}, got ";
  const std::string in_hmac = "{scheme: hmac, secrets: [\"${env:KEY}\"], header: X-Sig, ";
  expect_problems({
      verify("a text", "github", 13, ": expected a map, got \"github\""),
      verify("nothing in it", "{}", 13, ".scheme: " + schemes + "nothing"),
      verify("no scheme", "{secrets: [\"${env:KEY}\"]}", 13, ".scheme: " + schemes + "nothing"),
      verify("misspelt scheme", "{scheme: standard-webhook, secrets: 1}", 22,
             ".scheme: " + schemes + "\"standard-webhook\": did you mean \"standard-webhooks\"?"),
      verify("scheme as list", "{scheme: [github]}", 22, ".scheme: " + schemes + "a list"),
      verify("no secrets", "{scheme: github}", 13, ".secrets: " + list + "nothing"),
      verify("empty secrets", "{scheme: github, secrets: []}", 39,
             ".secrets: " + list + "an empty list"),
      verify("one secret without a list", "{scheme: github, secrets: \"${env:KEY}\"}", 39,
             ".secrets: " + list + "a text"),
      verify("secret in the file", "{scheme: github, secrets: [\"${env:KEY}\", hunter2]}", 54,
             ".secrets[1]: " + kForms + "a literal text"),
      verify("secret not set", "{scheme: github, secrets: [\"${env:NOPE}\"]}", 40,
             ".secrets[0]: expected a value from ${env:NOPE}, got an environment variable that is "
             "not set"),
      verify("secrets of none", "{scheme: none, secrets: [\"${env:KEY}\"]}", 28,
             ".secrets: expected one of scheme, got an unknown key"),
      verify("misspelt key", "{scheme: stripe, secrets: [\"${env:KEY}\"], tolerance_second: 5}", 55,
             ".tolerance_second: expected a known key, got \"tolerance_second\": did you mean "
             "\"tolerance_seconds\"?"),
      verify("key of another scheme", "{scheme: github, secrets: [\"${env:KEY}\"], header: X}", 55,
             ".header: expected one of scheme, secrets, got an unknown key"),
      verify("no tolerance", "{scheme: stripe, secrets: [\"${env:KEY}\"], tolerance_seconds: 0}",
             74, ".tolerance_seconds: expected a whole number from 1 to 86400, got 0"),
      verify("no header", "{scheme: header, secrets: [\"${env:KEY}\"]}", 13,
             ".header: expected a text, got nothing"),
      verify("unknown algorithm", in_hmac + "algorithm: sha-256}", 79,
             ".algorithm: expected one of sha256, sha1, sha512, got \"sha-256\": did you mean "
             "\"sha256\"?"),
      verify("secret no base64", in_hmac + "secret_encoding: base64}", 38,
             ".secrets[0]: expected base64, got a secret of another form"),
      verify("misspelt part", in_hmac + "content: \"{timestmp}{body}\"}", 77,
             ".content: expected {body}, {timestamp}, {id}, {url} or {method}, got another word in "
             "braces: did you mean {timestamp}?"),
      verify("unsigned timestamp", in_hmac + "timestamp_header: X-T}", 13,
             ".content: expected {timestamp} in it, because a timestamp that is not signed proves "
             "nothing, got none"),
      verify(
          "timestamp from nowhere", in_hmac + "content: \"{timestamp}{body}\"}", 77,
          ".content: expected timestamp_header or timestamp_key beside {timestamp}, got neither"),
      verify("key without signature", in_hmac + "content: \"{timestamp}{body}\", timestamp_key: t}",
             113, ".timestamp_key: expected signature_key beside it, got none"),
      verify("standard webhooks with a plain secret",
             "{scheme: standard-webhooks, secrets: [\"${env:PRODUCT_SECRET}\", \"${env:KEY}\"]}",
             76,
             ".secrets[1]: expected whsec_ and base64, or a public key of whpk_ and the base64 of "
             "32 bytes, got a secret of another form"),
      verify("close with a secret of text", "{scheme: close, secrets: [\"${env:KEY}\"]}", 39,
             ".secrets[0]: expected hex digits, got a secret of another form"),
      verify("basic without user", "{scheme: basic, secrets: [\"${env:KEY}\"]}", 39,
             ".secrets[0]: expected user:password, got a secret of another form"),
      verify("a field with an empty name",
             "{scheme: body-token, secrets: [\"${env:KEY}\"], field: auth..token}", 66,
             ".field: expected a field such as id or data.id, got \"auth..token\""),
      {"no verify at all",
       kGood + "sources:\n  product: {type: webhook, " + kObjects + "}\n",
       {"c.yaml:6:12: sources.product.verify: expected a map, got nothing"}},
  });
}

TEST(WebhookConfig, BrokenObjects) {
  const std::string field = "expected a field such as id or data.id, got ";
  expect_problems({
      objects("none", "{}", 14, ": expected a map of NAME to {id: FIELD}, got a map"),
      objects("no id", "{a: {}}", 18, ".a.id: " + field + "nothing"),
      objects("id with a dot at the end", "{a: {id: data.}}", 23, ".a.id: " + field + "\"data.\""),
      objects("id as list", "{a: {id: [x]}}", 23, ".a.id: " + field + "a list"),
      objects("misspelt key", "{a: {id: x, recods: y}}", 26,
              ".a.recods: expected a known key, got \"recods\": did you mean \"records\"?"),
      objects("when as text", "{a: {id: x, when: login}}", 32,
              ".a.when: expected a map of field to text, got \"login\""),
      objects("when without anything", "{a: {id: x, when: {}}}", 32,
              ".a.when: expected a map of field to text, got a map"),
      objects("when with an empty name", "{a: {id: x, when: {a..b: c}}}", 33,
              ".a.when: expected a field such as type or data.type, got \"a..b\""),
      objects("when of maps", "{a: {id: x, when: {type: {is: c}}}}", 39,
              ".a.when.type: expected a text or a list of texts, got a map"),
      objects("when of nothing", "{a: {id: x, when: {type: }}}", 33,
              ".a.when.type: expected a text or a list of texts, got nothing"),
      objects("when of lists", "{a: {id: x, when: {type: [b, [c]]}}}", 43,
              ".a.when.type: expected a text, got a list"),
      objects("two with one rule", "{a: {id: x, when: {t: c}}, b: {id: x, when: {t: c}}}", 58,
              ".b.when: expected another rule than that of a, which would take all its bodies, got "
              "the same"),
      objects("records of a deletion that is none", "{a: {id: x, deleted_records: d}}", 43,
              ".a.deleted_records: expected `deleted` beside it, which says what a deletion is, "
              "got none"),
  });
}

TEST(WebhookConfig, AllProblemsOfAVerifyBlockComeAtOnce) {
  EXPECT_EQ(
      problems_of(with_verify("{scheme: hmac, secrets: [\"${env:KEY}\"], header: X-Sig, "
                              "secret_encoding: hex, content: \"{boddy}\", timestamp_key: t}")),
      (std::vector<std::string>{
          "c.yaml:7:38: sources.product.verify.secrets[0]: expected hex digits, got a secret of "
          "another form",
          "c.yaml:7:99: sources.product.verify.content: expected {body}, {timestamp}, {id}, {url} "
          "or {method}, got another word in braces: did you mean {body}?",
          "c.yaml:7:125: sources.product.verify.timestamp_key: expected signature_key beside it, "
          "got none",
      }));
}

}  // namespace
}  // namespace assembly_sync::config

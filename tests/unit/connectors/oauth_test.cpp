#include "connectors/oauth.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "connectors/crypto.hpp"
#include "tests/unit/connectors/memory_tokens.hpp"
#include "tests/unit/connectors/rsa_key.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using Settings = OAuthSettings;
using test::answer;
using test::ScriptedTransport;

const core::WallTime kNow = core::from_ms(1'767'225'600'000);

Settings refreshing(std::shared_ptr<core::TokenKeeper> tokens = nullptr) {
  Settings settings;
  settings.service = "Acme CRM";
  settings.token_url = "https://login.test/token";
  settings.client_id = "client 1";
  settings.client_secret = core::Secret("s&cret");
  settings.refresh_token = core::Secret("first-refresh-token");
  settings.advice = "authorise the app again";
  settings.tokens = std::move(tokens);
  settings.token_name = "crm";
  return settings;
}

Settings by_client() {
  Settings settings = refreshing();
  settings.grant = Settings::Grant::client_credentials;
  return settings;
}

std::string token_answer(const std::string& token, const std::string& more = "") {
  return R"({"access_token":")" + token + R"(","token_type":"Bearer")" + more + "}";
}

std::string text_of(const ReadResult<AccessToken>& token) {
  return token ? std::string(token->text.reveal()) : "error: " + token.error().reason;
}

std::string part_of_jwt(const std::string& jwt, int index) {
  std::size_t begin = 0;
  for (int i = 0; i < index; ++i) begin = jwt.find('.', begin) + 1;
  std::string part = jwt.substr(begin, std::min(jwt.find('.', begin), jwt.size()) - begin);
  for (char& c : part) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (part.size() % 4 != 0) part += '=';
  return from_base64(part).value();
}

TEST(OAuth, AsksWithARefreshTokenInAForm) {
  ScriptedTransport transport({answer(200, token_answer("at-1"))});
  Settings settings = refreshing();
  settings.form = {{"scope", "api offline"}};
  OAuth oauth(settings);
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  const core::HttpRequest& request = transport.requests.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://login.test/token");
  EXPECT_EQ(core::find_header(request.headers, "content-type"),
            "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "grant_type=refresh_token&refresh_token=first-refresh-token&client_id=client%201&"
            "client_secret=s%26cret&scope=api%20offline");
}

TEST(OAuth, AuthenticatesTheClientInAHeaderWhereTheServiceWantsThat) {
  ScriptedTransport transport({answer(200, token_answer("at-1"))});
  Settings settings = by_client();
  settings.client = Settings::Client::basic;
  OAuth oauth(settings);
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  EXPECT_EQ(transport.requests.at(0).body, "grant_type=client_credentials");
  EXPECT_EQ(core::find_header(transport.requests.at(0).headers, "Authorization"),
            "Basic " + to_base64("client%201:s%26cret"));
}

TEST(OAuth, SignsAnAssertionThatTheKeysOwnerMade) {
  const test::RsaKey key;
  ScriptedTransport transport({answer(200, token_answer("at-1"))});
  Settings settings = by_client();
  settings.grant = Settings::Grant::jwt_bearer;
  settings.client_id = "";
  settings.client_secret = {};
  settings.private_key = core::Secret(key.pem());
  settings.claims = {{"iss", "consumer"}, {"sub", "jo@acme.test"}, {"aud", "https://login.test"}};
  OAuth oauth(settings);
  ASSERT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  const std::string prefix =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  const std::string& body = transport.requests.at(0).body;
  ASSERT_TRUE(body.starts_with(prefix)) << body;
  const std::string jwt = body.substr(prefix.size());
  EXPECT_EQ(part_of_jwt(jwt, 0), R"({"alg":"RS256","typ":"JWT"})");
  EXPECT_EQ(part_of_jwt(jwt, 1),
            R"({"aud":"https://login.test","exp":1767225780,"iat":1767225600,"iss":"consumer",)"
            R"("sub":"jo@acme.test"})");
  EXPECT_TRUE(key.has_signed(jwt.substr(0, jwt.rfind('.')), part_of_jwt(jwt, 2)));
}

TEST(OAuth, KnowsAKeyThatCanNotSign) {
  EXPECT_EQ(private_key_problem(core::Secret(test::RsaKey().pem())), "");
  EXPECT_NE(private_key_problem(core::Secret("ssh-rsa AAAA")), "");
  EXPECT_NE(private_key_problem(core::Secret()), "");
}

TEST(OAuth, UsesATokenUntilALittleBeforeItsEnd) {
  int asked = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    return answer(200, token_answer("at-" + std::to_string(++asked), R"(,"expires_in":"1800")"));
  });
  OAuth oauth(by_client());
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  EXPECT_EQ(text_of(oauth.get(transport, kNow + 1739s)), "at-1");
  EXPECT_EQ(text_of(oauth.get(transport, kNow + 1740s)), "at-2");
}

TEST(OAuth, TakesTheGivenLifetimeWhenTheAnswerNamesNone) {
  int asked = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    return answer(200, token_answer("at-" + std::to_string(++asked)));
  });
  Settings settings = by_client();
  settings.lifetime = 100s;
  OAuth oauth(settings);
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  EXPECT_EQ(text_of(oauth.get(transport, kNow + 79s)), "at-1");
  EXPECT_EQ(text_of(oauth.get(transport, kNow + 80s)), "at-2");
}

TEST(OAuth, KeepsWhatTheConnectorNeedsOfTheAnswer) {
  ScriptedTransport transport(
      {answer(200, token_answer("at-1", R"(,"instance_url":"https://na1.test","id":"x")"))});
  Settings settings = by_client();
  settings.answer_fields = {"instance_url", "api_domain"};
  OAuth oauth(settings);
  const auto token = oauth.get(transport, kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->fields,
            (std::map<std::string, std::string>{{"instance_url", "https://na1.test"}}));
}

TEST(OAuth, AsksAnewForARefusedTokenOnce) {
  int asked = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    return answer(200, token_answer("at-" + std::to_string(++asked)));
  });
  OAuth oauth(by_client());
  const AccessToken first = oauth.get(transport, kNow).value();
  oauth.refused(first);
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-2");
  oauth.refused(first);  // by a thread that was still under way with it
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-2");
}

TEST(OAuth, SendsOnceMoreAfterA401AndNoMore) {
  int asked = 0;
  std::vector<std::string> used;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url == "https://login.test/token") {
      return answer(200, token_answer("at-" + std::to_string(++asked)));
    }
    used.emplace_back(*core::find_header(request.headers, "Authorization"));
    return answer(401, "{}");
  });
  OAuth oauth(by_client());
  const auto response = oauth.send(transport, kNow, [](const AccessToken& token) {
    core::HttpRequest request;
    request.url = "https://crm.test/records";
    request.headers = {{"Authorization", "Bearer " + std::string(token.text.reveal())}};
    return request;
  });
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 401);
  EXPECT_EQ(used, (std::vector<std::string>{"Bearer at-1", "Bearer at-2"}));
}

TEST(OAuth, RenewsOnceForManyThreads) {
  std::mutex mutex;
  int asked = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    const std::lock_guard lock(mutex);
    return answer(200, token_answer("at-" + std::to_string(++asked)));
  });
  OAuth oauth(by_client());
  const AccessToken first = oauth.get(transport, kNow).value();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      oauth.refused(first);
      if (text_of(oauth.get(transport, kNow)) != "at-2") ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(asked, 2);
}

TEST(OAuth, KeepsAReplacedRefreshTokenBeforeTheAccessTokenIsUsed) {
  const auto tokens = std::make_shared<test::MemoryTokens>();
  ScriptedTransport transport(
      {answer(200, token_answer("at-1", R"(,"refresh_token":"second-refresh-token")"))});
  tokens->fails = true;
  OAuth oauth(refreshing(tokens));
  const auto refused = oauth.get(transport, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::transient);
  EXPECT_EQ(refused.error().reason,
            "the new refresh token of Acme CRM can't be kept, and is not used before it is: no "
            "space left on device");
  tokens->fails = false;
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1") << "kept now, and not asked again";
  EXPECT_EQ(transport.requests.size(), 1u);
  EXPECT_TRUE(tokens->kept["crm"].ends_with(" second-refresh-token"));
}

TEST(OAuth, GoesOnWithTheKeptRefreshTokenAfterARestart) {
  const auto tokens = std::make_shared<test::MemoryTokens>();
  ScriptedTransport first(
      {answer(200, token_answer("at-1", R"(,"refresh_token":"second-refresh-token")"))});
  EXPECT_EQ(text_of(OAuth(refreshing(tokens)).get(first, kNow)), "at-1");
  ScriptedTransport second({answer(200, token_answer("at-2"))});
  EXPECT_EQ(text_of(OAuth(refreshing(tokens)).get(second, kNow)), "at-2");
  EXPECT_NE(second.requests.at(0).body.find("second-refresh-token"), std::string::npos);
}

TEST(OAuth, LetsANewConfiguredRefreshTokenWin) {
  const auto tokens = std::make_shared<test::MemoryTokens>();
  ScriptedTransport first(
      {answer(200, token_answer("at-1", R"(,"refresh_token":"second-refresh-token")"))});
  EXPECT_EQ(text_of(OAuth(refreshing(tokens)).get(first, kNow)), "at-1");
  EXPECT_EQ(tokens->kept["crm"].find("first-refresh-token"), std::string::npos);
  Settings settings = refreshing(tokens);
  settings.refresh_token = core::Secret("admins-new-token");
  ScriptedTransport second({answer(200, token_answer("at-2"))});
  EXPECT_EQ(text_of(OAuth(settings).get(second, kNow)), "at-2");
  EXPECT_NE(second.requests.at(0).body.find("admins-new-token"), std::string::npos);
}

TEST(OAuth, TakesTheRefreshTokenThatAnotherProcessHasKeptMeanwhile) {
  const auto tokens = std::make_shared<test::MemoryTokens>();
  const std::string mark = to_hex(sha256("first-refresh-token"));
  std::vector<std::string> bodies;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    bodies.push_back(request.body);
    if (bodies.size() == 2) return answer(200, token_answer("at-1"));
    tokens->kept["crm"] = mark + " third-refresh-token";
    return answer(400, R"({"error":"invalid_grant","error_description":"token was used"})");
  });
  OAuth oauth(refreshing(tokens));
  EXPECT_EQ(text_of(oauth.get(transport, kNow)), "at-1");
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_NE(bodies[1].find("third-refresh-token"), std::string::npos);
}

TEST(OAuth, ReplacesInMemoryWhereNothingCanBeKept) {
  std::vector<std::string> bodies;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    bodies.push_back(request.body);
    return answer(200, token_answer("at-1", R"(,"refresh_token":"second-refresh-token")"));
  });
  OAuth oauth(refreshing());
  oauth.refused(oauth.get(transport, kNow).value());
  EXPECT_TRUE(oauth.get(transport, kNow));
  EXPECT_NE(bodies.at(1).find("second-refresh-token"), std::string::npos);
}

struct Refusal {
  const char* what;
  core::HttpResponse response;
  Kind kind;
  const char* reason;
};

TEST(OAuth, TellsRefusalsForGoodFromThoseThatPass) {
  const std::string at = "Acme CRM's token endpoint answered ";
  const std::vector<Refusal> refusals = {
      {"RFC 6749", answer(400, R"({"error":"invalid_grant","error_description":"expired"})"),
       Kind::unauthorized, "400 invalid_grant (expired): authorise the app again"},
      {"client", answer(401, R"({"error":"invalid_client"})"), Kind::unauthorized,
       "401 invalid_client: authorise the app again"},
      {"HubSpot", answer(400, R"({"status":"BAD_REFRESH_TOKEN","message":"missing or unknown"})"),
       Kind::unauthorized, "400 BAD_REFRESH_TOKEN: authorise the app again"},
      {"Zoho", answer(200, R"({"error":"invalid_code"})"), Kind::unauthorized,
       "200 invalid_code: authorise the app again"},
      {"Zoho, too often",
       answer(400, R"({"error":"Access Denied","error_description":)"
                   R"("You have made too many requests continuously."})"),
       Kind::throttled, "400 Access Denied (You have made too many requests continuously.)"},
      {"too often", answer(429, "{}", {{"Retry-After", "7"}}), Kind::throttled, "429"},
      {"down", answer(503, "<html>"), Kind::transient, "503"},
      {"not now", answer(400, R"({"error":"unknown_error","error_description":"retry"})"),
       Kind::transient, "400 unknown_error (retry)"},
      {"no token", answer(200, R"({"token_type":"Bearer"})"), Kind::transient,
       "200 without an access token"},
      {"cut", answer(200, R"({"access_token":"x)"), Kind::transient, "200 without an access token"},
      {"unusable", answer(200, R"({"access_token":"a\r\nb: c"})"), Kind::transient,
       "200 without an access token"},
      {"moved", answer(302, "", {{"Location", "https://elsewhere.test"}}), Kind::rejected,
       "302, which is no answer of a token endpoint: check the address of the source"},
  };
  for (const Refusal& refusal : refusals) {
    ScriptedTransport transport({refusal.response});
    const auto token = OAuth(refreshing()).get(transport, kNow);
    ASSERT_FALSE(token) << refusal.what;
    EXPECT_EQ(token.error().kind, refusal.kind) << refusal.what;
    EXPECT_EQ(token.error().reason, at + refusal.reason) << refusal.what;
  }
}

TEST(OAuth, RepeatsNoSecretThatAnAnswerQuotes) {
  for (const std::string quoted : {"unknown token first-refresh-token", "bad secret s&cret",
                                   "unknown eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"}) {
    ScriptedTransport transport(
        {answer(400, R"({"error":"invalid_grant","error_description":")" + quoted + "\"}")});
    const auto token = OAuth(refreshing()).get(transport, kNow);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().reason,
              "Acme CRM's token endpoint answered 400 invalid_grant: authorise the app again");
  }
}

TEST(OAuth, IsTransientWithoutAnAnswer) {
  ScriptedTransport transport([](const core::HttpRequest&) -> ScriptedTransport::Answer {
    return tl::unexpected(core::HttpFailure{.reached_server = false, .reason = "refused"});
  });
  const auto token = OAuth(refreshing()).get(transport, kNow);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, Kind::transient);
  EXPECT_EQ(token.error().reason, "Acme CRM's token endpoint: no answer: refused");
}

}  // namespace
}  // namespace assembly_sync::connectors

// How a REST source proves itself, and what each answer means to it.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = ReadError::Kind;

const std::string kPeople = "\nobjects: {people: {request: {path: /p}}}";
const core::ObjectName kObject("people");

core::HttpRequest first_request(const std::string& yaml) {
  const auto source = make_rest(yaml + kPeople);
  ScriptedTransport transport({answer(200, "[]")});
  EXPECT_TRUE(list_all(*source, "people", transport).has_value());
  return transport.requests.at(0);
}

std::string header(const core::HttpRequest& request, const std::string& name) {
  return std::string(core::find_header(request.headers, name).value_or("(none)"));
}

TEST(RestAuth, puts_the_secret_where_the_description_says) {
  const std::string secrets = "secrets: {token: t0ken}\n";
  EXPECT_EQ(header(first_request(""), "Authorization"), "(none)");
  EXPECT_EQ(
      header(first_request(secrets + "auth: {scheme: header, value: \"Bearer {secret.token}\"}"),
             "Authorization"),
      "Bearer t0ken");
  EXPECT_EQ(header(first_request(secrets +
                                 "auth: {scheme: header, name: X-Key, value: \"{secret.token}\"}\n"
                                 "headers: {X-App: a, X-Second: \"{secret.token}\"}"),
                   "X-Second"),
            "t0ken");
  EXPECT_EQ(
      first_request(secrets + "auth: {scheme: query, name: key, value: \"{secret.token}\"}").url,
      "https://crm.test/api/p?key=t0ken");
  EXPECT_EQ(header(first_request(secrets + "auth: {scheme: basic, user: \"{secret.token}\"}"),
                   "Authorization"),
            "Basic dDBrZW46");
}

std::unique_ptr<Connector> with_login(const std::string& more = "lifetime_seconds: 600") {
  return make_rest(
      "secrets: {password: pw}\n"
      "auth: {scheme: login, path: /login, body: {user: me, password: \"{secret.password}\"}, "
      "token: "
      "data.token, value: \"Bearer {token.data.token}\", " +
      more + "}" + kPeople);
}

TEST(RestAuth, logs_in_once_and_again_when_the_token_ends_or_is_refused) {
  const auto source = with_login();
  int logins = 0;
  bool refuse = false;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url.ends_with("/login")) {
      EXPECT_EQ(request.body, R"({"password":"pw","user":"me"})");
      return answer(200, R"({"data":{"token":"t)" + std::to_string(++logins) + "\"}}");
    }
    const bool good = header(request, "Authorization") == "Bearer t" + std::to_string(logins);
    return std::exchange(refuse, false) || !good ? answer(401, "") : answer(200, "[]");
  });
  const auto list = [&](std::int64_t seconds) {
    return source->list(kObject, {}, {}, transport, kNow + std::chrono::seconds(seconds))
        .has_value();
  };
  EXPECT_TRUE(list(0));
  EXPECT_TRUE(list(500));
  EXPECT_EQ(logins, 1);
  EXPECT_TRUE(list(590));  // a little before it ends
  EXPECT_EQ(logins, 2);
  refuse = true;
  EXPECT_TRUE(list(600));
  EXPECT_EQ(logins, 3);
}

TEST(RestAuth, a_token_may_say_itself_how_long_it_is_good) {
  const auto source = with_login("expires: data.expires_in");
  int logins = 0;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (!request.url.ends_with("/login")) return answer(200, "[]");
    ++logins;
    return answer(200, R"({"data":{"token":"t","expires_in":100}})");
  });
  for (const int seconds : {0, 60, 80}) {
    EXPECT_TRUE(source->list(kObject, {}, {}, transport, kNow + std::chrono::seconds(seconds)));
  }
  EXPECT_EQ(logins, 2);
}

TEST(RestAuth, a_refused_login_is_told_as_such_and_shows_nothing) {
  const auto source = with_login();
  ScriptedTransport transport(
      {answer(403, "pw is wrong"), answer(200, R"({"data":{}})"), answer(503, "")});
  const auto error = [&] { return source->list(kObject, {}, {}, transport, kNow).error(); };
  const ReadError refused = error();
  EXPECT_EQ(refused.kind, Kind::unauthorized);
  EXPECT_EQ(refused.reason, "the login was answered 403");
  EXPECT_EQ(error().reason, "the login was answered 200 without a token at data.token");
  EXPECT_EQ(error().kind, Kind::transient);
}

struct Told {
  Kind kind;
  std::optional<std::int64_t> wait_ms;
};

Told told(core::HttpResponse response, const std::string& more = "") {
  const auto source = make_rest(more + kPeople);
  ScriptedTransport transport({std::move(response)});
  const auto page = source->list(kObject, {}, {}, transport, kNow);
  EXPECT_FALSE(page.has_value());
  const ReadError error = page ? ReadError{} : page.error();
  EXPECT_THAT(error.reason, testing::Not(HasSubstr("SECRET")));
  if (!error.retry_after) return {error.kind, std::nullopt};
  return {error.kind, error.retry_after->count()};
}

TEST(RestAnswers, each_status_has_its_usual_meaning) {
  const std::pair<int, Kind> expected[] = {
      {400, Kind::rejected},  {401, Kind::unauthorized}, {403, Kind::unauthorized},
      {404, Kind::rejected},  {408, Kind::transient},    {409, Kind::rejected},
      {425, Kind::transient}, {429, Kind::throttled},    {500, Kind::transient},
      {502, Kind::transient}, {503, Kind::transient}};
  for (const auto& [status, kind] : expected) {
    EXPECT_EQ(told(answer(status, "SECRET")).kind, kind) << status;
  }
  for (const int status : {204, 304}) {
    const auto source = make_rest(kPeople);
    ScriptedTransport transport({answer(status, "")});
    const auto page = source->list(kObject, {}, {}, transport, kNow);
    ASSERT_TRUE(page.has_value()) << status;
    EXPECT_TRUE(page->records.empty() && !page->next);
  }
}

TEST(RestAnswers, no_answer_is_a_reason_to_try_again) {
  const auto source = make_rest(kPeople);
  ScriptedTransport transport([](const core::HttpRequest&) -> ScriptedTransport::Answer {
    return tl::unexpected(core::HttpFailure{.reason = "connection refused"});
  });
  const auto page = source->list(kObject, {}, {}, transport, kNow);
  EXPECT_EQ(page.error().kind, Kind::transient);
  EXPECT_EQ(page.error().reason, "no answer: connection refused");
}

TEST(RestAnswers, the_description_may_say_what_an_answer_means) {
  const std::string rules =
      "responses: [{status: [403, 429], contains: \"<html\", action: retry}, {status: 200, "
      "contains: "
      "'\"error\"', action: fail}, {status: 404, action: empty}, {status: 423, action: refresh}, "
      "{status: 500, action: fail}]";
  EXPECT_EQ(told(answer(403, "x <html SECRET"), rules).kind, Kind::throttled);
  EXPECT_EQ(told(answer(403, "{}"), rules).kind, Kind::unauthorized);
  EXPECT_EQ(told(answer(200, R"({"error":"SECRET"})"), rules).kind, Kind::rejected);
  EXPECT_EQ(told(answer(423, ""), rules).kind, Kind::unauthorized);
  EXPECT_EQ(told(answer(500, ""), rules).kind, Kind::rejected);
  const auto source = make_rest(rules + kPeople);
  ScriptedTransport transport({answer(404, "")});
  EXPECT_TRUE(source->list(kObject, {}, {}, transport, kNow)->records.empty());
}

TEST(RestAnswers, a_wait_may_be_written_in_every_way) {
  const auto wait = [](const std::string& name, const std::string& value,
                       const std::string& more = "") {
    return told(answer(429, "", {{name, value}}), more).wait_ms;
  };
  EXPECT_EQ(wait("Retry-After", "7"), 7000);
  EXPECT_EQ(wait("retry-after", "2.25"), 2250);
  EXPECT_EQ(wait("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT"), 30'000);
  EXPECT_EQ(wait("Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT"), 0);
  EXPECT_EQ(wait("Retry-After", "1772366410"), 10'000);
  EXPECT_EQ(wait("Retry-After", "soon"), std::nullopt);
  EXPECT_EQ(wait("X-Reset", "1772366410000", "wait: {header: X-Reset}"), 10'000);
  const std::string pattern = "wait: {header: RateLimit, pattern: \"reset=([0-9.]+)\"}";
  EXPECT_EQ(wait("RateLimit", "limit=100, remaining=0, reset=5.5", pattern), 5500);
  EXPECT_EQ(wait("Retry-After", "3", pattern), 3000);
}

}  // namespace
}  // namespace assembly_sync::connectors

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

TEST(RestAuth, a_token_may_count_its_time_in_milliseconds) {
  const auto source = with_login("expires: data.expires, expires_unit: milliseconds");
  int logins = 0;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (!request.url.ends_with("/login")) return answer(200, "[]");
    ++logins;
    return answer(200, R"({"data":{"token":"t","expires":900000}})");
  });
  for (const int seconds : {0, 860, 880}) {
    EXPECT_TRUE(source->list(kObject, {}, {}, transport, kNow + std::chrono::seconds(seconds)));
    EXPECT_EQ(logins, seconds < 870 ? 1 : 2) << seconds;
  }
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

TEST(RestAnswers, a_refusal_names_the_request_and_the_apis_own_code_but_no_value) {
  const auto reason = [](const std::string& body) {
    const auto source = make_rest(
        "secrets: {token: SECRET}\n"
        "objects: {people: {request: {method: POST, path: \"/{secret.token}/people\", query: {k: "
        "\"{secret.token}\"}}}}");
    ScriptedTransport transport({answer(400, body)});
    return source->list(kObject, {}, {}, transport, kNow).error().reason;
  };
  const std::string asked = "the API answered 400 to POST /{secret.token}/people";
  EXPECT_EQ(reason("{}"), asked);
  EXPECT_EQ(reason("<html>"), asked + " with a page that is no JSON");
  EXPECT_EQ(reason(R"({"error":{"code":"invalid_cursor","message":"Ada"}})"),
            asked + ": invalid_cursor");
  EXPECT_EQ(reason(R"({"errors":[{"message":"x","extensions":{"code":"INVALID_QUERY"}}]})"),
            asked + ": INVALID_QUERY");
  EXPECT_EQ(reason(R"({"code":17,"error":"too_many_fields"})"), asked + ": too_many_fields");
  // What may be a sentence, a name or a number stays where it is.
  for (const char* text : {"Ada Lovelace", "ada", "ada@acme.test", "id_7", "7", "acme.test"}) {
    EXPECT_EQ(reason("{\"error\":\"" + std::string(text) + "\"}"), asked) << text;
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
  EXPECT_EQ(wait("Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT"), std::nullopt);
  EXPECT_EQ(wait("Retry-After", "0"), std::nullopt);
  EXPECT_EQ(wait("Retry-After", "1772366410"), 10'000);
  EXPECT_EQ(wait("Retry-After", "soon"), std::nullopt);
  EXPECT_EQ(wait("X-Reset", "1772366410000", "wait: {header: X-Reset}"), 10'000);
  const std::string pattern = "wait: {header: RateLimit, pattern: \"reset=([0-9.]+)\"}";
  EXPECT_EQ(wait("RateLimit", "limit=100, remaining=0, reset=5.5", pattern), 5500);
  EXPECT_EQ(wait("Retry-After", "3", pattern), 3000);
}

// -- how often the API may be asked

std::unique_ptr<Connector> paced(const std::string& rate, const std::string& more = "") {
  return make_rest("rate: " + rate + "\n" + more +
                   "objects: {people: {request: {path: /p}, detail: {request: {path: "
                   "\"/p/{id}\"}, batch: 50}}}");
}

TEST(RestRate, never_lets_more_requests_start_in_any_span_than_it_says) {
  const auto source = paced("{requests: 100, seconds: 60}");
  std::vector<std::int64_t> started;
  core::WallTime now = kNow;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    started.push_back(core::to_ms(now));
    return answer(200, "[]");
  });
  int waits = 0;
  // Ten minutes of asking without a pause but those that are told, 20 ms a request.
  while (now < kNow + std::chrono::minutes(10)) {
    const auto page = source->list(kObject, {}, {}, transport, now);
    if (page) {
      now += std::chrono::milliseconds(20);
      continue;
    }
    ASSERT_EQ(page.error().kind, Kind::not_yet);
    EXPECT_EQ(page.error().reason, "the 100 requests in 60 seconds that `rate` allows are used up");
    ASSERT_GT(*page.error().retry_after, std::chrono::milliseconds(0));
    now += *page.error().retry_after;
    ++waits;
  }
  for (std::size_t i = 100; i < started.size(); ++i) {
    ASSERT_GE(started[i] - started[i - 100], 60'000) << i;
  }
  EXPECT_GE(started.size(), 900U);
  // Told once for ten requests, not at each.
  EXPECT_LE(waits, 100);
}

TEST(RestRate, a_wait_is_exact_whatever_else_asks_and_a_clock_set_back_brings_nothing) {
  const auto source = paced("{requests: 3, seconds: 6}");
  ScriptedTransport transport([](const core::HttpRequest&) { return answer(200, "[]"); });
  const auto wait = [&](std::int64_t ms) -> std::int64_t {
    const auto page =
        source->list(kObject, {}, {}, transport, kNow + std::chrono::milliseconds(ms));
    return page ? 0 : page.error().retry_after->count();
  };
  EXPECT_EQ(wait(0), 0);
  EXPECT_EQ(wait(0), 2000);
  EXPECT_EQ(wait(500), 1500);
  EXPECT_EQ(wait(-60'000), 1500);
  EXPECT_EQ(wait(-58'501), 1);
  EXPECT_EQ(wait(-58'500), 0);
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST(RestRate, what_is_read_one_by_one_is_read_whole_or_not_begun) {
  const auto source = paced("{requests: 40, seconds: 40}");
  EXPECT_EQ(source->batch_size(), 4U);
  ScriptedTransport transport([](const core::HttpRequest& request) {
    return answer(200, "{\"id\":" + request.url.substr(request.url.rfind('/') + 1) + "}");
  });
  std::vector<core::RecordId> ids;
  for (const char* id : {"1", "2", "3", "3", "4"}) ids.emplace_back(id);
  EXPECT_TRUE(source->read(kObject, {core::RecordId("9")}, {}, transport, kNow).has_value());
  const auto early = source->read(kObject, ids, {}, transport, kNow);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().kind, Kind::not_yet);
  EXPECT_EQ(transport.requests.size(), 1U);
  const auto read = source->read(kObject, ids, {}, transport, kNow + *early.error().retry_after);
  ASSERT_TRUE(read.has_value());
  EXPECT_THAT(ids_of(read->records), ElementsAre("1", "2", "3", "4"));
}

TEST(RestRate, counts_logins_and_what_is_asked_again) {
  const auto source =
      paced("{requests: 20, seconds: 20}",
            "auth: {scheme: login, path: /login, token: t, value: \"{token.t}\"}\n");
  bool refuse = true;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url.ends_with("/login")) return answer(200, R"({"t":"x"})");
    return std::exchange(refuse, false) ? answer(401, "") : answer(200, "[]");
  });
  // A login, the refused request, another login and the request again, of two at once.
  ASSERT_TRUE(source->list(kObject, {}, {}, transport, kNow).has_value());
  EXPECT_EQ(transport.requests.size(), 4U);
  const auto page = source->list(kObject, {}, {}, transport, kNow);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().retry_after->count(), 4 * 20'000 / 19 + 1);
}

TEST(RestRate, ships_with_the_descriptions_whose_crm_names_one_and_may_be_another) {
  ScriptedTransport transport(
      [](const core::HttpRequest&) { return answer(200, R"({"data":{"people":[]}})"); });
  const auto allowed = [&](const std::string& more) {
    const auto source = make_source("twenty", "api_key: t\n" + more);
    int count = 0;
    while (count < 50 && source->list(kObject, {}, {}, transport, kNow)) ++count;
    return count;
  };
  EXPECT_EQ(allowed(""), 10);
  EXPECT_EQ(allowed("rate: {requests: 300, seconds: 60}"), 30);
}

}  // namespace
}  // namespace assembly_sync::connectors

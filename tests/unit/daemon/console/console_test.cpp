// The console behind a real listener: what is open, what needs the token, and that nothing is
// ordered by a page that is not ours.
#include "daemon/console/console.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/answers/status.hpp"
#include "daemon/console/auth.hpp"
#include "daemon/http/client.hpp"
#include "tests/support/temp_store.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::console {
namespace {

using core::HttpResponse;
using core::Value;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kToken = "token-of-the-console-test";
const core::HttpHeader kHtml{"Accept", "text/html"};
const core::HttpHeader kBearer{"Authorization", std::string("Bearer ") + kToken};

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() {
    console_.set_token(core::Secret(kToken));
    server_.start();
  }

  Ports ports() {
    WorkbenchPorts bench{
        .begin =
            [](const std::string&) {
              return Value::object({{"file", "/etc/c.yaml"},
                                    {"files", Value::list({"/etc/c.yaml"})},
                                    {"text", "</textarea><script>alert(1)</script>"},
                                    {"base", "0"},
                                    {"objects", Value::list({"crm.companies"})}});
            },
        .record =
            [](const std::string&, const std::string&) {
              return Value::object({{"record", "{\"id\": 1}"}});
            },
        .try_out =
            [](const Draft& draft) {
              return Value::object(
                  {{"problems", Value::list()}, {"map", nullptr}, {"was", draft.text}});
            },
        .save_test =
            [](const Draft&) {
              return Value::object({{"error", "not here"}});
            }};
    return {.store = *store_,
            .clock = store_.clock(),
            .status =
                [this] {
                  if (broken_) throw store::StoreError("broken");
                  return answers::status(*store_, {});
                },
            .metrics = [] { return std::string("made_total 1\n"); },
            .new_secret = [this] { return "secret" + std::to_string(++secrets_); },
            .listen_admin = "127.0.0.1:0",
            .shown_text = [](const std::string& text) { return text; },
            .workbench = std::move(bench)};
  }

  HttpResponse send(const std::string& method, const std::string& path,
                    std::vector<core::HttpHeader> headers, const std::string& body = "") {
    core::HttpRequest request;
    request.method = method;
    request.url = server_.url() + path;
    request.headers = std::move(headers);
    if (!body.empty())
      request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.body = body;
    const auto answer = transport_.send(request);
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().reason);
    return answer.value_or(HttpResponse{});
  }
  HttpResponse get(const std::string& path, std::vector<core::HttpHeader> headers = {}) {
    return send("GET", path, std::move(headers));
  }
  static std::string header(const HttpResponse& answer, std::string_view name) {
    return std::string(core::find_header(answer.headers, name).value_or(""));
  }

  /// The cookie of a browser that signed in.
  core::HttpHeader sign_in() {
    const HttpResponse answer = send("POST", "/login", {}, std::string("token=") + kToken);
    EXPECT_EQ(answer.status, 303);
    const std::string line = header(answer, "Set-Cookie");
    return {"Cookie", line.substr(0, line.find(';'))};
  }
  /// Of the session's pages.
  std::string csrf_of(const core::HttpHeader& cookie) {
    const std::string page = get("/runs", {cookie, kHtml}).body;
    const std::string before = "name=\"csrf\" value=\"";
    const auto at = page.find(before);
    EXPECT_NE(at, std::string::npos);
    return at == std::string::npos ? "" : page.substr(at + before.size(), 7);
  }

  test::TempStore store_;
  std::atomic<bool> broken_{false};
  std::atomic<int> secrets_{0};
  Console console_{ports()};
  http::Server server_{"127.0.0.1:0",
                       [this](const http::Request& request, const http::Responder& responder) {
                         console_.handle(request, responder);
                       }};
  core::SystemClock clock_;
  http::PooledTransport transport_{clock_};
};

TEST_F(ConsoleTest, HealthMetricsAndStatusNeedNoToken) {
  for (const char* const path :
       {"/healthz", "/readyz", "/freshz", "/metrics", "/api/status", "/"}) {
    EXPECT_EQ(get(path).status, 200) << path;
  }
  EXPECT_THAT(get("/").body, HasSubstr("outbox")) << "the status as text, for curl";
}

TEST_F(ConsoleTest, EverythingElseNeedsTheToken) {
  for (const char* const path : {"/api/runs", "/api/config", "/api/overview", "/api/workbench"}) {
    EXPECT_EQ(get(path).status, 401) << path;
    EXPECT_THAT(header(get(path), "WWW-Authenticate"), HasSubstr("Bearer"));
    EXPECT_EQ(get(path, {kBearer}).status, 200) << path;
    EXPECT_EQ(get(path, {{"Authorization", "Bearer wrong"}}).status, 401) << path;
  }
  const HttpResponse page = get("/config?x=1", {kHtml});
  EXPECT_EQ(page.status, 303);
  EXPECT_EQ(header(page, "Location"), "/login?next=%2Fconfig%3Fx%3D1");
  EXPECT_EQ(header(get("/", {kHtml}), "Location"), "/login");
}

TEST_F(ConsoleTest, ABrowserSignsInAndOut) {
  EXPECT_EQ(send("POST", "/login", {}, "token=wrong").status, 403);
  const HttpResponse in = send("POST", "/login", {}, std::string("next=%2Fruns&token=") + kToken);
  EXPECT_EQ(header(in, "Location"), "/runs");
  EXPECT_THAT(header(in, "Set-Cookie"), HasSubstr("; HttpOnly; SameSite=Strict; Max-Age="));
  EXPECT_THAT(header(in, "Set-Cookie"), Not(HasSubstr("Secure")));
  EXPECT_THAT(header(in, "Set-Cookie"), Not(HasSubstr(kToken)));

  const core::HttpHeader cookie = sign_in();
  EXPECT_EQ(get("/runs", {cookie, kHtml}).status, 200);
  EXPECT_EQ(get("/api/runs", {cookie}).status, 200);
  EXPECT_EQ(send("POST", "/logout", {cookie}, "csrf=" + csrf_of(cookie)).status, 303);
  EXPECT_EQ(get("/api/runs", {cookie}).status, 401);
}

TEST_F(ConsoleTest, SigningInLeadsNowhereElse) {
  for (const char* const next : {"https%3A%2F%2Fevil.test", "%2F%2Fevil.test", "%2F%5Cevil.test"}) {
    const HttpResponse in =
        send("POST", "/login", {}, "next=" + std::string(next) + "&token=" + kToken);
    EXPECT_EQ(header(in, "Location"), "/") << next;
  }
}

TEST_F(ConsoleTest, WrongTokensAreLimited) {
  for (int i = 0; i < kTries; ++i) {
    EXPECT_EQ(send("POST", "/login", {}, "token=wrong" + std::to_string(i)).status, 403);
  }
  const HttpResponse answer = send("POST", "/login", {}, std::string("token=") + kToken);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(header(answer, "Retry-After"), "10");
  EXPECT_EQ(get("/api/runs", {kBearer}).status, 429);
  store_.clock().advance(kTryAgain);
  EXPECT_EQ(get("/api/runs", {kBearer}).status, 200);
}

TEST_F(ConsoleTest, AnOrderComesFromAPageOfThisSession) {
  const core::HttpHeader cookie = sign_in();
  const std::string csrf = csrf_of(cookie);
  const std::string form = "csrf=" + csrf + "&text=x";
  EXPECT_EQ(send("POST", "/workbench", {cookie}, "text=x").status, 403) << "no token in the form";
  EXPECT_EQ(send("POST", "/workbench", {cookie}, "csrf=" + csrf_of(sign_in())).status, 403)
      << "the token of another session";
  EXPECT_EQ(send("POST", "/workbench", {cookie, {"Origin", "https://evil.test"}}, form).status,
            403);
  EXPECT_EQ(send("POST", "/workbench", {cookie, {"Sec-Fetch-Site", "cross-site"}}, form).status,
            403);
  EXPECT_EQ(send("POST", "/workbench", {}, form).status, 401) << "no session";
  EXPECT_EQ(send("POST", "/workbench", {cookie}, form).status, 200);
  EXPECT_EQ(send("POST", "/workbench", {cookie, {"X-CSRF-Token", csrf}}, "text=x").status, 200);
  EXPECT_EQ(send("POST", "/api/workbench", {kBearer}, "text=x").status, 200)
      << "no browser adds a bearer token by itself";
  EXPECT_EQ(
      send("POST", "/api/workbench", {kBearer, {"Origin", "https://evil.test"}}, "text=x").status,
      403);
  EXPECT_EQ(
      send("POST", "/login", {{"Origin", "https://evil.test"}}, std::string("token=") + kToken)
          .status,
      403);
}

TEST_F(ConsoleTest, AnotherNameIsNotServed) {
  for (const char* const path : {"/login", "/api/runs"}) {
    test::RawSocket socket(server_.port());  // a client would name the server itself
    ASSERT_TRUE(socket.write("GET " + std::string(path) + " HTTP/1.1\r\nHost: evil.test\r\n" +
                             kBearer.name + ": " + kBearer.value + "\r\n\r\n"));
    EXPECT_THAT(socket.read_until("\r\n"), HasSubstr(" 421 ")) << path;
  }
}

TEST_F(ConsoleTest, PagesAreGuardedAndNotKept) {
  const core::HttpHeader cookie = sign_in();
  for (const HttpResponse& answer :
       {get("/login", {kHtml}), get("/", {cookie, kHtml}), get("/nowhere", {cookie, kHtml}),
        get("/api/runs", {kBearer})}) {
    const std::string policy = header(answer, "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'; base-uri 'none'"));
    EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(header(answer, "Referrer-Policy"), "same-origin");
  }
}

TEST_F(ConsoleTest, PagesAndTheirDocumentsShareAnAddress) {
  const core::HttpHeader cookie = sign_in();
  for (const char* const path : {"/", "/overview", "/runs", "/config", "/workbench"}) {
    const HttpResponse page = get(path, {cookie, kHtml});
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_THAT(page.body, HasSubstr("<!doctype html>")) << path;
    EXPECT_THAT(header(page, "Content-Type"), HasSubstr("text/html")) << path;
  }
  EXPECT_TRUE(core::parse_json(get("/api/overview", {cookie}).body)->at("status").is_object());
  EXPECT_EQ(get("/runs/17", {cookie, kHtml}).status, 404);
  EXPECT_EQ(get("/api/runs/17", {cookie}).status, 404);
  EXPECT_EQ(get("/api/runs/x", {cookie}).status, 404);
  EXPECT_EQ(get("/nowhere", {cookie, kHtml}).status, 404);
  EXPECT_EQ(send("DELETE", "/runs", {cookie}).status, 405);
}

TEST_F(ConsoleTest, ASearchThatMeansOneThingLeadsThere) {
  store_.write([&](store::Tx& tx) {
    for (const char* const id : {"1", "2"}) {
      store::Entity entity = tx.ensure_entity(store::EntityKind::company, core::Key(id));
      entity.name = std::string("acme ") + id;
      tx.update_entity(entity);
    }
    store::NewNotice dead;
    dead.ref = {core::SourceName("crm"), core::ObjectName("accounts"), core::RecordId("1090")};
    tx.finish_notice(tx.add_notice(dead), store::NoticeState::dead, "no domain", 1);
  });
  const core::HttpHeader cookie = sign_in();
  const auto leads_to = [&](const std::string& query) {
    const HttpResponse answer = get("/search?q=" + query, {cookie, kHtml});
    return answer.status == 303 ? header(answer, "Location") : std::to_string(answer.status);
  };
  EXPECT_THAT(leads_to("Acme%202"), testing::StartsWith("/entities/"));
  EXPECT_EQ(leads_to("Acme"), "200") << "a person chooses";
  EXPECT_EQ(leads_to("crm.accounts%201090"), "/records?object=crm.accounts&id=1090");
  EXPECT_EQ(leads_to("crm.accounts%201091"), "200");
  EXPECT_THAT(get("/search?q=crm.accounts%201091", {cookie, kHtml}).body,
              HasSubstr("Nothing was ever heard of"));
  EXPECT_EQ(get("/api/search?q=Acme%202", {cookie}).status, 200) << "a program reads the document";
}

TEST_F(ConsoleTest, ARecordWithoutAnEntityIsAnswered) {
  store_.write([&](store::Tx& tx) {
    store::NewNotice dead;
    dead.ref = {core::SourceName("crm"), core::ObjectName("accounts"), core::RecordId("a b/c")};
    tx.finish_notice(tx.add_notice(dead), store::NoticeState::dead, "no domain", 1);
  });
  const core::HttpHeader cookie = sign_in();
  const std::string known = "records?object=crm.accounts&id=a%20b%2Fc";
  EXPECT_THAT(get('/' + known, {cookie, kHtml}).body, HasSubstr("no domain"));
  EXPECT_EQ(core::parse_json(get("/api/" + known, {cookie}).body)->text_or("state"), "dead");
  EXPECT_THAT(get("/records?object=crm.accounts&id=2", {cookie, kHtml}).body,
              HasSubstr("Nothing was ever heard of this record."));
  for (const char* const bad :
       {"", "?object=crm.accounts", "?object=crm&id=1", "?id=1", "?object=crm.accounts%20x&id=1"}) {
    EXPECT_EQ(get("/records" + std::string(bad), {cookie, kHtml}).status, 400) << bad;
  }
}

TEST_F(ConsoleTest, WhatStandsInAFileCantBreakThePage) {
  const std::string page = get("/workbench", {sign_in(), kHtml}).body;
  EXPECT_THAT(page, HasSubstr("&lt;/textarea&gt;&lt;script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
}

TEST_F(ConsoleTest, FilesOfThePagesAreOpenAndKept) {
  const std::string page = get("/login", {kHtml}).body;
  const auto at = page.find("/assets/console.css");
  ASSERT_NE(at, std::string::npos);
  const HttpResponse css = get(page.substr(at, page.find('"', at) - at));
  EXPECT_EQ(css.status, 200);
  EXPECT_THAT(header(css, "Cache-Control"), HasSubstr("immutable"));
  EXPECT_EQ(get("/assets/none.css").status, 404);
}

TEST_F(ConsoleTest, AStoreThatCantBeReadIsSaidAndBreaksNothing) {
  const core::HttpHeader cookie = sign_in();
  broken_ = true;
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/runs", {cookie, kHtml}).status, 503);
  broken_ = false;
  EXPECT_EQ(get("/runs", {cookie, kHtml}).status, 200);
}

TEST_F(ConsoleTest, TheChartShowsWhatWasSampled) {
  const core::HttpHeader cookie = sign_in();
  const std::string before = get("/", {cookie, kHtml}).body;
  console_.sample();
  store_.clock().advance(std::chrono::seconds{1});
  console_.sample();
  const Value document = *core::parse_json(get("/api/overview", {cookie}).body);
  EXPECT_EQ(document.at("samples").as_list().size(), 2U);
  EXPECT_THAT(get("/", {cookie, kHtml}).body, HasSubstr("class=\"line\" d=\"M"));
  EXPECT_THAT(before, Not(HasSubstr("class=\"line\" d=\"M")));
}

TEST_F(ConsoleTest, ConcurrencyManyPagesAtOnce) {
  const core::HttpHeader cookie = sign_in();
  std::vector<std::jthread> browsers;
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) {
    browsers.emplace_back([&] {
      for (int j = 0; j < 10; ++j) answered += get("/", {cookie, kHtml}).status == 200 ? 1 : 0;
    });
  }
  browsers.clear();
  EXPECT_EQ(answered, 40);
}

}  // namespace
}  // namespace assembly_sync::console

// What the server makes of requests, good and bad.
#include <atomic>
#include <random>

#include <gtest/gtest.h>

#include "daemon/http/server.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::http {
namespace {

using test::body_of;
using test::RawSocket;
using test::status_of;

/// Answers with what it understood of the request.
Response describe(const Request& request) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
  text += " [" + request.body + "]";
  return {200, {}, text};
}

class HttpServerRequests : public testing::Test {
 protected:
  HttpServerRequests() {
    limits_.body_bytes = 1000;
    limits_.head_bytes = 2000;
    limits_.headers = 10;
    server_ = std::make_unique<Server>(
        "127.0.0.1:0",
        [this](Request request, Responder responder) {
          ++handled_;
          responder.send(describe(request));
        },
        limits_);
    server_->start();
  }

  std::string ask(std::string_view bytes) const {
    RawSocket peer(server_->port());
    peer.write(bytes);
    return peer.read_answer();
  }

  ServerLimits limits_;
  std::atomic<int> handled_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServerRequests, UnderstandsPathQueryAndBody) {
  const std::string answer =
      ask("POST /hooks/my%20crm?a=1&b=x+y%26z&a=2 HTTP/1.1\r\nHost: h\r\nContent-Length: "
          "4\r\n\r\nbody");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "POST /hooks/my crm a=1 b=x y&z a=2 [body]");
}

TEST_F(HttpServerRequests, AddsLengthDateAndConnectionToTheAnswer) {
  const std::string answer = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(answer.find("\r\nContent-Length: 8\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nDate: "), std::string::npos);
}

TEST_F(HttpServerRequests, TakesAnAbsoluteTargetAsAProxySendsIt) {
  EXPECT_EQ(body_of(ask("GET http://example.com/x?y=1 HTTP/1.1\r\nHost: example.com\r\n\r\n")),
            "GET /x y=1 []");
}

TEST_F(HttpServerRequests, DecodesAChunkedBodyWithExtensionAndTrailer) {
  EXPECT_EQ(body_of(ask("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3;note=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n")),
            "PUT / [abc0123456789]");
}

TEST_F(HttpServerRequests, TakesARequestThatComesByteByByte) {
  RawSocket peer(server_->port());
  for (const char c :
       std::string("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2\r\nhi\r\n0\r\n\r\n")) {
    ASSERT_TRUE(peer.write({&c, 1}));
  }
  EXPECT_EQ(body_of(peer.read_answer()), "POST /a [hi]");
}

TEST_F(HttpServerRequests, AnswersPipelinedRequestsInOrder) {
  RawSocket peer(server_->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n" +
                std::to_string(i % 10);
  }
  peer.write(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(body_of(peer.read_answer()),
              "POST /" + std::to_string(i) + " [" + std::to_string(i % 10) + "]");
  }
}

TEST_F(HttpServerRequests, KeepsTheConnectionForTheNextRequest) {
  RawSocket peer(server_->port());
  for (int i = 0; i < 3; ++i) {
    peer.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(peer.read_answer()), 200);
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerRequests, ClosesWhenThePeerWantsItClosed) {
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: TE, Close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RawSocket peer(server_->port());
    peer.write(request);
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(status_of(answer), 200) << request;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << request;
  }
}

TEST_F(HttpServerRequests, AnswersAHeadRequestWithoutABody) {
  RawSocket peer(server_->port());
  peer.write("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = peer.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 9\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "");
}

TEST_F(HttpServerRequests, InvitesTheBodyOfAPeerThatAsksFirst) {
  RawSocket peer(server_->port());
  peer.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(peer.read_until("\r\n\r\n")), 100);
  peer.write("ok");
  EXPECT_EQ(body_of(peer.read_answer()), "POST / [ok]");
}

TEST_F(HttpServerRequests, RefusesATooLargeBodyBeforeItIsSent) {
  EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n"
                          "Expect: 100-continue\r\n\r\n")),
            413);
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerRequests, LetsAPeerThatIsRefusedMidwayReadTheAnswer) {
  RawSocket peer(server_->port());
  peer.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  // Sent without looking at the answer, as simple senders do.
  EXPECT_TRUE(peer.write(std::string(3'000'000, 'x')));
  EXPECT_EQ(status_of(peer.read_to_end()), 413);
}

TEST_F(HttpServerRequests, HandlesNothingOfATruncatedRequest) {
  for (const char* request :
       {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n12345",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
        "POST / HTTP/1.1\r\nHost", "\r\n"}) {
    RawSocket peer(server_->port());
    peer.write(request);
    peer.end_writing();
    EXPECT_EQ(peer.read_to_end(), "") << request;
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerRequests, AnswersAPeerThatOnlyEndedItsOwnSide) {
  RawSocket peer(server_->port());
  peer.write("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  peer.end_writing();
  EXPECT_EQ(body_of(peer.read_to_end()), "GET /last []");
}

struct Refused {
  const char* why;
  std::string bytes;
  int status;
};

std::string post(const std::string& headers, const std::string& body = {}) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

std::vector<Refused> refused_requests() {
  std::string many_headers;
  for (int i = 0; i < 11; ++i) many_headers += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  using namespace std::string_literals;
  return {
      {"no request line", "nonsense\r\n\r\n", 400},
      {"two words", "GET /\r\n\r\n", 400},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"method is no token", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"relative target", "GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"fragment in the target", "GET /#x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"malformed escape", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"escaped zero byte", "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"malformed escape in the query", "GET /?a=%1 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"other protocol", "GET / HTTX/1.1\r\nHost: h\r\n\r\n", 400},
      {"HTTP/2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"folded header", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"blank before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", 400},
      {"empty header name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
      {"control character", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n", 400},
      {"zero byte", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, 400},
      {"carriage return alone", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n", 400},
      {"head too large", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n",
       431},
      {"head that never ends", "GET /" + std::string(3000, 'x'), 431},
      {"too many headers", "GET / HTTP/1.1\r\nHost: h\r\n" + many_headers + "\r\n", 431},
      {"body without length", post(""), 411},
      {"PUT without length", "PUT / HTTP/1.1\r\nHost: h\r\n\r\n", 411},
      {"PATCH without length", "PATCH / HTTP/1.1\r\nHost: h\r\n\r\n", 411},
      {"negative length", post("Content-Length: -1\r\n"), 400},
      {"signed length", post("Content-Length: +1\r\n", "x"), 400},
      {"length in hex", post("Content-Length: 0x1\r\n", "x"), 400},
      {"length list", post("Content-Length: 1, 1\r\n", "x"), 400},
      {"empty length", post("Content-Length: \r\n"), 400},
      {"two different lengths", post("Content-Length: 1\r\nContent-Length: 2\r\n", "xx"), 400},
      {"length over the limit", post("Content-Length: 1001\r\n"), 413},
      {"length beyond any number", post("Content-Length: 99999999999999999999999\r\n"), 413},
      {"length and chunked", post("Content-Length: 3\r\n" + chunked, "0\r\n\r\n"), 400},
      {"chunked and length", post(chunked + "Content-Length: 3\r\n", "0\r\n\r\n"), 400},
      {"other encoding", post("Transfer-Encoding: gzip\r\n"), 501},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"chunked twice", post(chunked + chunked, "0\r\n\r\n"), 501},
      {"chunked in 1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n", 400},
      {"chunk size no number", post(chunked, "x\r\n"), 400},
      {"chunk size empty", post(chunked, "\r\n"), 400},
      {"chunk size negative", post(chunked, "-1\r\n"), 400},
      {"chunk size with prefix", post(chunked, "0x1\r\na\r\n"), 400},
      {"chunk longer than said", post(chunked, "1\r\nab\r\n0\r\n\r\n"), 400},
      {"chunk line with a bare line feed", post(chunked, "1\na\r\n"), 400},
      {"chunk extension without end", post(chunked, "1;" + std::string(500, 'x')), 400},
      {"chunk over the limit", post(chunked, "3e9\r\n"), 413},
      {"chunk size beyond any number", post(chunked, "fffffffffffffffff\r\n"), 413},
      {"chunks over the limit", post(chunked, "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n"),
       413},
      {"trailer no header", post(chunked, "0\r\nnonsense\r\n\r\n"), 400},
      {"trailers without end", post(chunked, "0\r\nX: " + std::string(3000, 'x')), 400},
      {"unknown expectation", post("Expect: 200-ok\r\nContent-Length: 0\r\n"), 417},
  };
}

class HttpServerRefusals : public HttpServerRequests {};

TEST_F(HttpServerRefusals, EachHasItsStatusAndEndsTheConnection) {
  for (const Refused& refused : refused_requests()) {
    SCOPED_TRACE(refused.why);
    RawSocket peer(server_->port());
    peer.write(refused.bytes);
    const std::string answer = peer.read_to_end();
    EXPECT_EQ(status_of(answer), refused.status);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(body_of(answer).find("error"), std::string::npos);
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerRefusals, AreNotMadeOfUnusualButCorrectRequests) {
  const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& request : {
           "\r\n\r\n" + get + "\r\n",
           get + "x-empty:\r\n\r\n",
           get + "X:\t tabs \t\r\n\r\n",
           get + "X: caf\xC3\xA9\r\n\r\n",
           get + "Content-Length: 2\r\n\r\nhi",
           post("Content-Length: 0\r\n"),
           post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"),
           post("Content-Length: 1000\r\n", std::string(1000, 'x')),
           post("transfer-encoding: Chunked\r\n", "0\r\n\r\n"),
           post("Transfer-Encoding: chunked\r\n",
                "00003E8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n"),
           std::string("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"),
           std::string("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
           std::string("GET / HTTP/1.0\r\n\r\n"),
       }) {
    EXPECT_EQ(status_of(ask(request)), 200) << request;
  }
}

TEST_F(HttpServerRefusals, MutatedRequestsNeitherCrashNorHangTheServer) {
  const std::vector<std::string> seeds = {
      "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
      post("Content-Length: 5\r\n", "12345"),
      post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
      post("Expect: 100-continue\r\nContent-Length: 1\r\n", "x"),
  };
  std::mt19937 random(20'240'229);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = seeds[below(seeds.size())] + seeds[below(seeds.size())];
    for (std::size_t i = 0, edits = 1 + below(4); i < edits; ++i) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1 + below(8));
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(20)));
          break;
        default:
          bytes.insert(at, 1, "\r\n :;,%\0"[below(8)]);
      }
    }
    RawSocket peer(server_->port());
    peer.write(bytes);
    peer.end_writing();
    peer.read_to_end();
  }
  EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n")), 200);
}

}  // namespace
}  // namespace assembly_sync::http

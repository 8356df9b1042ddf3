// The client against our server, and against peers that misbehave.
#include "daemon/http/client.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "core/version.hpp"
#include "daemon/http/server.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::http {
namespace {

using namespace std::chrono_literals;
using core::HttpRequest;
using test::RawListener;
using test::RawSocket;

/// What one connection after the other is answered with, after a request's head was read.
class ScriptedPeer {
 public:
  using Act = std::function<void(RawSocket&)>;
  explicit ScriptedPeer(std::vector<Act> acts)
      : thread_([this, acts = std::move(acts)] {
          for (const Act& act : acts) {
            RawSocket peer = listener_.accept();
            act(peer);
          }
        }) {}
  std::string url() const { return listener_.url(); }

 private:
  RawListener listener_;
  std::jthread thread_;
};

ScriptedPeer::Act says(std::string answer) {
  return [answer = std::move(answer)](RawSocket& peer) {
    peer.read_until("\r\n\r\n");
    peer.write(answer);
  };
}

HttpRequest get(const std::string& url, std::chrono::milliseconds timeout = 10s) {
  return {"GET", url, {}, {}, timeout};
}

class HttpClient : public testing::Test {
 protected:
  /// A server that tells the client what it received.
  static Handler echo() {
    return [](Request request, Responder responder) {
      std::string text = request.method + " " + request.target + "\n";
      for (const auto& header : request.headers) text += header.name + ": " + header.value + "\n";
      responder.send({200, {{"X-Test", "yes"}}, text + "\n" + request.body});
    };
  }

  core::SystemClock clock_;
  PooledTransport transport_{clock_};
};

TEST_F(HttpClient, SendsMethodTargetHeadersAndBodyAsGiven) {
  Server server("127.0.0.1:0", echo());
  server.start();
  const auto answer = transport_.send(
      {"PUT", server.url() + "/a%2Fb?x=%20&y", {{"Authorization", "key"}}, "{}", 10s});
  ASSERT_TRUE(answer) << answer.error().reason;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(core::find_header(answer->headers, "x-test"), "yes");
  EXPECT_EQ(answer->body, "PUT /a%2Fb?x=%20&y\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                              "\nAuthorization: key\nUser-Agent: assembly-sync/" +
                              std::string(core::kVersion) +
                              "\nAccept: application/json\nContent-Length: 2\n\n{}");
}

TEST_F(HttpClient, SendsTheBodyOfADeleteWithItsLength) {
  Server server("127.0.0.1:0", echo());
  server.start();
  const auto answer = transport_.send({"DELETE", server.url() + "/x", {}, "{\"a\":1}", 10s});
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->body.find("Content-Length: 7\n"), std::string::npos);
  EXPECT_NE(answer->body.find("\n\n{\"a\":1}"), std::string::npos);
}

TEST_F(HttpClient, SaysTheLengthOfAnEmptyBodyWhereOneIsExpected) {
  Server server("127.0.0.1:0", echo());
  server.start();
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    const auto answer = transport_.send({method, server.url(), {}, "", 10s});
    ASSERT_TRUE(answer);
    EXPECT_NE(answer->body.find("Content-Length: 0\n"), std::string::npos);
  }
}

TEST_F(HttpClient, UsesOneConnectionForManyCallsInARow) {
  Server server("127.0.0.1:0", echo());
  server.start();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(transport_.send(get(server.url() + "/x")));
  EXPECT_EQ(transport_.opened(), 1U);
}

TEST_F(HttpClient, LeavesAConnectionThatWasIdleForTooLong) {
  Server server("127.0.0.1:0", echo());
  server.start();
  test::ManualClock clock;
  PooledTransport transport(clock);
  ASSERT_TRUE(transport.send(get(server.url())));
  clock.advance(20s);
  ASSERT_TRUE(transport.send(get(server.url())));
  EXPECT_EQ(transport.opened(), 1U);
  clock.advance(21s);
  ASSERT_TRUE(transport.send(get(server.url())));
  EXPECT_EQ(transport.opened(), 2U);
}

TEST_F(HttpClient, NoticesThatAnIdleConnectionWasClosedByTheServer) {
  ServerLimits limits;
  limits.idle = 300ms;
  Server server("127.0.0.1:0", echo(), limits);
  server.start();
  ASSERT_TRUE(transport_.send(get(server.url())));
  RawSocket later(server.port());
  EXPECT_TRUE(later.at_end());  // so ours, which is idle for longer, is closed too
  ASSERT_TRUE(transport_.send(get(server.url())));
  EXPECT_EQ(transport_.opened(), 2U);
}

TEST_F(HttpClient, DoesNotReuseAConnectionTheServerWantsClosed) {
  Server server("127.0.0.1:0", [](Request, Responder responder) {
    Response response;
    response.close = true;
    responder.send(response);
  });
  server.start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(transport_.send(get(server.url())));
  EXPECT_EQ(transport_.opened(), 3U);
}

TEST_F(HttpClient, FollowsNoRedirect) {
  std::atomic<int> calls{0};
  Server server("127.0.0.1:0", [&](Request, Responder responder) {
    ++calls;
    responder.send({302, {{"Location", "/elsewhere"}}, ""});
  });
  server.start();
  const auto answer = transport_.send(get(server.url()));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(calls, 1);
}

TEST_F(HttpClient, ReadsAnswersOfEveryFraming) {
  ScriptedPeer peer({
      says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
      says("HTTP/1.0 200 OK\r\n\r\nuntil the end"),
      says("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
      says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
      says("HTTP/1.1 204 No Content\r\n\r\n"),
      says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more"),
  });
  for (const char* body : {"hi", "until the end", "hi", "hi", "", "hi"}) {
    PooledTransport transport(clock_);
    const auto answer = transport.send(get(peer.url()));
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_EQ(answer->body, body);
  }
}

TEST_F(HttpClient, KnowsThatARefusedConnectionReachedNobody) {
  RawListener listener;
  const std::string url = listener.url();
  listener.close();
  const auto answer = transport_.send(get(url));
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().reached_server);
  EXPECT_EQ(answer.error().reason, "connection refused");
}

TEST_F(HttpClient, KnowsThatAnUnknownNameReachedNobody) {
  const auto answer = transport_.send(get("http://no-such-name.invalid/"));
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().reached_server);
}

TEST_F(HttpClient, SendsNothingThatIsNoRequest) {
  RawListener listener;
  HttpRequest request = get(listener.url());
  request.headers = {{"Authorization", "key\r\nX-Evil: 1"}};
  EXPECT_EQ(transport_.send(request).error().reason,
            "the value of header Authorization has a forbidden character");
  request.headers = {{"Bad Name", "x"}};
  EXPECT_FALSE(transport_.send(request).error().reached_server);
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_FALSE(transport_.send(request).error().reached_server);
  for (const char* url :
       {"", "/relative", "ftp://host/", "http://", "http://:80/", "http://h:0/", "http://h:65536/",
        "http://user:pass@host/", "http://user@host/", "http://host/a b", "http://host/\r\n"}) {
    const auto answer = transport_.send(get(url));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().reason, "not an absolute http or https URL") << url;
    EXPECT_FALSE(answer.error().reached_server);
  }
  EXPECT_EQ(transport_.opened(), 0U);
}

struct Broken {
  const char* answer;
  const char* reason;
};

TEST_F(HttpClient, TellsBrokenAnswersFromWholeOnes) {
  const std::vector<Broken> cases = {
      {"", "closed without an answer"},
      {"HTTP/1.1 200 OK\r\n", "answer cut off"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", "answer cut off"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123", "answer cut off"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", "answer cut off"},
      {"nonsense\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 abc\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 099 OK\r\n\r\n", "malformed answer"},
      {"HTTP/3.0 200 OK\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 101 Switching\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n12", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", "answer larger than 67108864 bytes"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n",
       "answer larger than 67108864 bytes"},
  };
  std::vector<ScriptedPeer::Act> acts;
  for (const Broken& broken : cases) acts.push_back(says(broken.answer));
  ScriptedPeer peer(std::move(acts));
  for (const Broken& broken : cases) {
    const auto answer = transport_.send(get(peer.url()));
    ASSERT_FALSE(answer) << broken.answer;
    EXPECT_TRUE(answer.error().reached_server) << broken.answer;
    EXPECT_EQ(answer.error().reason, broken.reason) << broken.answer;
  }
}

TEST_F(HttpClient, WhatItGaveUpIsNotDeliveredLater) {
  std::promise<void> given_up;
  std::promise<int> end;
  ScriptedPeer peer({[&](RawSocket& socket) {
    given_up.get_future().wait();
    std::array<char, 65536> buffer;
    ssize_t got = 0;
    do {
      got = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
    } while (got > 0);
    end.set_value(got < 0 ? errno : 0);
  }});
  // More than the socket buffers hold: the rest is with the kernel or not written at all.
  const auto answer =
      transport_.send({"POST", peer.url(), {}, std::string(16 * 1024 * 1024, 'x'), 200ms});
  given_up.set_value();
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().timed_out);
  EXPECT_TRUE(answer.error().reached_server);
  EXPECT_EQ(end.get_future().get(), ECONNRESET);
}

TEST_F(HttpClient, GivesUpOnAnAnswerThatNeverComes) {
  Server server("127.0.0.1:0", [](Request, Responder responder) { responder.send_after(1h, {}); });
  server.start();
  const auto answer = transport_.send(get(server.url(), 100ms));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().reached_server);
  EXPECT_EQ(answer.error().reason, "timed out after 100 ms");
  server.stop(0ms);
}

TEST_F(HttpClient, GivesUpOnAnAnswerThatDripsInHoweverSteadily) {
  for (const char* head :
       {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n"}) {
    ScriptedPeer peer({[head](RawSocket& socket) {
      socket.read_until("\r\n\r\n");
      socket.write(head);
      while (socket.write("x")) std::this_thread::yield();
    }});
    // Time passes with each look at the clock, however fast the bytes come.
    class RunningClock final : public core::Clock {
     public:
      core::WallTime wall_now() const override { return {}; }
      core::SteadyTime steady_now() const override { return core::SteadyTime(1ms * ++looks_); }
      bool sleep_until(core::SteadyTime, std::stop_token) override { return true; }

     private:
      mutable std::atomic<int> looks_{0};
    } clock;
    PooledTransport transport(clock);
    const auto answer = transport.send(get(peer.url(), 100ms));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, "timed out after 100 ms");
  }
}

TEST_F(HttpClient, ReadsAnAnswerThatComesBeforeTheRequestWasRead) {
  ServerLimits limits;
  limits.body_bytes = 1000;
  Server server("127.0.0.1:0", echo(), limits);
  server.start();
  const auto answer = transport_.send({"POST", server.url(), {}, std::string(5'000'000, 'x'), 10s});
  ASSERT_TRUE(answer) << answer.error().reason;
  EXPECT_EQ(answer->status, 413);
  ASSERT_TRUE(transport_.send(get(server.url())));
  EXPECT_EQ(transport_.opened(), 2U);
}

TEST_F(HttpClient, ReadsTheRefusalOfAServerThatIsFull) {
  ServerLimits limits;
  limits.connections = 1;
  std::promise<Responder> parked;
  Server server(
      "127.0.0.1:0", [&](Request, Responder responder) { parked.set_value(std::move(responder)); },
      limits);
  server.start();
  RawSocket busy(server.port());
  busy.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const Responder responder = parked.get_future().get();
  const auto answer = transport_.send(get(server.url()));
  ASSERT_TRUE(answer) << answer.error().reason;
  EXPECT_EQ(answer->status, 503);
  responder.send({});
}

TEST_F(HttpClient, ReportsAConnectionCutDuringAReusedCallAsReached) {
  ScriptedPeer peer({[](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    socket.read_until("\r\n\r\n");
  }});
  ASSERT_TRUE(transport_.send(get(peer.url())));
  const auto answer = transport_.send(get(peer.url()));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().reached_server);
  EXPECT_EQ(transport_.opened(), 1U);
}

TEST_F(HttpClient, TheVersionItNamesIsThatOfTheBuild) {
  const std::string build = test::read_file(test::source_dir() / "CMakeLists.txt");
  EXPECT_NE(build.find("VERSION " + std::string(core::kVersion) + " "), std::string::npos);
}

TEST(HttpClientConcurrency, OpensNoMoreConnectionsThanCallsAreUnderWay) {
  Server server("127.0.0.1:0", [](Request request, Responder responder) {
    responder.send({200, {}, request.target});
  });
  server.start();
  core::SystemClock clock;
  PooledTransport transport(clock);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          const std::string target = "/" + std::to_string(t) + "/" + std::to_string(i);
          const auto answer = transport.send(get(server.url() + target));
          if (!answer || answer->body != target) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(transport.opened(), 6U);
}

}  // namespace
}  // namespace assembly_sync::http

// Slow, idle and too many peers; answers from elsewhere; stopping. Ends are waited for on sockets,
// never by the clock.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include "daemon/http/server.hpp"
#include "tests/unit/daemon/http/raw_socket.hpp"

namespace assembly_sync::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::RawSocket;
using test::status_of;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

void answer_ok(Request request, Responder responder) {
  responder.send({200, {}, request.path});
}

/// Responders that wait for a test to answer them.
class Parked {
 public:
  Handler handler() {
    return [this](Request, Responder responder) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(responder));
      arrived_.notify_all();
    };
  }
  /// The next one, waiting for it.
  Responder take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !waiting_.empty(); });
    Responder first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Responder> waiting_;
};

struct Running {
  explicit Running(Handler handler, ServerLimits limits = {})
      : server("127.0.0.1:0", std::move(handler), limits) {
    server.start();
  }
  RawSocket connect() const { return RawSocket(server.port()); }
  std::string ask(std::string_view bytes) const {
    RawSocket peer = connect();
    peer.write(bytes);
    return peer.read_answer();
  }
  Server server;
};

TEST(HttpServerDeadlines, CutOffAHeadThatDoesNotEnd) {
  ServerLimits limits;
  limits.request_deadline = 150ms;
  const Running running(answer_ok, limits);
  RawSocket peer = running.connect();
  peer.write("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(status_of(peer.read_to_end()), 408);
}

TEST(HttpServerDeadlines, CutOffABodyThatDripsInHoweverSteadily) {
  ServerLimits limits;
  limits.request_deadline = 150ms;
  const Running running(answer_ok, limits);
  RawSocket peer = running.connect();
  peer.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  std::jthread dripping([fd = peer.fd()](std::stop_token stop) {
    while (!stop.stop_requested() && ::send(fd, "x", 1, MSG_NOSIGNAL) == 1) continue;
  });
  EXPECT_EQ(status_of(peer.read_answer()), 408);
}

TEST(HttpServerDeadlines, EndAnIdleConnectionWithoutAWord) {
  ServerLimits limits;
  limits.idle = 300ms;
  const Running running(answer_ok, limits);
  RawSocket silent = running.connect();
  RawSocket used = running.connect();
  used.write(kGet);
  EXPECT_EQ(status_of(used.read_answer()), 200);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(used.at_end());
}

TEST(HttpServerDeadlines, DoNotCountTheHandlersTime) {
  ServerLimits limits;
  limits.request_deadline = 200ms;
  limits.idle = 250ms;
  Parked parked;
  const Running running(parked.handler(), limits);
  RawSocket peer = running.connect();
  peer.write(kGet);
  const Responder responder = parked.take();
  EXPECT_TRUE(running.connect().at_end());  // so the idle time is over
  responder.send({200, {}, "late"});
  EXPECT_EQ(body_of(peer.read_answer()), "late");
}

TEST(HttpServerConnections, ThousandIdleOnesDelayNobody) {
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  const Running running(answer_ok);
  std::vector<RawSocket> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(running.connect());
    if (i % 2 == 0) idle.back().write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12");
  }
  EXPECT_EQ(status_of(running.ask(kGet)), 200);
  EXPECT_GE(running.server.connections(), 1000U);
  idle.front().write("345");
  EXPECT_EQ(status_of(idle.front().read_answer()), 200);
}

TEST(HttpServerConnections, AtTheCapTheLongestIdleOneMakesRoom) {
  ServerLimits limits;
  limits.connections = 2;
  const Running running(answer_ok, limits);
  RawSocket first = running.connect();
  first.write(kGet);
  EXPECT_EQ(status_of(first.read_answer()), 200);
  RawSocket second = running.connect();
  second.write(kGet);
  EXPECT_EQ(status_of(second.read_answer()), 200);
  EXPECT_EQ(status_of(running.ask(kGet)), 200);
  EXPECT_TRUE(first.at_end());
}

TEST(HttpServerConnections, AtTheCapOfBusyOnesANewOneIsToldToComeBack) {
  ServerLimits limits;
  limits.connections = 1;
  Parked parked;
  const Running running(parked.handler(), limits);
  RawSocket busy = running.connect();
  busy.write(kGet);
  const Responder responder = parked.take();
  const std::string refused = running.connect().read_to_end();
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_NE(refused.find("\r\nRetry-After: 1\r\n"), std::string::npos);
  responder.send({200, {}, "done"});
  EXPECT_EQ(body_of(busy.read_answer()), "done");
}

TEST(HttpServerAnswers, AreTakenOnceOnly) {
  const Running running([](Request, Responder responder) {
    responder.send({200, {}, "first"});
    responder.send({500, {}, "second"});
    responder.abort("third");
  });
  RawSocket peer = running.connect();
  for (int i = 0; i < 2; ++i) {
    peer.write(kGet);
    EXPECT_EQ(body_of(peer.read_answer()), "first");
  }
}

TEST(HttpServerAnswers, AreAnErrorWhenTheHandlerForgetsOrThrows) {
  const Running running([](Request request, Responder) {
    if (request.path == "/throw") throw std::runtime_error("private detail");
    if (request.path == "/odd") throw 42;
  });
  for (const char* path : {"/forget", "/throw", "/odd"}) {
    const std::string answer = running.ask(get(path));
    EXPECT_EQ(status_of(answer), 500) << path;
    EXPECT_EQ(answer.find("private"), std::string::npos);
  }
}

TEST(HttpServerAnswers, WithAnImpossibleStatusAreAnError) {
  const Running running([](Request, Responder responder) { responder.send({0, {}, "x"}); });
  EXPECT_EQ(status_of(running.ask(kGet)), 500);
}

TEST(HttpServerAnswers, CanNotSmuggleAHeader) {
  const Running running([](Request, Responder responder) {
    responder.send(
        {200, {{"X-Note", "a\r\nX-Evil: 1"}, {"Bad Name", "x"}, {"Connection", "x"}}, ""});
  });
  const std::string answer = running.ask(kGet);
  EXPECT_NE(answer.find("\r\nX-Note: a  X-Evil: 1\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Bad Name"), std::string::npos);
  EXPECT_EQ(answer.find("Connection: x"), std::string::npos);
}

TEST(HttpServerAnswers, HaveNoBodyWhereTheStatusForbidsIt) {
  const Running running([](Request, Responder responder) { responder.send({204, {}, "body"}); });
  RawSocket peer = running.connect();
  peer.write(std::string("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const std::string answer = peer.read_to_end();
  EXPECT_EQ(body_of(answer), "");
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
}

TEST(HttpServerAnswers, LargerThanAnySocketBufferArriveWhole) {
  std::string large(20'000'000, 'a');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i % 26);
  const Running running([&](Request, Responder responder) { responder.send({200, {}, large}); });
  RawSocket peer = running.connect();
  for (int i = 0; i < 2; ++i) {
    peer.write(kGet);
    EXPECT_TRUE(body_of(peer.read_answer()) == large);
  }
}

TEST(HttpServerAnswers, AbortWritesWhatIsGivenAndCloses) {
  const Running running([](Request request, Responder responder) {
    responder.abort(request.path == "/partial" ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"
                                               : "");
  });
  RawSocket partial = running.connect();
  partial.write(get("/partial"));
  EXPECT_EQ(body_of(partial.read_to_end()), "123");
  RawSocket nothing = running.connect();
  nothing.write(get("/nothing"));
  EXPECT_EQ(nothing.read_to_end(), "");
}

TEST(HttpServerAnswers, SentAfterAPauseComeInTheOrderOfTheirTimes) {
  std::map<std::string, Responder> responders;  // used on the server's thread only
  const Running running([&](Request request, Responder responder) {
    responders.emplace(request.path, std::move(responder));
    if (responders.size() < 3) return;
    responders.at("/slow").send_after(60ms, {200, {}, "slow"});
    responders.at("/middle").send_after(30ms, {200, {}, "middle"});
    responders.at("/fast").send({200, {}, "fast"});
  });
  std::vector<RawSocket> peers;
  std::vector<pollfd> sockets;
  for (const char* path : {"/slow", "/middle", "/fast"}) {
    peers.push_back(running.connect());
    peers.back().write(get(path));
    sockets.push_back({peers.back().fd(), POLLIN, 0});
  }
  // poll() looks at the slow one first: if its answer is there, the others' must be there as well.
  while (sockets[0].revents == 0) {
    ASSERT_GT(::poll(sockets.data(), sockets.size(), -1), 0);
    EXPECT_LE(sockets[0].revents, sockets[1].revents);
    EXPECT_LE(sockets[1].revents, sockets[2].revents);
  }
  EXPECT_EQ(body_of(peers[0].read_answer()), "slow");
  EXPECT_EQ(body_of(peers[1].read_answer()), "middle");
  EXPECT_EQ(body_of(peers[2].read_answer()), "fast");
}

TEST(HttpServerStop, LetsRequestsUnderWayFinish) {
  Parked parked;
  Running running(parked.handler());
  RawSocket idle = running.connect();
  RawSocket handled = running.connect();
  handled.write(kGet);
  const Responder responder = parked.take();
  auto stopped = std::async(std::launch::async, [&] { running.server.stop(60s); });
  EXPECT_TRUE(idle.at_end());  // so the stop has begun
  responder.send({200, {}, "finished"});
  const std::string answer = handled.read_to_end();
  EXPECT_EQ(body_of(answer), "finished");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  stopped.get();
  EXPECT_THROW(running.connect(), std::runtime_error);
  EXPECT_EQ(running.server.connections(), 0U);
}

TEST(HttpServerStop, DoesNotWaitLongerThanItsGrace) {
  Parked parked;
  Running running(parked.handler());
  RawSocket handled = running.connect();
  handled.write(kGet);
  const Responder responder = parked.take();
  running.server.stop(10ms);
  EXPECT_EQ(handled.read_to_end(), "");
  responder.send({200, {}, "nobody listens"});
  running.server.stop();
}

TEST(HttpServerStop, MayPrecedeTheStartAndTheEndOfResponders) {
  std::vector<Responder> kept;
  {
    Server never_started("127.0.0.1:0", answer_ok);
    EXPECT_NE(never_started.port(), 0);
  }
  {
    std::promise<void> arrived;
    Running running([&](Request, Responder responder) {
      kept.push_back(std::move(responder));
      arrived.set_value();
    });
    RawSocket peer = running.connect();
    peer.write(kGet);
    arrived.get_future().wait();
    running.server.stop(0ms);
  }
  kept.clear();
}

TEST(HttpServerAddress, IsNamedWhenItCanNotBeBound) {
  const Running running(answer_ok);
  const std::string taken = "127.0.0.1:" + std::to_string(running.server.port());
  EXPECT_EQ(running.server.url(), "http://" + taken);
  try {
    Server second(taken, answer_ok);
    FAIL() << "bound twice";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(taken), std::string::npos);
  }
  EXPECT_THROW(Server("no address", answer_ok), std::runtime_error);
}

TEST(HttpServerConcurrency, AnswersFromManyThreadsReachTheRightPeers) {
  Parked parked;
  Running running([&](Request request, Responder responder) {
    parked.handler()(request, std::move(responder));
  });
  constexpr int kPeers = 8;
  constexpr int kRequests = 200;
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kPeers * kRequests / 3; ++n) parked.take().send({200, {}, "x"});
      });
    }
    threads.emplace_back([&] {
      for (int n = 0; n < kPeers * kRequests % 3; ++n)
        parked.take().send_after(1ms, {200, {}, "x"});
    });
    for (int i = 0; i < kPeers; ++i) {
      threads.emplace_back([&] {
        RawSocket peer = running.connect();
        for (int n = 0; n < kRequests; ++n) {
          peer.write(kGet);
          if (body_of(peer.read_answer()) == "x") ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, kPeers * kRequests);
}

TEST(HttpServerConcurrency, StoppingAmidTrafficEndsEveryConnection) {
  for (int round = 0; round < 20; ++round) {
    Parked parked;
    auto running = std::make_unique<Running>(parked.handler());
    const std::uint16_t port = running->server.port();
    std::atomic<bool> done{false};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        try {
          while (!done) {
            RawSocket peer(port);
            peer.write(kGet);
            if (peer.read_answer().empty()) break;
          }
        } catch (const std::runtime_error&) {
          // Refused: stopped.
        }
      });
    }
    for (int i = 0; i < 4; ++i) parked.take().send({200, {}, "x"});
    const Responder last = parked.take();
    running->server.stop(0ms);
    done = true;
    threads.clear();
    running.reset();
    last.send({200, {}, "too late"});
  }
}

}  // namespace
}  // namespace assembly_sync::http

#include "tests/bench/jitter_proxy.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "core/random.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::bench {
namespace {

constexpr int kWorkers = 24;  // more than the daemon has calls under way

/// Headers that belong to one connection, not to the request.
bool is_of_the_connection(const std::string& name) {
  constexpr std::array<std::string_view, 4> kNames = {"Host", "Content-Length", "Connection",
                                                      "Transfer-Encoding"};
  const core::HttpHeader header{name, ""};
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view known) {
    return core::find_header({header}, known).has_value();
  });
}

}  // namespace

class JitterProxy::Impl {
 public:
  Impl(std::string target, std::chrono::milliseconds range, core::Clock& clock)
      : target_(std::move(target)),
        range_(range),
        clock_(clock),
        random_(core::make_seeded_random(1)),
        transport_(clock),
        server_("127.0.0.1:0", [this](http::Request request, const http::Responder& responder) {
          enqueue(std::move(request), responder);
        }) {
    for (int i = 0; i < kWorkers; ++i) {
      workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
    server_.start();
  }
  ~Impl() {
    transport_.shut_down();
    server_.stop(std::chrono::milliseconds{0});
  }
  std::string url() const { return server_.url(); }

 private:
  struct Job {
    http::Request request;
    http::Responder responder;
    core::SteadyTime due;  // at the target
  };

  std::chrono::nanoseconds one_way() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(range_ * random_->unit());
  }

  void enqueue(http::Request request, const http::Responder& responder) {
    const auto due = clock_.steady_now() + one_way();
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(request), responder, due});
    }
    some_.notify_one();
  }

  void work(const std::stop_token& stop) {
    while (true) {
      std::optional<Job> job;
      {
        std::unique_lock lock(mutex_);
        some_.wait(lock, stop, [&] { return !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      if (!clock_.sleep_until(job->due, stop)) return;
      forward(*job);
    }
  }

  void forward(Job& job) {
    core::HttpRequest request;
    request.method = job.request.method;
    request.url = target_ + job.request.target;
    request.body = std::move(job.request.body);
    for (core::HttpHeader& header : job.request.headers) {
      if (!is_of_the_connection(header.name)) request.headers.push_back(std::move(header));
    }
    const auto answer = transport_.send(request);
    if (!answer) return job.responder.abort();
    http::Response response;
    response.status = answer->status;
    response.body = answer->body;
    for (const core::HttpHeader& header : answer->headers) {
      if (!is_of_the_connection(header.name) && header.name != "Date") {
        response.headers.push_back(header);
      }
    }
    job.responder.send_after(std::chrono::duration_cast<std::chrono::milliseconds>(one_way()),
                             std::move(response));
  }

  const std::string target_;
  const std::chrono::milliseconds range_;
  core::Clock& clock_;
  const std::unique_ptr<core::Random> random_;
  http::PooledTransport transport_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::deque<Job> jobs_;  // guarded by mutex_
  std::vector<std::jthread> workers_;
  http::Server server_;  // last: ends before what its handler uses
};

JitterProxy::JitterProxy(std::string target_url, std::chrono::milliseconds range,
                         core::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(target_url), range, clock)) {}
JitterProxy::~JitterProxy() = default;
std::string JitterProxy::url() const {
  return impl_->url();
}

}  // namespace assembly_sync::bench

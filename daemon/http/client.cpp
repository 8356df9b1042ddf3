#include "daemon/http/client.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include <Poco/Net/Context.h>
#include <Poco/Net/SSLManager.h>
#include <sys/eventfd.h>

#include "core/limits.hpp"
#include "daemon/http/client_connection.hpp"
#include "daemon/http/client_request.hpp"
#include "daemon/http/fd.hpp"
#include "daemon/http/response_parser.hpp"

namespace assembly_sync::http {
namespace {

using namespace std::chrono_literals;

using Answer = tl::expected<core::HttpResponse, core::HttpFailure>;

constexpr auto kIdle = 20s;  // servers close after 30 s or more; so ours is never the later one
constexpr std::size_t kReadBytes = 16 * 1024;

tl::unexpected<core::HttpFailure> failure(bool reached_server, std::string reason) {
  return tl::unexpected(core::HttpFailure{reached_server, std::move(reason), false});
}
tl::unexpected<core::HttpFailure> time_out(bool reached_server, std::chrono::milliseconds timeout) {
  return tl::unexpected(core::HttpFailure{reached_server, timed_out_after(timeout), true});
}

/// OpenSSL writes to sockets without MSG_NOSIGNAL, so a peer that hangs up would end the process.
void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

class PooledTransport::Impl {
 public:
  explicit Impl(core::Clock& clock) : clock_(clock) { ignore_broken_pipes(); }

  Answer send(const core::HttpRequest& request);
  std::uint64_t opened() const { return opened_; }
  void shut_down() {
    stopping_ = true;
    eventfd_write(cut_off_.get(), 1);
  }

 private:
  struct Idle {
    std::unique_ptr<ClientConnection> connection;
    core::SteadyTime since;
  };

  std::unique_ptr<ClientConnection> take(const Origin& origin);
  void give_back(const Origin& origin, std::unique_ptr<ClientConnection> connection);
  /// Nothing when it is certain that not a byte of the request left: then it may be sent anew.
  std::optional<Answer> exchange(std::unique_ptr<ClientConnection> connection, bool reused,
                                 const WireRequest& request, const Deadline& deadline);
  Answer read_answer(std::unique_ptr<ClientConnection> connection, const WireRequest& request,
                     bool all_sent, const Deadline& deadline);

  core::Clock& clock_;
  const TlsTrust trust_;
  const Fd cut_off_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable once stopping
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> opened_{0};

  std::mutex mutex_;
  std::map<Origin, std::deque<Idle>> idle_;  // guarded by mutex_; the longest idle one first
};

Answer PooledTransport::Impl::send(const core::HttpRequest& request) {
  const auto wire = make_wire_request(request);
  if (!wire) return failure(false, wire.error().message);
  if (stopping_) return failure(false, "stopping");
  const Deadline deadline(clock_, request.timeout, cut_off_.get());
  if (auto pooled = take(wire->origin)) {
    if (auto answer = exchange(std::move(pooled), true, *wire, deadline)) return std::move(*answer);
  }
  auto fresh = ClientConnection::open(wire->origin, trust_, deadline);
  if (!fresh) return failure(false, fresh.error());
  ++opened_;
  if (auto answer = exchange(std::move(*fresh), false, *wire, deadline)) return std::move(*answer);
  return failure(false, "closed before the request was sent");
}

std::unique_ptr<ClientConnection> PooledTransport::Impl::take(const Origin& origin) {
  const core::SteadyTime oldest = clock_.steady_now() - kIdle;
  std::deque<Idle> dropped;  // closed after the lock is gone
  const std::lock_guard lock(mutex_);
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return nullptr;
  std::deque<Idle>& pool = found->second;
  while (!pool.empty()) {
    Idle last = std::move(pool.back());  // the latest used is the likeliest to be open still
    pool.pop_back();
    if (last.since >= oldest && !last.connection->stale()) return std::move(last.connection);
    dropped.push_back(std::move(last));
  }
  return nullptr;
}

void PooledTransport::Impl::give_back(const Origin& origin,
                                      std::unique_ptr<ClientConnection> connection) {
  const core::SteadyTime now = clock_.steady_now();
  std::deque<Idle> dropped;  // closed after the lock is gone
  const std::lock_guard lock(mutex_);
  std::deque<Idle>& pool = idle_[origin];
  while (!pool.empty() && pool.front().since < now - kIdle) {
    dropped.push_back(std::move(pool.front()));
    pool.pop_front();
  }
  pool.push_back({std::move(connection), now});
}

std::optional<Answer> PooledTransport::Impl::exchange(std::unique_ptr<ClientConnection> connection,
                                                      bool reused, const WireRequest& request,
                                                      const Deadline& deadline) {
  std::string_view rest = request.bytes;
  ClientConnection::Progress progress;
  do {
    progress = connection->write(rest, deadline);
    rest.remove_prefix(progress.bytes);
  } while (!rest.empty() && progress.bytes > 0);
  // A TLS write that failed may have left bytes on the wire.
  const bool untouched = rest.size() == request.bytes.size() && !connection->tls();
  if (progress.io == ClientConnection::Io::timed_out) {
    return time_out(!untouched, request.timeout);
  }
  // What an idle connection says before it is asked (408, end) answers no request of ours; what a
  // fresh one says (503: too many connections) does.
  if (untouched && (reused || progress.io != ClientConnection::Io::ok)) return std::nullopt;
  Answer answer = read_answer(std::move(connection), request, rest.empty(), deadline);
  if (!answer && untouched) return std::nullopt;
  return answer;
}

Answer PooledTransport::Impl::read_answer(std::unique_ptr<ClientConnection> connection,
                                          const WireRequest& request, bool all_sent,
                                          const Deadline& deadline) {
  ResponseParser parser(request.head, core::limits::kHttpResponseBytes);
  std::array<char, kReadBytes> buffer;
  while (true) {
    const auto [io, bytes] = connection->read(buffer.data(), buffer.size(), deadline);
    if (io == ClientConnection::Io::timed_out) {
      return time_out(true, request.timeout);
    }
    if (io == ClientConnection::Io::closed && parser.ended()) return std::move(parser.response());
    if (io != ClientConnection::Io::ok && parser.begun()) return failure(true, "answer cut off");
    if (io == ClientConnection::Io::closed) return failure(true, "closed without an answer");
    if (io == ClientConnection::Io::broken) return failure(true, "connection reset");
    switch (parser.feed({buffer.data(), bytes})) {
      case ResponseParser::Step::more:
        break;
      case ResponseParser::Step::malformed:
        return failure(true, "malformed answer");
      case ResponseParser::Step::too_large:
        return failure(true, "answer larger than " +
                                 std::to_string(core::limits::kHttpResponseBytes) + " bytes");
      case ResponseParser::Step::complete:
        if (all_sent && parser.reusable()) give_back(request.origin, std::move(connection));
        return std::move(parser.response());
    }
    if (deadline.left().count() == 0) return time_out(true, request.timeout);
  }
}

PooledTransport::PooledTransport(core::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}

PooledTransport::~PooledTransport() = default;

tl::expected<core::HttpResponse, core::HttpFailure> PooledTransport::send(
    const core::HttpRequest& request) {
  return impl_->send(request);
}

void PooledTransport::shut_down() {
  impl_->shut_down();
}

std::uint64_t PooledTransport::opened() const {
  return impl_->opened();
}

}  // namespace assembly_sync::http

#include "daemon/http/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <Poco/Net/SocketAddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/clock.hpp"
#include "daemon/http/response.hpp"

namespace assembly_sync::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr std::size_t kKeptBufferBytes = 16 * 1024;  // per connection between two requests
constexpr std::size_t kRefusalHeadroom = 64;         // connections over the cap, to say 503 to
constexpr int kAcceptsPerTurn = 64;
constexpr auto kLinger = 1s;
constexpr auto kAcceptPause = 100ms;
constexpr std::uint64_t kListenerTag = ~std::uint64_t{0};
constexpr std::uint64_t kMailboxTag = kListenerTag - 1;

std::uint64_t tag_of(ConnectionId id) {
  return (std::uint64_t{id.generation} << 32) | std::uint64_t{id.slot};
}

ConnectionId id_of(std::uint64_t tag) {
  return {static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32)};
}

void shrink(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptBufferBytes) buffer.shrink_to_fit();
}

}  // namespace

EventLoop::EventLoop(int listener, Handler handler, ServerLimits limits)
    : listener_(listener),
      handler_(std::move(handler)),
      limits_(limits),
      mailbox_(std::make_shared<Mailbox>()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      idle_(limits.idle),
      reading_(limits.request_deadline),
      writing_(limits.idle),
      lingering_(kLinger),
      scratch_(kScratchBytes),
      now_(Steady::now()) {
  if (!epoll_.open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (!watch(listener_, EPOLLIN, kListenerTag) ||
      !watch(mailbox_->event_fd(), EPOLLIN | EPOLLET, kMailboxTag)) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

EventLoop::~EventLoop() {
  mailbox_->close();
}

bool EventLoop::watch(int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::run() {
  mailbox_->adopt();
  refresh_time();
  while (!finished()) turn();
  mailbox_->close();
  for (const auto& connection : slots_) {
    if (connection->fd.open()) close(*connection);
  }
}

void EventLoop::turn() {
  take_answers();
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
  refresh_time();
  if (stop_requested_ && !stopping_) begin_stop();
  std::vector<ConnectionId> ready;
  ready.swap(ready_);
  for (const ConnectionId id : ready) {
    Connection* const connection = find(id);
    if (connection == nullptr) continue;
    connection->read_queued = false;
    read_some(*connection);
  }
  for (int i = 0; i < count; ++i) on_events(events[static_cast<std::size_t>(i)]);
  sweep_deadlines();
}

int EventLoop::wait_ms() const {
  if (!ready_.empty() || (stop_requested_ && !stopping_)) return 0;
  auto next = Steady::time_point::max();
  for (const TimeoutQueue* queue : {&idle_, &reading_, &writing_, &lingering_}) {
    if (const Connection* first = queue->front()) next = std::min(next, first->deadline);
  }
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  if (stopping_) next = std::min(next, stop_deadline_);
  if (!listening_ && !stopping_) next = std::min(next, accept_again_);
  if (next == Steady::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now_).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void EventLoop::refresh_time() {
  now_ = Steady::now();
  if (now_ < date_until_) return;
  date_ = http_date(core::SystemClock().wall_now());
  date_until_ = now_ + 500ms;
}

void EventLoop::on_events(const epoll_event& event) {
  if (event.data.u64 == kMailboxTag) return;  // its answers are taken in each turn
  if (event.data.u64 == kListenerTag) return accept_some();
  Connection* const connection = find(id_of(event.data.u64));
  if (connection == nullptr) return;
  if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) return close(*connection);
  if ((event.events & EPOLLRDHUP) != 0) connection->peer_ended = true;
  if ((event.events & (EPOLLIN | EPOLLRDHUP)) != 0) connection->readable = true;
  if (connection->state == State::writing) {
    if ((event.events & EPOLLOUT) != 0) flush(*connection);
  } else if (connection->readable && connection->state != State::handling) {
    read_some(*connection);
  }
}

void EventLoop::sweep_deadlines() {
  const auto due = [this](const TimeoutQueue& queue) -> Connection* {
    Connection* const first = queue.front();
    return first != nullptr && first->deadline <= now_ ? first : nullptr;
  };
  while (Connection* connection = due(reading_)) respond(*connection, refusal(408));
  for (TimeoutQueue* queue : {&idle_, &writing_, &lingering_}) {
    while (Connection* connection = due(*queue)) close(*connection);
  }
  while (!delayed_.empty() && delayed_.begin()->first <= now_) {
    Answer answer = std::move(delayed_.begin()->second);
    delayed_.erase(delayed_.begin());
    answer.delay = {};
    apply(std::move(answer));
  }
  if (!listening_ && !stopping_ && accept_again_ <= now_) {
    listening_ = watch(listener_, EPOLLIN, kListenerTag);
    if (!listening_) accept_again_ = now_ + kAcceptPause;
  }
}

void EventLoop::request_stop(std::chrono::milliseconds grace) {
  grace_ms_ = grace.count();
  stop_requested_ = true;
  mailbox_->wake();
}

void EventLoop::begin_stop() {
  stopping_ = true;
  stop_deadline_ = now_ + std::chrono::milliseconds(grace_ms_);
  if (listening_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_, nullptr);
  listening_ = false;
  while (Connection* connection = idle_.front()) close(*connection);
}

bool EventLoop::finished() const {
  return stopping_ && (busy_ == 0 || stop_deadline_ <= now_);
}

void EventLoop::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    Fd fd(::accept4(listener_, generic, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.open()) {
      admit(std::move(fd), Poco::Net::SocketAddress(generic, size).toString());
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause_accepting();
    }
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

void EventLoop::pause_accepting() {
  // The listener stays readable: without a pause this thread would spin until a descriptor is free.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_, nullptr);
  listening_ = false;
  accept_again_ = now_ + kAcceptPause;
  make_room();
}

void EventLoop::admit(Fd fd, std::string peer) {
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connections() >= limits_.connections) make_room();
  if (connections() >= limits_.connections + kRefusalHeadroom) return;
  const bool refused = connections() >= limits_.connections;
  Connection* const connection = new_connection(std::move(fd), std::move(peer));
  if (connection == nullptr || !refused) return;
  Response response = refusal(503);
  response.headers.push_back({"Retry-After", "1"});
  respond(*connection, std::move(response));
}

void EventLoop::make_room() {
  Connection* const oldest = lingering_.front() != nullptr ? lingering_.front() : idle_.front();
  if (oldest != nullptr) close(*oldest);
}

Connection* EventLoop::new_connection(Fd fd, std::string peer) {
  if (free_slots_.empty()) {
    const auto slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::make_unique<Connection>(limits_, slot));
    free_slots_.push_back(slot);
  }
  Connection& connection = *slots_[free_slots_.back()];
  constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  if (!watch(fd.get(), kEvents, tag_of(connection.id))) return nullptr;
  free_slots_.pop_back();
  connections_.fetch_add(1, std::memory_order_relaxed);
  connection.fd = std::move(fd);
  connection.peer = std::move(peer);
  set_state(connection, State::idle);
  return &connection;
}

Connection* EventLoop::find(ConnectionId id) {
  if (id.slot >= slots_.size()) return nullptr;
  Connection& connection = *slots_[id.slot];
  return connection.id.generation == id.generation && connection.fd.open() ? &connection : nullptr;
}

void EventLoop::set_state(Connection& connection, State state) {
  const auto is_busy = [](State s) { return s != State::idle && s != State::lingering; };
  busy_ += is_busy(state) ? 1 : 0;
  busy_ -= is_busy(connection.state) ? 1 : 0;
  connection.state = state;
  switch (state) {
    case State::idle:
      return idle_.join(connection, now_);
    case State::reading:
      return reading_.join(connection, now_);
    case State::writing:
      return writing_.join(connection, now_);
    case State::lingering:
      return lingering_.join(connection, now_);
    case State::handling:
      return TimeoutQueue::leave(connection);
  }
}

void EventLoop::close(Connection& connection) {
  set_state(connection, State::idle);
  TimeoutQueue::leave(connection);
  connection.fd.reset();  // leaves epoll with it
  ++connection.id.generation;
  connection.parser.reset();
  for (std::string* buffer : {&connection.unparsed, &connection.head, &connection.body}) {
    shrink(*buffer);
  }
  connection.sent = connection.discarded = 0;
  connection.readable = connection.read_queued = connection.peer_ended = false;
  connections_.fetch_sub(1, std::memory_order_relaxed);
  free_slots_.push_back(connection.id.slot);
}

}  // namespace assembly_sync::http

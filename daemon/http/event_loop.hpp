// The server's thread: waits on all sockets at once (epoll, edge-triggered), moves each connection
// through its states and hands complete requests to the handler. Everything here runs on that one
// thread, but request_stop() and connections(), which any thread may call.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/http/connection.hpp"
#include "daemon/http/mailbox.hpp"
#include "daemon/http/server.hpp"

struct epoll_event;

namespace assembly_sync::http {

class EventLoop {
 public:
  /// `listener` listens and does not block.
  EventLoop(int listener, Handler handler, ServerLimits limits);
  ~EventLoop();

  /// Until stopped; closes all connections.
  void run();
  void request_stop(std::chrono::milliseconds grace);
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

 private:
  using State = Connection::State;

  // Waiting (event_loop.cpp)
  bool watch(int fd, std::uint32_t events, std::uint64_t tag);
  void turn();
  int wait_ms() const;
  void on_events(const epoll_event& event);
  void sweep_deadlines();
  void begin_stop();
  bool finished() const;
  void refresh_time();

  // Connections (event_loop.cpp)
  void accept_some();
  void pause_accepting();
  void admit(Fd fd, std::string peer);
  void make_room();
  Connection* new_connection(Fd fd, std::string peer);
  Connection* find(ConnectionId id);
  void set_state(Connection& connection, State state);
  void close(Connection& connection);

  // Requests and answers (exchange.cpp)
  void read_later(Connection& connection);
  void read_some(Connection& connection);
  void parse(Connection& connection, std::string_view fresh);
  void dispatch(Connection& connection);
  void take_answers();
  void apply(Answer answer);
  void respond(Connection& connection, Response response);
  void flush(Connection& connection);
  void after_answer(Connection& connection);
  void next_request(Connection& connection);
  void send_continue(Connection& connection);

  const int listener_;
  const Handler handler_;
  const ServerLimits limits_;
  const std::shared_ptr<Mailbox> mailbox_;
  const Fd epoll_;

  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::atomic<std::size_t> connections_{0};
  std::size_t busy_ = 0;  // reading, handling or writing

  TimeoutQueue idle_;
  TimeoutQueue reading_;
  TimeoutQueue writing_;
  TimeoutQueue lingering_;
  std::multimap<Steady::time_point, Answer> delayed_;
  std::vector<ConnectionId> ready_;  // have more to read, in the next turn
  std::vector<char> scratch_;        // where every socket is read into

  Steady::time_point now_;
  Steady::time_point date_until_{};
  std::string date_;
  bool listening_ = true;
  Steady::time_point accept_again_{};  // while no descriptor is left to accept with

  std::atomic<bool> stop_requested_{false};
  std::atomic<std::int64_t> grace_ms_{0};
  bool stopping_ = false;
  Steady::time_point stop_deadline_{};
};

}  // namespace assembly_sync::http

// Brings answers from any thread to the server's loop. An answer given on the loop's own thread
// takes no lock; one given elsewhere wakes the loop with a system call only when it sleeps, so a
// batch of answers costs one wake-up. Thread-safe; `take*` and `adopt` for the loop's thread only.
// Lives as long as the last Responder: after close() answers go nowhere.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "daemon/http/fd.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::http {

/// A connection by its place and the number of its tenant, so that an answer that comes too late
/// can't reach the next connection in the same place.
struct ConnectionId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

struct Answer {
  ConnectionId to;
  Response response;
  std::chrono::milliseconds delay{0};
  bool abort = false;  // write response.body raw, then close
};

class Mailbox {
 public:
  Mailbox();

  void post(Answer answer);
  void wake();
  void close();

  /// The calling thread is the loop from now on.
  void adopt();
  /// Moves all answers to `into` (which is empty). With `then_sleep`, when there are none, the next
  /// post() or wake() makes event_fd() readable.
  void take(std::vector<Answer>& into, bool then_sleep);
  /// For edge-triggered epoll: it is never read, each write is a new edge.
  int event_fd() const { return event_fd_.get(); }

 private:
  void ring();

  const Fd event_fd_;
  std::vector<Answer> own_;  // posted by the loop's thread; touched by no other

  std::mutex mutex_;
  // Guarded by mutex_
  std::vector<Answer> queue_;
  bool asleep_ = false;
  bool closed_ = false;
};

struct Responder::State {
  State(std::shared_ptr<Mailbox> box, ConnectionId id) : mailbox(std::move(box)), to(id) {}
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Posts unless an answer was posted before.
  void answer(Response response, std::chrono::milliseconds delay, bool abort);

  const std::shared_ptr<Mailbox> mailbox;
  const ConnectionId to;
  std::atomic<bool> answered{false};
};

}  // namespace assembly_sync::http

// The state of one connection of the server, and the queues that end it when it takes too long. No
// behaviour but bookkeeping; used by the loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>

#include "daemon/http/fd.hpp"
#include "daemon/http/mailbox.hpp"
#include "daemon/http/request_parser.hpp"

namespace assembly_sync::http {

using Steady = std::chrono::steady_clock;

struct Connection;

/// Connections that may stay in one state for the same time: so the first one in is the first one
/// due, and joining, leaving and finding the next one due take constant time without allocating.
class TimeoutQueue {
 public:
  explicit TimeoutQueue(std::chrono::milliseconds patience) : patience_(patience) {}

  /// Puts the connection last, taking it out of the queue that it is in.
  void join(Connection& connection, Steady::time_point now);
  static void leave(Connection& connection);
  /// The one that has been here longest, or nullptr.
  Connection* front() const { return members_.empty() ? nullptr : members_.front(); }

 private:
  const std::chrono::milliseconds patience_;
  std::list<Connection*> members_;
};

struct Connection {
  enum class State : std::uint8_t {
    idle,       // no byte of the next request yet
    reading,    // some bytes of a request
    handling,   // the handler has it; no deadline of ours
    writing,    // an answer waits for room in the socket
    lingering,  // answered and shut down for writing; reads on so that the peer can read the answer
  };

  Connection(const ServerLimits& limits, std::uint32_t slot) : id{slot, 0}, parser(limits) {
    home.push_back(this);
    place = home.begin();
  }

  Fd fd;
  ConnectionId id;
  State state = State::idle;
  std::string peer;
  RequestParser parser;
  std::string unparsed;  // received, not taken by the parser

  // The answer on its way out.
  std::string head;
  std::string body;
  std::size_t sent = 0;  // of both together
  enum class Then : std::uint8_t { next_request, linger, close } then = Then::next_request;
  bool head_only = false;   // the request was a HEAD
  bool keep_alive = false;  // the request allowed another one

  bool readable = false;      // the socket may hold bytes that were not read
  bool read_queued = false;   // reads on in the next turn
  bool peer_ended = false;    // the peer sends no more
  std::size_t discarded = 0;  // while lingering

  // The list node of this connection lives in `home` or is lent to a TimeoutQueue.
  std::list<Connection*> home;
  std::list<Connection*>* queue = &home;
  std::list<Connection*>::iterator place;
  Steady::time_point deadline{};
};

inline void TimeoutQueue::join(Connection& connection, Steady::time_point now) {
  members_.splice(members_.end(), *connection.queue, connection.place);
  connection.queue = &members_;
  connection.deadline = now + patience_;
}

inline void TimeoutQueue::leave(Connection& connection) {
  connection.home.splice(connection.home.end(), *connection.queue, connection.place);
  connection.queue = &connection.home;
}

}  // namespace assembly_sync::http

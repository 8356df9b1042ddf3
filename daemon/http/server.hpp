// A small HTTP/1.1 server for webhooks, the admin port and the local Assembly: one thread waits on
// all sockets (epoll), a request reaches the handler only when it is complete, and an answer may
// come later from any thread. So a slow or idle peer costs a socket, never a thread, and nothing
// delays a good request (T9).
//
// What it refuses by itself, each with the right status and then a close: head or body over the
// limit (431, 413), Content-Length together with chunked, a malformed length or head (400), neither
// of both on a body method (411), a request not complete within the deadline (408), more
// connections than allowed (the longest idle one makes room, else 503).
//
// Thread-safe: Responder may be used from any thread; start/stop from the owner only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.hpp"
#include "core/limits.hpp"

namespace assembly_sync::http {

struct Request {
  std::string method;
  std::string target;                                      // path and query as received
  std::string path;                                        // percent-decoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::vector<core::HttpHeader> headers;
  std::string body;
  std::string peer;  // address:port

  /// The first query parameter of that name, or nullptr.
  const std::string* parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<core::HttpHeader> headers;  // Content-Length, Date and Connection are added
  std::string body;
  bool close = false;  // end the connection after this answer
};

/// JSON answer.
Response json_response(int status, std::string body);

/// Answers one request, once; later calls do nothing. Dropping it unanswered answers 500. Copyable;
/// outliving the server is fine (the answer then goes nowhere).
class Responder {
 public:
  void send(Response response) const;
  /// Sends after a pause, without holding a thread.
  void send_after(std::chrono::milliseconds delay, Response response) const;
  /// Closes the connection without an answer (the sandbox's faults); `partial` bytes are written
  /// raw before.
  void abort(std::string partial = {}) const;

  struct State;
  explicit Responder(std::shared_ptr<State> state);

 private:
  std::shared_ptr<State> state_;
};

struct ServerLimits {
  std::size_t body_bytes = core::limits::kWebhookBodyBytes;
  std::size_t head_bytes = core::limits::kHttpHeadBytes;
  std::size_t headers = core::limits::kHttpHeaderCount;
  std::size_t connections = core::limits::kListenerConnections;
  std::chrono::milliseconds request_deadline = core::limits::kRequestDeadline;
  std::chrono::milliseconds idle = core::limits::kKeepAliveIdle;
};

/// Called on the server's thread: must not block. Exceptions become 500.
using Handler = std::function<void(Request, Responder)>;

class Server {
 public:
  /// Binds at once: `address` is `127.0.0.1:8480`; port 0 lets the system choose. Throws
  /// std::runtime_error naming the address when it can't be bound.
  Server(const std::string& address, Handler handler, ServerLimits limits = {});
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts serving on a thread of its own.
  void start();
  /// Stops accepting, lets requests under way finish for at most `grace`, ends the thread. May be
  /// called twice.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{2000});

  std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`
  std::string url() const;
  std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::http

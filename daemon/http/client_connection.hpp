// One connection of the client, plain or TLS, on a socket that never blocks: every wait has the
// call's deadline, so a peer that sends a byte now and then can't stretch it. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <Poco/Net/Context.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <tl/expected.hpp>

#include "core/clock.hpp"
#include "daemon/http/client_request.hpp"

namespace assembly_sync::http {

/// The end of one call, on the injected clock; or earlier, when `cut_off` (an event descriptor)
/// becomes readable because the program stops.
class Deadline {
 public:
  Deadline(core::Clock& clock, std::chrono::milliseconds span, int cut_off)
      : clock_(&clock), end_(clock.steady_now() + span), cut_off_(cut_off) {}
  /// Never negative.
  std::chrono::milliseconds left() const;
  int cut_off() const { return cut_off_; }

 private:
  core::Clock* clock_;
  core::SteadyTime end_;
  int cut_off_;
};

/// What TLS connections are checked against: the system's certificates, the host's name, TLS 1.2 or
/// newer. Shared by all connections of a client; thread-safe.
class TlsTrust {
 public:
  TlsTrust();
  ~TlsTrust();

 private:
  friend class ClientConnection;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class ClientConnection {
 public:
  enum class Io : std::uint8_t { ok, closed, broken, timed_out };
  struct Progress {
    Io io = Io::ok;
    std::size_t bytes = 0;
  };

  /// Resolves, connects and, for TLS, shakes hands and checks the certificate and its host name.
  /// The error is a short reason without the host; nothing was sent of a request then.
  static tl::expected<std::unique_ptr<ClientConnection>, std::string> open(
      const Origin& origin, const TlsTrust& trust, const Deadline& deadline);
  ~ClientConnection();

  /// Sends at least one byte, unless it breaks. Stops early with 0 bytes and `ok` when an answer is
  /// there before all was sent.
  Progress write(std::string_view bytes, const Deadline& deadline);
  /// Reads at least one byte, unless it ends or breaks.
  Progress read(char* into, std::size_t size, const Deadline& deadline);
  /// Closed like this, by us or by the kernel when we die, it is reset and what was not sent yet is
  /// thrown away. Otherwise the kernel goes on sending for minutes, and a request that was given up
  /// may take effect long after.
  void abandon_on_close(bool yes) const;
  /// Whether the peer has closed it or sent what nobody asked for. Takes no time.
  bool stale() const;
  bool tls() const { return tls_; }

 private:
  struct Socket;
  ClientConnection(std::unique_ptr<Socket> socket, bool tls);
  int fd() const;
  Progress write_tls(std::string_view bytes, const Deadline& deadline);
  Progress read_tls(char* into, std::size_t size, const Deadline& deadline);

  std::unique_ptr<Socket> socket_;
  bool tls_;
};

}  // namespace assembly_sync::http

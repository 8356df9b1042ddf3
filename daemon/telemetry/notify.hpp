// systemd's notification protocol: one datagram to the socket it names. Does nothing when there is
// none. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assembly_sync::telemetry {

class ServiceNotifier {
 public:
  /// `socket` is the value of NOTIFY_SOCKET; empty = not under systemd.
  explicit ServiceNotifier(std::string socket) : socket_(std::move(socket)) {}

  void ready() const { send("READY=1"); }
  /// Until the next ready(); `monotonic_us`: CLOCK_MONOTONIC in microseconds.
  void reloading(std::int64_t monotonic_us) const {
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_us));
  }
  void stopping() const { send("STOPPING=1"); }
  void watchdog() const { send("WATCHDOG=1"); }
  void status(std::string_view text) const { send("STATUS=" + std::string(text)); }

 private:
  void send(const std::string& message) const;
  const std::string socket_;
};

}  // namespace assembly_sync::telemetry

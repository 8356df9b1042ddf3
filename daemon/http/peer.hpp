// A server looked at before it is talked to: whether its name resolves, its port answers, and how
// long its certificate lasts. Trusts nobody: whether the certificate is believed is for the calls
// that follow to say. Never throws for anything the network does. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace assembly_sync::http {

struct Peer {
  bool resolved = false;
  bool connected = false;
  std::string address{};  // that answered
  /// When its certificate runs out, ms since the epoch; nothing without TLS.
  std::optional<std::int64_t> certificate_ends_ms{};
  std::string problem{};  // why it stopped where it did; empty = all went well
};

/// `timeout`: for connecting, and again for each answer of the handshake.
Peer look_at_peer(const std::string& host, std::uint16_t port, bool tls,
                  std::chrono::milliseconds timeout);

}  // namespace assembly_sync::http

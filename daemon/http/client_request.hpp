// A request as it goes on the wire, or the reason why it must not: no header value may hold a line
// break, no URL may be anything but absolute http(s). Pure; thread-safe.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

#include "core/http.hpp"
#include "core/result.hpp"

namespace assembly_sync::http {

/// Where a request goes: what connections are pooled by.
struct Origin {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Origin&) const = default;
};

struct WireRequest {
  Origin origin;
  std::string bytes;  // head and body
  bool head = false;  // method HEAD
  std::chrono::milliseconds timeout{0};
};

/// Adds Host, Content-Length and, where the caller gave none, User-Agent and Accept. The error
/// names no URL and no header value (I11).
core::Result<WireRequest> make_wire_request(const core::HttpRequest& request);

/// "timed out after 30000 ms"
std::string timed_out_after(std::chrono::milliseconds timeout);

}  // namespace assembly_sync::http

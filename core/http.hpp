// The HTTP port: what the Assembly client and the connectors need of HTTP, without a library. The
// implementation over real sockets is daemon/http; tests may put a function behind it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace assembly_sync::core {

struct HttpHeader {
  std::string name;
  std::string value;
};

/// The value of the first header of that name, whatever its case.
std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers,
                                            std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, percent-encoded
  std::vector<HttpHeader> headers;
  std::string body;  // sent with Content-Length whenever not empty, for DELETE too
  std::chrono::milliseconds timeout{30'000};
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;
};

/// No answer was read. `reached_server` is false only when it is certain that no byte of the
/// request was taken by the server (name not resolved, connection refused): only then is a request
/// without effect.
struct HttpFailure {
  bool reached_server = true;
  std::string reason;      // "connection refused", "timed out after 30000 ms": no URL, no header
  bool timed_out = false;  // we gave up waiting: the server may be working on it still
};

/// Thread-safe. Follows no redirect (a key must not travel to another host). Never throws for
/// anything the network does.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual tl::expected<HttpResponse, HttpFailure> send(const HttpRequest& request) = 0;
};

/// Percent-encodes everything outside RFC 3986 unreserved; `also_keep` names further characters to
/// leave (path segments keep `@`, I21).
std::string percent_encode(std::string_view text, std::string_view also_keep = {});
/// Decodes %XX; nothing when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// `Fri, 27 Nov 2026 10:00:00 GMT` (RFC 9110 5.6.7) in ms since the epoch; nothing for other texts.
std::optional<std::int64_t> parse_http_date_ms(std::string_view text);

/// Seconds to wait, from a Retry-After header's seconds or HTTP date (RFC 9110 10.2.3), never
/// negative; nothing when there is no or no readable header. `wall_now_ms` is the time to count a
/// date from, in ms since the epoch.
std::optional<std::chrono::milliseconds> retry_after(const std::vector<HttpHeader>& headers,
                                                     std::int64_t wall_now_ms);

}  // namespace assembly_sync::core

#include "daemon/http/client_request.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/version.hpp"
#include "daemon/http/wire.hpp"

namespace assembly_sync::http {
namespace {

struct Url {
  Origin origin;
  std::string authority;  // as the Host header has it
  std::string target;
};

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// `host`, `host:port`, `[::1]:port`.
bool parse_authority(std::string_view text, Origin& origin) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = parse_decimal(text.substr(colon + 1));
    if (!port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) return false;
    origin.port = static_cast<std::uint16_t>(*port);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  origin.host = host;
  return !host.empty() && host.find('@') == std::string_view::npos;
}

std::optional<Url> parse_url(std::string_view text) {
  if (!is_visible(text)) return std::nullopt;
  Url url;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  url.origin.tls = same_ignoring_case(text.substr(0, scheme), "https");
  if (!url.origin.tls && !same_ignoring_case(text.substr(0, scheme), "http")) return std::nullopt;
  url.origin.port = url.origin.tls ? 443 : 80;
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  url.authority = text.substr(0, end);
  url.target = text.substr(end);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  if (!parse_authority(url.authority, url.origin)) return std::nullopt;
  return url;
}

bool decided_here(std::string_view name) {
  constexpr std::string_view kNames[] = {"Host", "Content-Length", "Transfer-Encoding",
                                         "Connection"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view ours) { return same_ignoring_case(name, ours); });
}

bool says_length_of_nothing(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string head_of(const core::HttpRequest& request, const Url& url) {
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\n";
  append_header(out, "Host", url.authority);
  for (const core::HttpHeader& header : request.headers) {
    if (!decided_here(header.name)) append_header(out, header.name, header.value);
  }
  if (!core::find_header(request.headers, "User-Agent")) {
    append_header(out, "User-Agent", "assembly-sync/" + std::string(core::kVersion));
  }
  if (!core::find_header(request.headers, "Accept")) {
    append_header(out, "Accept", "application/json");
  }
  if (!request.body.empty() || says_length_of_nothing(request.method)) {
    append_header(out, "Content-Length", std::to_string(request.body.size()));
  }
  out += "\r\n";
  return out;
}

}  // namespace

core::Result<WireRequest> make_wire_request(const core::HttpRequest& request) {
  if (!is_token(request.method)) return core::fail("not a method");
  const auto url = parse_url(request.url);
  if (!url) return core::fail("not an absolute http or https URL");
  for (const core::HttpHeader& header : request.headers) {
    if (!is_token(header.name)) return core::fail("a header name with a forbidden character");
    if (!is_field_value(header.value)) {
      return core::fail("the value of header " + header.name + " has a forbidden character");
    }
  }
  WireRequest wire;
  wire.origin = url->origin;
  wire.bytes = head_of(request, *url) + request.body;
  wire.head = request.method == "HEAD";
  wire.timeout = request.timeout;
  return wire;
}

std::string timed_out_after(std::chrono::milliseconds timeout) {
  return "timed out after " + std::to_string(timeout.count()) + " ms";
}

}  // namespace assembly_sync::http

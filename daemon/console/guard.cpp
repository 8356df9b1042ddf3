#include "daemon/console/guard.hpp"

#include <algorithm>

#include "core/http.hpp"
#include "core/text.hpp"
#include "daemon/http/wire.hpp"

namespace assembly_sync::console {
namespace {

std::string_view header(const http::Request& request, std::string_view name) {
  return core::find_header(request.headers, name).value_or("");
}

bool is_loopback_name(std::string_view host) {
  return host == "127.0.0.1" || host == "[::1]" || core::equal_ignoring_case(host, "localhost");
}

/// An address and no name: it can't be pointed anywhere by DNS.
bool is_in_digits(std::string_view host) {
  if (host.starts_with('[')) return host.ends_with(']');
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string_view host_of(std::string_view address) {
  if (address.starts_with('[')) {
    const auto end = address.find(']');
    return end == std::string_view::npos ? std::string_view() : address.substr(0, end + 1);
  }
  return address.substr(0, address.find(':'));
}

std::string_view port_of(std::string_view address) {
  const std::string_view host = host_of(address);
  std::string_view rest = address.substr(host.size());
  if (!rest.starts_with(':')) return {};
  rest.remove_prefix(1);
  const bool digits = rest.find_first_not_of("0123456789") == std::string_view::npos;
  return digits ? rest : std::string_view();
}

bool names_us(const http::Request& request, std::string_view listen_admin) {
  const std::string_view host = host_of(header(request, "Host"));
  const std::string_view ours = host_of(listen_admin);
  if (is_loopback_name(host)) return true;
  if (!ours.empty() && core::equal_ignoring_case(host, ours)) return true;
  return (ours == "0.0.0.0" || ours == "[::]") && is_in_digits(host);
}

bool sent_by_other_site(const http::Request& request) {
  // The browser's own word, which no page can change; it also holds behind a proxy with another
  // name.
  if (const auto site = core::find_header(request.headers, "Sec-Fetch-Site")) {
    return *site != "same-origin" && *site != "none";
  }
  const auto origin = core::find_header(request.headers, "Origin");
  if (!origin) return false;
  const auto authority = origin->find("://");
  return authority == std::string_view::npos ||
         !core::equal_ignoring_case(origin->substr(authority + 3), header(request, "Host"));
}

bool accepts_html(const http::Request& request) {
  return header(request, "Accept").find("text/html") != std::string_view::npos;
}

std::string cookie_name(const http::Request& request) {
  std::string name = "assembly_sync";
  const std::string_view port = port_of(header(request, "Host"));
  if (!port.empty()) name.append("_").append(port);
  return name;
}

std::optional<std::string> cookie(const http::Request& request, std::string_view name) {
  for (const core::HttpHeader& one : request.headers) {
    if (!core::equal_ignoring_case(one.name, "Cookie")) continue;
    std::string_view rest = one.value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const std::string_view pair = http::trim_blanks(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return std::string(pair.substr(equals + 1));
      }
    }
  }
  return std::nullopt;
}

std::optional<Form> parse_form(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const auto end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = core::percent_decode(pair.substr(0, equals), true);
    const auto value = core::percent_decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    form.emplace(*name, *value);
  }
  return form;
}

}  // namespace assembly_sync::console

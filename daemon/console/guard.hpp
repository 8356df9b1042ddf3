// What is looked at before a request may see or change anything: to which name it was sent, from
// which site it comes, and the small formats in which browsers carry a form and a cookie. Pure;
// thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/server.hpp"

namespace assembly_sync::console {

/// The Host header names this machine's loopback, the configured address (HOST:PORT of
/// listen.admin), or, where that is 0.0.0.0 or [::], any address in digits. A page of another name
/// that a hostile DNS server pointed here (DNS rebinding) is not served.
bool names_us(const http::Request& request, std::string_view listen_admin);

/// The browser says that another site's page sent it (Sec-Fetch-Site, Origin). False when it says
/// nothing, as programs do.
bool sent_by_other_site(const http::Request& request);

/// The request's Accept header asks for HTML.
bool accepts_html(const http::Request& request);

/// Of `host:port` or `[v6]:port`, without the port.
std::string_view host_of(std::string_view address);
/// Digits behind the last colon; empty when there are none.
std::string_view port_of(std::string_view address);

/// Several daemons may serve consoles on one machine, and cookies know no ports: so the cookie's
/// name has it.
std::string cookie_name(const http::Request& request);
std::optional<std::string> cookie(const http::Request& request, std::string_view name);

using Form = std::map<std::string, std::string, std::less<>>;
/// `application/x-www-form-urlencoded`; the first of several of one name. Nothing when it is
/// malformed.
std::optional<Form> parse_form(std::string_view body);

}  // namespace assembly_sync::console

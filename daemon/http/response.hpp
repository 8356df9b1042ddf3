// How an answer is written on the wire. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::http {

/// `Not Found` of 404; `Status` when the number is unknown.
std::string_view status_text(int status);
/// 1xx, 204 and 304 never have one (RFC 9110 6.4.1).
bool status_has_body(int status);
/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
std::string http_date(core::WallTime time);
/// The answer to a request that the server refuses by itself; closes the connection.
Response refusal(int status);
/// Status line and headers up to and with the empty line. Headers that the server alone decides
/// (Content-Length, Connection, Date, Transfer-Encoding) are left out of the handler's; a line
/// break in a value becomes a blank, so no value can add a header.
std::string response_head(const Response& response, bool keep_alive, std::string_view date);

}  // namespace assembly_sync::http

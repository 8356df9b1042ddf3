// Answers of the local Assembly as they go over the wire. Pure; thread-safe.
#pragma once

#include <string>

#include "core/clock.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

/// An error in one of its shapes (I12).
http::Response error_response(int status, const std::string& message,
                              ErrorBody shape = ErrorBody::error);

/// What an operation ended in; 204 has no body (I11).
http::Response response_of(const Outcome& outcome, ErrorBody shape);

/// `Thu, 01 Jan 2026 00:00:05 GMT`, for Retry-After (Q2).
std::string http_date(core::WallTime time);

/// The head and half of the body, as bytes; half of the head when there is no body.
std::string first_half(const http::Response& response);

}  // namespace assembly_sync::sandbox

// Admin port: health, status and metrics. Loopback by default. Thread-safe.
#pragma once

#include <functional>

#include "core/value.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::console {

/// Answers GET /healthz (the process), /readyz (store and listener work), /freshz (data is fresh),
/// /metrics, /api/status and / (the status as text). `status` makes the current document and throws
/// when the store can't be read.
class Admin {
 public:
  explicit Admin(std::function<core::Value()> status) : status_(std::move(status)) {}
  void handle(const http::Request& request, const http::Responder& responder) const;

 private:
  http::Response answer(const http::Request& request) const;
  const std::function<core::Value()> status_;
};

}  // namespace assembly_sync::console

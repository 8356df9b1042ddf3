// Admin port: health, status and metrics. Loopback by default. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "core/value.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::console {

/// Answers GET /healthz (the process), /readyz (store and listener work), /freshz (data is fresh),
/// /metrics, /api/status and / (the status as text). `status` makes the current document, `metrics`
/// the page for Prometheus; both throw when the store can't be read.
class Admin {
 public:
  Admin(std::function<core::Value()> status, std::function<std::string()> metrics)
      : status_(std::move(status)), metrics_(std::move(metrics)) {}
  void handle(const http::Request& request, const http::Responder& responder) const;

 private:
  http::Response answer(const http::Request& request) const;
  http::Response freshness(const http::Request& request) const;
  const std::function<core::Value()> status_;
  const std::function<std::string()> metrics_;
};

}  // namespace assembly_sync::console

// The load: one signed webhook of 1,024 bytes sent again and again by wrk over so many connections,
// each waiting for its answer.
#pragma once

#include <cstdint>
#include <string>

#include "core/http.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/program.hpp"

namespace assembly_sync::bench {

struct LoadResult {
  double requests = 0;
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double failed = 0;  // broken off, timed out, or answered with anything but 2xx
};

/// A signed request of exactly 1,024 bytes of body: one event about the company `object_id`. The
/// signature is good for five minutes.
core::HttpRequest kilobyte_webhook(const std::string& deliver_to, std::int64_t object_id);

/// wrk for `span` against the request's URL.
LoadResult run_load(const Folder& folder, const core::HttpRequest& request, int connections,
                    std::chrono::seconds span);

}  // namespace assembly_sync::bench

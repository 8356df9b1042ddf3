#include "tests/bench/load.hpp"

#include <sstream>
#include <stdexcept>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "tests/bench/rig.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr std::size_t kBytes = 1024;

// A time-out of wrk is an answer that took two seconds: the 99th percentile tells that.
constexpr const char* kDone = R"lua(
done = function(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write +
                 summary.errors.status
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, failed,
                         latency:percentile(50), latency:percentile(99)))
end
)lua";

std::string lua_text(const std::string& text) {
  return "[==[" + text + "]==]";
}

std::string script_for(const core::HttpRequest& request) {
  std::string lua = "wrk.method = \"POST\"\nwrk.body = " + lua_text(request.body) + '\n';
  for (const core::HttpHeader& header : request.headers) {
    lua += "wrk.headers[\"" + header.name + "\"] = " + lua_text(header.value) + '\n';
  }
  return lua + kDone;
}

}  // namespace

core::HttpRequest kilobyte_webhook(const std::string& deliver_to, std::int64_t object_id) {
  core::SystemClock clock;
  const sandbox::SampleCrm crm({.client_secret = kClientSecret}, clock);
  Value event = Value::object({{"eventId", 1},
                               {"subscriptionId", 7},
                               {"portalId", 62515},
                               {"occurredAt", core::to_ms(clock.wall_now())},
                               {"subscriptionType", "company.propertyChange"},
                               {"attemptNumber", 0},
                               {"objectId", object_id},
                               {"propertyName", "description"},
                               {"changeSource", "CRM"},
                               {"propertyValue", ""}});
  const std::size_t bare = core::dump_json(Value::list({event})).size();
  event.set("propertyValue", std::string(kBytes - bare, 'x'));
  return crm.webhook({event}, std::string(kPublicUrl) + "/hooks/hubspot",
                     deliver_to + "/hooks/hubspot");
}

LoadResult run_load(const Folder& folder, const core::HttpRequest& request, int connections,
                    std::chrono::seconds span) {
  write_file(folder / "post.lua", script_for(request));
  const std::string text = run(
      {{"wrk", "-t2", "-c" + std::to_string(connections), "-d" + std::to_string(span.count()) + "s",
        "-s", (folder / "post.lua").string(), request.url},
       {},
       folder / "wrk.log"},
      span + 60s);
  const auto at = text.find("RESULT ");
  if (at == std::string::npos) throw std::runtime_error("wrk: " + text);
  std::istringstream fields(text.substr(at + 7));
  double duration_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  LoadResult result;
  fields >> result.requests >> duration_us >> result.failed >> p50_us >> p99_us;
  result.per_second = result.requests / duration_us * 1e6;
  result.p50_ms = p50_us / 1000;
  result.p99_ms = p99_us / 1000;
  return result;
}

}  // namespace assembly_sync::bench

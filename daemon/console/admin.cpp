#include "daemon/console/admin.hpp"

#include "core/json.hpp"
#include "daemon/answers/status.hpp"

namespace assembly_sync::console {
namespace {

http::Response text_response(int status, std::string body,
                             const char* type = "text/plain; charset=utf-8") {
  return {status, {{"Content-Type", type}, {"Cache-Control", "no-store"}}, std::move(body), false};
}

}  // namespace

void Admin::handle(const http::Request& request, const http::Responder& responder) const {
  try {
    responder.send(answer(request));
  } catch (const std::exception&) {
    responder.send(text_response(503, "the store can't be read\n"));
  }
}

http::Response Admin::answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = text_response(405, "expected GET\n");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  if (request.path == "/healthz") return text_response(200, "ok\n");
  if (request.path == "/readyz") {
    status_();  // throws when the store is not readable
    return text_response(200, "ok\n");
  }
  if (request.path == "/freshz") return freshness(request);
  if (request.path == "/metrics") {
    return text_response(200, metrics_(), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (request.path == "/api/status") {
    return http::json_response(200, core::dump_json(status_()));
  }
  if (request.path == "/") return text_response(200, answers::status_text(status_()));
  return text_response(404, "not here: see /, /api/status, /metrics, /healthz, /readyz, /freshz\n");
}

http::Response Admin::freshness(const http::Request& request) const {
  const core::Value all = status_();
  const core::Value& freshness = all.at("freshness");
  const bool fresh = freshness.at("fresh") == core::Value(true);
  const int status = fresh ? 200 : 503;
  const auto accept = core::find_header(request.headers, "accept");
  if (accept && accept->find("application/json") != std::string_view::npos) {
    http::Response response = http::json_response(status, core::dump_json(freshness) + '\n');
    response.headers.push_back({"Cache-Control", "no-store"});
    return response;
  }
  return text_response(status, fresh ? "ok\n" : answers::freshness_text(freshness));
}

}  // namespace assembly_sync::console

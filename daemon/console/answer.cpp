#include "daemon/console/answer.hpp"

#include "core/http.hpp"
#include "daemon/console/html.hpp"

namespace assembly_sync::console {
namespace {

constexpr std::pair<std::string_view, std::string_view> kGuards[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
     "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    // Not no-referrer: with it a browser names no origin in the forms that it sends.
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

}  // namespace

http::Response guarded(http::Response response) {
  for (const auto& [name, value] : kGuards) {
    if (!core::find_header(response.headers, name)) {
      response.headers.push_back({std::string(name), std::string(value)});
    }
  }
  return response;
}

http::Response plain(int status, std::string body) {
  return guarded({status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)});
}

http::Response html_answer(int status, std::string document) {
  return guarded({status, {{"Content-Type", "text/html; charset=utf-8"}}, std::move(document)});
}

http::Response see_other(std::string_view path) {
  return guarded({303, {{"Location", std::string(is_own_path(path) ? path : "/")}}, ""});
}

}  // namespace assembly_sync::console

#include "daemon/console/entrance.hpp"

#include "core/http.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"
#include "daemon/console/answer.hpp"
#include "daemon/console/guard.hpp"

namespace assembly_sync::console {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr const char* kCsrfHeader = "X-CSRF-Token";
constexpr const char* kTooMany =
    "Too many wrong tokens came from this address. Try again in some seconds.";

std::string_view header(const http::Request& request, std::string_view name) {
  return core::find_header(request.headers, name).value_or("");
}

std::string cookie_line(const http::Request& request, std::string_view id,
                        std::chrono::seconds age) {
  std::string line = cookie_name(request);
  line.append("=").append(id).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  line += std::to_string(age.count());
  // Behind a proxy that holds a certificate the cookie never travels in the clear.
  if (header(request, "X-Forwarded-Proto") == "https") line += "; Secure";
  return line;
}

bool is_api(const http::Request& request) {
  return request.path.starts_with("/api/");
}

http::Response too_many(http::Response response) {
  response.status = 429;
  response.headers.push_back({"Retry-After", std::to_string(kTryAgain.count())});
  return response;
}

http::Response unauthorized(const std::string& why) {
  http::Response response = plain(401, why);
  response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"assembly-sync\""});
  return response;
}

std::string peer_address(const http::Request& request) {
  return request.peer.substr(0, request.peer.rfind(':'));
}

}  // namespace

Entrance::Entrance(const core::Clock& clock, std::function<std::string()> new_secret,
                   std::string listen_admin)
    : auth_(clock, std::move(new_secret)), listen_admin_(std::move(listen_admin)) {}

std::optional<http::Response> Entrance::check(const http::Request& request) const {
  if (names_us(request, listen_admin_)) return std::nullopt;
  return plain(421, "expected a request to 127.0.0.1, localhost or the address of listen.admin, " +
                        std::string("got another Host header\n"));
}

http::Response Entrance::login(const http::Request& request) {
  if (request.method != "POST") {
    const std::string* next = request.parameter("next");
    return html_answer(200, login_document("", next == nullptr ? "/" : *next));
  }
  if (sent_by_other_site(request)) return plain(403, "expected the form of this console\n");
  const auto form = parse_form(request.body);
  const auto token = form ? form->find("token") : Form::const_iterator();
  if (!form || token == form->end()) return plain(400, "expected a form with the field token\n");
  const auto next = form->find("next");
  const std::string_view go = next == form->end() ? std::string_view("/") : next->second;
  switch (auth_.try_token(token->second, peer_address(request))) {
    case Auth::Answer::right:
      break;
    case Auth::Answer::wrong:
      return html_answer(403, login_document("That is not the token.", go));
    case Auth::Answer::too_many:
      return too_many(html_answer(429, login_document(kTooMany, go)));
  }
  http::Response response = see_other(go);
  response.headers.push_back(
      {"Set-Cookie", cookie_line(request, auth_.begin().id, kSessionLongest)});
  return response;
}

tl::expected<Session, http::Response> Entrance::who(const http::Request& request) {
  const std::string_view authorization = header(request, "Authorization");
  if (authorization.size() > kBearer.size() &&
      core::equal_ignoring_case(authorization.substr(0, kBearer.size()), kBearer)) {
    const auto answer =
        auth_.try_token(authorization.substr(kBearer.size()), peer_address(request));
    if (answer == Auth::Answer::right) return Session{};
    http::Response refusal = unauthorized("this is not the token\n");
    if (answer == Auth::Answer::too_many) refusal = too_many(plain(429, "too many wrong tokens\n"));
    return tl::unexpected(std::move(refusal));
  }
  if (const auto id = cookie(request, cookie_name(request))) {
    if (const auto session = auth_.find(*id)) return *session;
  }
  if (is_api(request) || !accepts_html(request)) {
    return tl::unexpected(unauthorized("expected Authorization: Bearer TOKEN, or a session\n"));
  }
  const std::string next = request.method == "GET" ? request.target : "/";
  return tl::unexpected(see_other(path_to({"login"}, {{"next", next == "/" ? "" : next}})));
}

std::optional<http::Response> Entrance::check_order(Visit& visit) const {
  if (sent_by_other_site(visit.request)) {
    return plain(403, "expected an order of this console's own pages\n");
  }
  if (header(visit.request, "Content-Type").starts_with("application/json")) {
    visit.form = {};  // the route reads the body
  } else if (auto form = parse_form(visit.request.body)) {
    visit.form = std::move(*form);
  } else {
    return plain(400, "expected a form, got something else\n");
  }
  if (visit.session.id.empty())
    return std::nullopt;  // a bearer token: no browser adds it by itself
  std::string shown = visit.field("csrf");
  if (shown.empty()) shown = header(visit.request, kCsrfHeader);
  if (core::equal_constant_time(shown, visit.session.csrf)) return std::nullopt;
  return plain(403, "this page is from an earlier session: load it again and repeat the order\n");
}

http::Response Entrance::logout(const Visit& visit) {
  auth_.end(visit.session.id);
  http::Response response = see_other("/login");
  response.headers.push_back(
      {"Set-Cookie", cookie_line(visit.request, "", std::chrono::seconds{0})});
  return response;
}

}  // namespace assembly_sync::console

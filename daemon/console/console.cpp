#include "daemon/console/console.hpp"

#include "core/http.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"
#include "daemon/console/answer.hpp"
#include "daemon/console/assets.hpp"
#include "daemon/console/entrance.hpp"
#include "daemon/console/pages.hpp"
#include "daemon/console/routes.hpp"
#include "daemon/console/series.hpp"
#include "daemon/console/site.hpp"
#include "daemon/console/worker.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

constexpr std::string_view kAssets = "/assets/";

bool is_read(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// What scripts and machines ask without a token: no record's value is in it.
bool is_open(const http::Request& request) {
  if (!is_read(request)) return false;
  for (const std::string_view path :
       {"/healthz", "/readyz", "/freshz", "/metrics", "/api/status"}) {
    if (request.path == path) return true;
  }
  return request.path == "/" && !accepts_html(request) &&
         !core::find_header(request.headers, "Authorization");
}

/// A page's path without its first stroke, and whether its document is wanted instead.
struct Address {
  std::string_view path;
  bool api = false;
};

Address address_of(const http::Request& request) {
  const std::string_view path = request.path;
  const bool api = path.starts_with("/api/");
  return {path.substr(api ? 5 : 1), api};
}

http::Response asset_answer(const std::string& path) {
  const Asset* asset = find_asset(std::string_view(path).substr(kAssets.size()));
  if (asset == nullptr) return plain(404, "no such file\n");
  http::Response response;
  response.headers = {{"Content-Type", std::string(media_type(asset->name))},
                      {"Cache-Control", "public, max-age=31536000, immutable"}};
  response.body = asset->content;
  return guarded(std::move(response));
}

}  // namespace

class Console::Impl {
 public:
  explicit Impl(Ports ports)
      : ports_(std::move(ports)),
        admin_(ports_.status, ports_.metrics),
        entrance_(ports_.clock, ports_.new_secret, ports_.listen_admin),
        site_(make_site(ports_, series_)),
        worker_(core::limits::kConsoleWaiting) {}

  void set_token(const core::Secret& token) { entrance_.set_token(token); }

  void sample() { series_.add(ports_.status(), core::to_ms(ports_.clock.wall_now())); }

  void handle(const http::Request& request, const http::Responder& responder) {
    if (is_open(request)) return admin_.handle(request, responder);
    const bool taken =
        worker_.post([this, request, responder] { responder.send(answer(request)); });
    if (!taken) responder.send(plain(503, "busy: too many pages are asked for at once\n"));
  }

 private:
  http::Response answer(const http::Request& request) {
    try {
      if (is_read(request) && request.path.starts_with(kAssets)) return asset_answer(request.path);
      if (auto refused = entrance_.check(request)) return std::move(*refused);
      if (request.path == "/login") return entrance_.login(request);
      const auto session = entrance_.who(request);
      if (!session) return std::move(session.error());
      Visit visit{request, {}, {}, *session, ports_.clock.wall_now()};
      if (is_read(request)) return read(visit);
      if (request.method == "POST") return order(visit);
      return plain(405, "expected GET or POST\n");
    } catch (const store::StoreError&) {
      return plain(503, "the store can't be read\n");
    } catch (const std::exception& error) {
      return plain(500, std::string("the page could not be made: ") + error.what() + '\n');
    }
  }

  http::Response read(Visit& visit) {
    const auto [path, api] = address_of(visit.request);
    for (const Question& question : site_.questions) {
      auto words = match(question.path, path);
      if (!words) continue;
      visit.words = std::move(*words);
      const Answer document = question.ask(visit);
      if (!document) return refused(document.error(), visit);
      if (api) return guarded(http::json_response(200, core::dump_json(*document)));
      const Page page = question.show(*document, visit);
      return page.go.empty() ? html(200, page, visit) : see_other(page.go);
    }
    return refused({404, "there is no page at this address"}, visit);
  }

  http::Response order(Visit& visit) {
    if (auto refused = entrance_.check_order(visit)) return std::move(*refused);
    if (visit.request.path == "/logout") return entrance_.logout(visit);
    const auto [path, api] = address_of(visit.request);
    for (const Order& order : site_.orders) {
      auto words = match(order.path, path);
      if (!words) continue;
      visit.words = std::move(*words);
      const Answer done = order.follow(visit);
      if (!done) return refused(done.error(), visit);
      if (api) return guarded(http::json_response(200, core::dump_json(*done)));
      if (order.show) return html(200, order.show(*done, visit), visit);
      entrance_.tell(visit.session, done->text_or("done"));
      return see_other(done->text_or("go"));
    }
    return refused({404, "there is nothing to order at this address"}, visit);
  }

  http::Response refused(const Refusal& refusal, const Visit& visit) {
    if (visit.request.path.starts_with("/api/")) {
      return guarded(http::json_response(
          refusal.status, core::dump_json(Value::object({{"error", refusal.reason}}))));
    }
    const std::string title = refusal.status == 404 ? "Not here" : "That did not work";
    Page page{title, tag("p", {{"class", "told bad"}, {"role", "alert"}}, refusal.reason, ".")};
    return html(refusal.status, page, visit);
  }

  http::Response html(int status, const Page& page, const Visit& visit) {
    // A page that renews itself must not take what another one is to tell.
    const bool renews = core::find_header(visit.request.headers, "X-Renew").has_value();
    const Frame frame{ports_.status(), renews ? "" : entrance_.take_told(visit.session)};
    return html_answer(status, framed(page, frame, visit));
  }

  // In the order of need; destroyed in reverse.
  const Ports ports_;
  const Admin admin_;
  Series series_;
  Entrance entrance_;
  const Site site_;
  Worker worker_;
};

Console::Console(Ports ports) : impl_(std::make_unique<Impl>(std::move(ports))) {}
Console::~Console() = default;
void Console::set_token(const core::Secret& token) {
  impl_->set_token(token);
}
void Console::sample() {
  impl_->sample();
}
void Console::handle(const http::Request& request, const http::Responder& responder) {
  impl_->handle(request, responder);
}

}  // namespace assembly_sync::console

#include <algorithm>
#include <compare>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "core/problem.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/cli/check_online.hpp"
#include "daemon/cli/doctor.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/peer.hpp"
#include "daemon/intake/hook_plan.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;
using Level = Check::Level;

constexpr auto kPatience = 10s;
constexpr std::int64_t kDayMs = 86'400'000;
/// Signed webhooks are refused when they are minutes old; a Date header is exact to a second.
constexpr std::int64_t kOddSkewMs = 5'000;
constexpr std::int64_t kBadSkewMs = 60'000;
constexpr std::int64_t kShortDays = 14;
/// A source that sends webhooks and was silent for so long may have lost its subscription.
constexpr std::int64_t kQuietMs = 3 * kDayMs;

/// Scheme, host and port of a URL.
struct Place {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;

  auto operator<=>(const Place&) const = default;
  std::string text() const { return host + ':' + std::to_string(port); }
};

std::optional<Place> place_of(std::string_view url) {
  Place place;
  place.tls = url.starts_with("https://");
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t user = url.rfind('@'); user != std::string_view::npos) {
    url.remove_prefix(user + 1);
  }
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != std::string_view::npos && url.find(']', colon) == url.npos;
  place.host = std::string(has_port ? url.substr(0, colon) : url);
  if (place.host.size() > 1 && place.host.front() == '[') {
    place.host = place.host.substr(1, place.host.size() - 2);
  }
  place.port = place.tls ? 443 : 80;
  if (has_port) {
    place.port = static_cast<std::uint16_t>(
        std::strtoul(std::string(url.substr(colon + 1)).c_str(), nullptr, 10));
  }
  if (place.host.empty() || place.port == 0) return std::nullopt;
  return place;
}

/// Passes calls on and remembers whom they went to, and what time it is there. Thread-safe.
class Observed final : public core::HttpTransport {
 public:
  Observed(core::HttpTransport& inner, core::Clock& clock) : inner_(inner), clock_(clock) {}

  tl::expected<core::HttpResponse, core::HttpFailure> send(
      const core::HttpRequest& request) override {
    const std::int64_t begun_ms = core::to_ms(clock_.wall_now());
    auto answer = inner_.send(request);
    const std::int64_t ended_ms = core::to_ms(clock_.wall_now());
    const std::lock_guard lock(mutex_);
    const auto place = place_of(request.url);
    if (!place) return answer;
    places_.insert(*place);
    if (!answer) return answer;
    const auto date = core::find_header(answer->headers, "Date");
    if (const auto there_ms = date ? core::parse_http_date_ms(*date) : std::nullopt) {
      // Cut to a second there; between asking and answer here.
      skew_ms_[*place] = begun_ms + (ended_ms - begun_ms) / 2 - (*there_ms + 500);
    }
    return answer;
  }

  std::set<Place> places() const { return places_; }
  std::optional<std::int64_t> skew_ms(const Place& place) const {
    const auto found = skew_ms_.find(place);
    return found == skew_ms_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  core::HttpTransport& inner_;
  core::Clock& clock_;
  std::mutex mutex_;
  std::set<Place> places_;                 // guarded by mutex_
  std::map<Place, std::int64_t> skew_ms_;  // guarded by mutex_
};

class NetworkChecks {
 public:
  NetworkChecks(const config::Config& config, core::Clock& clock, Checks& checks)
      : config_(config),
        clock_(clock),
        pool_(clock),
        transport_(pool_, clock),
        checks_(checks),
        assembly_(place_of(config.assembly.base_url)) {}

  void run() {
    const OnlineFindings found = check_online(config_, &transport_);
    hooks();
    clocks();
    peers();
    credentials(found);
    listeners();
  }

 private:
  void add(std::string name, Level level, std::string found, std::string todo = {}) {
    checks_.push_back({std::move(name), level, std::move(found), std::move(todo)});
  }

  void credentials(const OnlineFindings& found) {
    for (const core::Problem& problem : found.problems) {
      add("credentials", Level::bad, core::to_text(problem),
          problem.hint.empty() ? "assembly-sync check --online shows it with its line"
                               : problem.hint);
    }
    for (const core::Problem& warning : found.warnings) {
      add("mapping", Level::warn, core::to_text(warning));
    }
    if (found.problems.empty()) {
      add("credentials", Level::ok,
          "Assembly and " +
              core::count_text(static_cast<std::int64_t>(config_.sources.size()), "source") +
              " take them, scopes included");
    }
  }

  void clocks() {
    const auto skew_ms = assembly_ ? transport_.skew_ms(*assembly_) : std::nullopt;
    if (!skew_ms) {
      add("clock", Level::warn, "can't be compared: no answer with a date came from Assembly");
      return;
    }
    const std::int64_t off = std::abs(*skew_ms);
    const std::string found =
        off < kOddSkewMs ? "within " + std::to_string(kOddSkewMs / 1000) + " s of Assembly's"
                         : std::to_string(off / 1000) + " s " +
                               (*skew_ms > 0 ? "ahead of" : "behind") + " Assembly's";
    add("clock",
        off >= kBadSkewMs   ? Level::bad
        : off >= kOddSkewMs ? Level::warn
                            : Level::ok,
        found,
        off < kOddSkewMs ? ""
                         : "set it (timedatectl set-ntp true): signed webhooks of the "
                           "right time are refused");
  }

  void peers() {
    std::set<Place> places = transport_.places();
    if (const auto ours = place_of(config_.listen.public_url)) places.insert(*ours);
    for (const Place& place : places) peer(place);
  }

  void peer(const Place& place) {
    const http::Peer found = http::look_at_peer(place.host, place.port, place.tls, kPatience);
    if (!found.resolved) {
      add("DNS", Level::bad, place.host + ": " + found.problem,
          "check the name and this machine's resolver (/etc/resolv.conf)");
      return;
    }
    const bool ours = place_of(config_.listen.public_url) == place;
    if (!found.connected) {
      // From within, one's own public address is often out of reach.
      add("network", ours ? Level::warn : Level::bad,
          place.text() + " can't be reached: " + found.problem,
          ours ? "try it from outside: CRMs send their webhooks there"
               : "check firewall, proxy and address");
      return;
    }
    if (!place.tls) {
      add("network", Level::ok, place.text() + " answers");
    } else if (!found.certificate_ends_ms) {
      add("TLS", Level::bad, place.text() + ": " + found.problem, "check what listens there");
    } else {
      certificate(place, *found.certificate_ends_ms, ours);
    }
  }

  void certificate(const Place& place, std::int64_t ends_ms, bool ours) {
    const std::int64_t days = (ends_ms - core::to_ms(clock_.wall_now())) / kDayMs;
    const bool over = ends_ms <= core::to_ms(clock_.wall_now());
    const std::string until = answers::when_text(answers::time_value(ends_ms));
    add("TLS",
        over                ? Level::bad
        : days < kShortDays ? Level::warn
                            : Level::ok,
        place.text() + (over ? ": its certificate ran out at " : ": its certificate lasts until ") +
            until,
        !over && days >= kShortDays ? ""
        : ours                      ? "renew it at the reverse proxy"
                                    : "its owner must renew it; it is not believed after that");
  }

  // -- webhooks: expected and seen

  void hooks() {
    std::set<core::SourceName> names;
    for (const config::SourceConfig& source : config_.sources) names.insert(source.name);
    for (const config::SourceConfig& source : config_.sources) {
      if (!source.connector->takes_webhooks()) continue;
      subscriptions(source, names);
      last_webhook(source);
    }
  }

  void subscriptions(const config::SourceConfig& source, const std::set<core::SourceName>& names) {
    const connectors::HookKeeper* keeper = source.connector->hooks();
    if (keeper == nullptr || config_.listen.public_url.empty()) return;
    const std::string name = "hooks " + source.name.str();
    const auto listed = keeper->list(transport_, clock_.wall_now());
    if (!listed) {
      add(name, Level::bad, "the CRM does not tell them: " + listed.error().reason);
      return;
    }
    std::int64_t there = 0;
    std::string wrong;
    const intake::HookScene scene{
        config_.listen.public_url, source.name, names,
        intake::wanted_paths(*config_.rules, source.name, *source.connector)};
    for (const intake::HookStep& step :
         intake::plan_hooks(*keeper, *listed, scene, clock_.wall_now())) {
      if (step.action == intake::HookStep::Action::keep) {
        ++there;
      } else {
        wrong += (wrong.empty() ? "" : "; ") + step.name + ": " + step.reason;
      }
    }
    add(name, wrong.empty() ? Level::ok : Level::bad,
        wrong.empty() ? core::count_text(there, "subscription") + " as expected" : wrong,
        wrong.empty() ? "" : "assembly-sync hooks --apply mends it");
  }

  void last_webhook(const config::SourceConfig& source) {
    const auto heard = last_webhook_ms(source.name);
    const std::string name = "webhooks " + source.name.str();
    const std::string where =
        "see that its sender sends to " + intake::hook_url(public_address(), source.name);
    if (!heard) {
      add(name, Level::warn, "none ever came", where);
      return;
    }
    const std::int64_t age_ms = core::to_ms(clock_.wall_now()) - *heard;
    add(name, age_ms > kQuietMs ? Level::warn : Level::ok,
        "the last came " +
            core::duration_text(std::chrono::seconds(std::max<std::int64_t>(age_ms / 1000, 0))) +
            " ago",
        age_ms > kQuietMs ? "if more was to be expected, " + where : "");
  }

  /// As senders reach us; without a public_url they do so directly.
  std::string public_address() const {
    const std::string& url = config_.listen.public_url;
    return url.empty() ? "http://" + config_.listen.webhooks : url;
  }

  std::optional<std::int64_t> last_webhook_ms(const core::SourceName& source) {
    if (!std::filesystem::exists(config_.store_path)) return std::nullopt;
    const auto opened = store::Store::open(config_.store_path, clock_, {.exclusive = false});
    if (!opened) return std::nullopt;  // told already
    return (*opened)->read(
        [&](const store::View& view) { return view.activity(source).last_webhook_ms; });
  }

  // -- our own listeners

  void listeners() {
    if (!store::Store::is_held(config_.store_path)) return;  // nobody should be there
    listener("webhook port", config_.listen.webhooks, "/hooks/");
    listener("admin port", config_.listen.admin, "/healthz");
  }

  void listener(const std::string& name, const std::string& address, const std::string& path) {
    const auto place = place_of("http://" + address);
    if (!place) return;  // port 0: any free one
    core::HttpRequest request;
    request.url = "http://" + address + path;
    request.timeout = kPatience;
    const auto answer = pool_.send(request);
    add(name, answer ? Level::ok : Level::bad,
        address + (answer ? " answers" : ": " + answer.error().reason),
        answer ? ""
               : "is the daemon running with this configuration? Its log says where it listens");
  }

  const config::Config& config_;
  core::Clock& clock_;
  http::PooledTransport pool_;
  Observed transport_;
  Checks& checks_;
  const std::optional<Place> assembly_;
};

}  // namespace

void check_network(const config::Config& config, core::Clock& clock, Checks& checks) {
  NetworkChecks(config, clock, checks).run();
}

}  // namespace assembly_sync::cli

// The frame around every page: navigation with what needs a person, search, log-out.
#include "core/text.hpp"
#include "core/version.hpp"
#include "daemon/console/assets.hpp"
#include "daemon/console/page.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

struct Entry {
  std::string_view path;
  std::string_view name;
  std::string_view counted;  // of what the number beside it is; empty = none
};

constexpr Entry kEntries[] = {
    {"/", "Overview", ""},
    {"/tail", "Live tail", ""},
    {"/search", "Entities", ""},
    {"/runs", "Runs", ""},
    {"/dead", "Dead letters", "dead"},
    {"/holds", "Holds", "held"},
    {"/quarantine", "Quarantine", "quarantine"},
    {"/config", "Configuration", ""},
    {"/workbench", "Workbench", ""},
};

std::int64_t count_of(const Value& status, std::string_view what) {
  if (what == "held") return number_of(status.at("notices"), what);
  return number_of(status, what);
}

Markup navigation(const Frame& frame, const Visit& visit) {
  Markup items;
  const std::string& here = visit.request.path;
  for (const Entry& entry : kEntries) {
    const bool is_here =
        here == entry.path ||
        (entry.path != "/" && here.starts_with(std::string(entry.path) + '/')) ||
        (entry.path == "/search" && (here.starts_with("/entities") || here == "/records"));
    Attributes link = {{"href", entry.path}};
    if (is_here) link.push_back({"aria-current", "page"});
    const std::int64_t count = entry.counted.empty() ? 0 : count_of(frame.status, entry.counted);
    Markup label = text(entry.name);
    if (count > 0) {
      label += text(" ");
      label += tag("span", {{"class", "count"}}, grouped(count));
    }
    items += tag("li", tag("a", link, label));
  }
  return tag("nav", {{"aria-label", "Pages"}}, tag("ul", {{"data-live", "navigation"}}, items));
}

Markup search_form(const Visit& visit) {
  return tag("form", {{"action", "/search"}, {"role", "search"}, {"class", "search"}},
             tag("label", {{"class", "unseen"}, {"for", "search"}}, "Search entities"),
             tag("input", {{"id", "search"},
                           {"name", "q"},
                           {"type", "search"},
                           {"placeholder", "Name, domain, key or ID"},
                           {"autocomplete", "off"},
                           {"value", visit.parameter("q")}}),
             tag("button", {{"type", "submit"}}, "Search"));
}

Markup head_of(std::string_view title, const Markup& more) {
  return tag(
      "head", tag("meta", {{"charset", "utf-8"}}),
      tag("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
      tag("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
      tag("title", title, " · assembly-sync"),
      tag("link", {{"rel", "icon"}, {"href", asset_path("icon.svg")}, {"type", "image/svg+xml"}}),
      tag("link", {{"rel", "stylesheet"}, {"href", asset_path("console.css")}}), more);
}

Markup script(std::string_view name) {
  return tag("script", {{"src", asset_path(name)}, {"defer", true}});
}

Markup foot_of(const Frame& frame) {
  const Value& config = frame.status.at("config");
  Markup words = text("assembly-sync " + std::string(core::kVersion));
  if (config.at("version").is_int()) {
    words += text(" · configuration version " + grouped(config.at("version")));
  }
  return tag("footer", {{"class", "foot"}}, words);
}

}  // namespace

std::string framed(const Page& page, const Frame& frame, const Visit& visit) {
  Markup scripts = script("console.js");
  if (!page.script.empty()) scripts += script(page.script);
  Attributes main = {{"id", "main"}, {"tabindex", -1}};
  Markup controls;
  if (page.renew_ms > 0) {
    main.push_back({"data-renew", page.renew_ms});
    controls = tag("button",
                   {{"type", "button"}, {"class", "pause"}, {"data-pause", true}, {"hidden", true}},
                   "Pause");
    controls += tag(
        "p", {{"class", "told bad"}, {"role", "alert"}, {"data-silent", true}, {"hidden", true}},
        "The program does not answer; what you see is old.");
  }
  Markup told;
  if (!frame.told.empty()) told = tag("p", {{"class", "told"}, {"role", "status"}}, frame.told);
  const Markup body =
      tag("body", tag("a", {{"class", "skip"}, {"href", "#main"}}, "Skip to the content"),
          tag("header", {{"class", "top"}},
              tag("div", {{"class", "bar"}},
                  tag("a", {{"class", "brand"}, {"href", "/"}}, "assembly-sync"),
                  search_form(visit), order_button("Log out", "/logout", visit)),
              navigation(frame, visit)),
          tag("main", main, told, tag("div", {{"class", "title"}}, tag("h1", page.title), controls),
              page.body),
          foot_of(frame));
  return document(tag("html", {{"lang", "en"}}, head_of(page.title, scripts), body));
}

std::string login_document(std::string_view problem, std::string_view next) {
  Markup told;
  Attributes input = {{"id", "token"},      {"name", "token"},
                      {"type", "password"}, {"autocomplete", "current-password"},
                      {"required", true},   {"autofocus", true}};
  if (!problem.empty()) {
    told = tag("p", {{"class", "told bad"}, {"role", "alert"}, {"id", "problem"}}, problem);
    input.push_back({"aria-describedby", "problem"});
    input.push_back({"aria-invalid", "true"});
  }
  const Markup form = tag("form", {{"method", "post"}, {"action", "/login"}},
                          tag("input", {{"type", "hidden"}, {"name", "next"}, {"value", next}}),
                          tag("label", {{"for", "token"}}, "Token"), tag("input", input),
                          tag("button", {{"type", "submit"}}, "Log in"));
  const Markup help =
      tag("p", {{"class", "quiet"}}, "The token is what ", tag("code", "listen.admin_token"),
          " of the configuration refers to. Without that key it is in a file beside the store, the "
          "store's path with ",
          tag("code", ".token"), " after it: for the packaged service ",
          tag("code", "/var/lib/assembly-sync/assembly-sync.db.token"), ". The log line ",
          tag("code", "started"), " names it.");
  const Markup body =
      tag("body", {{"class", "login"}}, tag("main", tag("h1", "assembly-sync"), told, form, help));
  return document(tag("html", {{"lang", "en"}}, head_of("Log in", Markup()), body));
}

}  // namespace assembly_sync::console

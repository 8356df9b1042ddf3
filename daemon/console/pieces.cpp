// Small pieces that several pages show.
#include <chrono>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "daemon/console/page.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

std::string ago(core::WallTime time, core::WallTime now) {
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(now - time);
  if (span.count() < 0) return "in " + core::duration_text(-span);
  if (span.count() < 2) return "now";
  if (span < std::chrono::hours{48}) return core::duration_text(span) + " ago";
  return std::to_string(span.count() / 86'400) + " days ago";
}

/// `2026-01-31 10:00:00 UTC` of `2026-01-31T10:00:00.123Z`.
std::string exact(std::string_view iso) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kTime = 19;
  if (iso.size() < kTime) return std::string(iso);
  return std::string(iso.substr(0, kDate)) + ' ' +
         std::string(iso.substr(kDate + 1, kTime - kDate - 1)) + " UTC";
}

}  // namespace

std::string Visit::parameter(std::string_view name) const {
  const std::string* found = request.parameter(name);
  return found == nullptr ? std::string() : *found;
}

std::string Visit::field(std::string_view name) const {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

Markup time_of(const Value& time, const Visit& visit, std::string_view none) {
  if (!time.is_string()) return tag("span", {{"class", "quiet"}}, none);
  const std::string& iso = time.as_string();
  const auto parsed = core::parse_rfc3339(iso);
  if (!parsed) return text(iso);
  return tag("time", {{"datetime", iso}, {"title", exact(iso)}}, ago(*parsed, visit.now));
}

std::string grouped(std::int64_t number) {
  std::string out = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = out.size(); at > first + 3;) out.insert(at -= 3, 1, ',');
  return out;
}

std::string grouped(const Value& number) {
  return number.is_int() ? grouped(number.as_int()) : "0";
}

std::int64_t number_of(const Value& document, std::string_view name) {
  const Value& member = document.at(name);
  return member.is_int() ? member.as_int() : 0;
}

Markup value_of(const Value& value) {
  if (value.is_null()) return tag("span", {{"class", "quiet"}}, "nothing");
  if (value.is_string()) {
    if (value.as_string().empty()) return tag("span", {{"class", "quiet"}}, "empty text");
    return tag("span", {{"class", "value"}}, value.as_string());
  }
  return tag("code", core::dump_json(value));
}

Markup badge(std::string_view word, std::string_view mood) {
  return tag("span", {{"class", "badge " + std::string(mood)}}, word);
}

Markup table(std::string_view caption, const std::vector<std::string>& heads, const Markup& rows) {
  Markup head;
  for (const std::string& one : heads) head += tag("th", {{"scope", "col"}}, one);
  return tag("div",
             {{"class", "wide"}, {"tabindex", 0}, {"role", "region"}, {"aria-label", caption}},
             tag("table", tag("caption", {{"class", "unseen"}}, caption),
                 tag("thead", tag("tr", head)), tag("tbody", rows)));
}

Markup csrf_field(const Visit& visit) {
  return tag("input", {{"type", "hidden"}, {"name", "csrf"}, {"value", visit.session.csrf}});
}

Markup order_button(std::string_view label, const std::string& path, const Visit& visit,
                    std::string_view sure, std::string_view fields_name,
                    std::string_view fields_value) {
  Markup fields = csrf_field(visit);
  if (!fields_name.empty()) {
    fields += tag("input", {{"type", "hidden"}, {"name", fields_name}, {"value", fields_value}});
  }
  Attributes form = {{"method", "post"}, {"action", path}, {"class", "order"}};
  if (!sure.empty()) form.push_back({"data-sure", sure});
  return tag("form", form, fields, tag("button", {{"type", "submit"}}, label));
}

Markup live(std::string_view id, const Markup& content) {
  return tag("div", {{"data-live", id}}, content);
}

Markup attempts(const Value& calls, const Visit& visit) {
  Markup rows;
  for (const Value& call : calls.as_list()) {
    const std::string outcome = call.text_or("outcome");
    const bool good = outcome == "delivered" || outcome == "unchanged";
    rows += tag("tr", tag("td", time_of(call.at("at"), visit)),
                tag("td", tag("code", call.text_or("method"), " ", call.text_or("path"))),
                tag("td", number_of(call, "status") > 0 ? grouped(call.at("status")) : "none"),
                tag("td", badge(outcome, good ? "good" : "bad")),
                tag("td", {{"class", "long"}}, call.text_or("reason")));
  }
  if (rows.empty()) return nothing("No call was made for it.");
  return table("Attempts", {"When", "Call", "Answer", "Outcome", "Reason"}, rows);
}

Markup nothing(std::string_view words) {
  return tag("p", {{"class", "quiet"}}, words);
}

}  // namespace assembly_sync::console

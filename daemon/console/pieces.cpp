// Small pieces that several pages show.
#include <algorithm>
#include <chrono>

#include "core/json.hpp"
#include "core/time_text.hpp"
#include "daemon/answers/entities.hpp"
#include "daemon/console/page.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

/// `3 min`: the largest unit alone, because the exact time stands beside it.
std::string roughly(std::chrono::seconds span) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  const std::int64_t seconds = span.count();
  if (seconds < kMinute) return std::to_string(seconds) + " s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < 2 * kDay) return std::to_string(seconds / kHour) + " h";
  return std::to_string(seconds / kDay) + " days";
}

std::string ago(core::WallTime time, core::WallTime now) {
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(now - time);
  if (span.count() < 0) return "in " + roughly(-span);
  return span.count() < 2 ? "now" : roughly(span) + " ago";
}

/// `2026-01-31 10:00:00 UTC` of `2026-01-31T10:00:00.123Z`.
std::string exact(std::string_view iso) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kTime = 19;
  if (iso.size() < kTime) return std::string(iso);
  return std::string(iso.substr(0, kDate)) + ' ' +
         std::string(iso.substr(kDate + 1, kTime - kDate - 1)) + " UTC";
}

/// `10:00:00 UTC` of a time today, `2026-01-31 10:00 UTC` of another.
std::string clock_of(std::string_view iso, core::WallTime now) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kMinutes = 16;
  const bool today = core::format_utc(now).substr(0, kDate) == iso.substr(0, kDate);
  std::string whole = exact(iso);
  return today ? whole.substr(kDate + 1) : whole.substr(0, kMinutes) + " UTC";
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
  return tag("time", {{"datetime", iso}, {"title", exact(iso)}},
             tag("span", ago(*parsed, visit.now), ","), " ",
             tag("small", clock_of(iso, visit.now)));
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

Markup call_of(std::string_view method, std::string_view path) {
  Markup out = text(method);
  out += " ";
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view part = path.substr(0, end);
    const bool id =
        std::any_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    out += tag("wbr");
    out += id ? tag("span", {{"class", "id"}}, part) : text(part);
    path.remove_prefix(end);
  }
  return tag("code", {{"class", "call"}}, out);
}

std::string record_path(std::string_view stream, std::string_view id) {
  return path_to({"records"}, {{"object", stream}, {"id", id}});
}

Markup record_link(std::string_view stream, std::string_view id, std::string_view label) {
  return tag("a", {{"href", record_path(stream, id)}}, label);
}

Markup record_link(std::string_view stream, std::string_view id) {
  return record_link(stream, id, std::string(stream) + ' ' + std::string(id));
}

Markup record_link(const Value& record) {
  if (!record.is_object()) return {};
  return record_link(record.text_or("source") + '.' + record.text_or("object"),
                     record.text_or("id"));
}

Markup entity_link(const Value& entity) {
  const std::string id = std::to_string(number_of(entity, "id"));
  return tag("a", {{"href", path_to({"entities", id})}}, answers::title_of(entity));
}

Markup would_send(const Value& sends) {
  if (!sends.is_list()) return nothing("It can't be told what today's mapping would send.");
  if (sends.as_list().empty()) return nothing("Nothing: no mapping reads this object.");
  Markup out;
  for (const Value& one : sends.as_list()) {
    const std::string mapping = one.text_or("mapping");
    if (const std::string reason = one.text_or("reason"); !reason.empty()) {
      const bool refused = one.text_or("result") == "dead";
      out += tag(
          "p", badge("nothing", refused ? "bad" : "plain"), " ",
          reason.starts_with("mapping ") ? Markup() : join("mapping ", tag("code", mapping), ": "),
          reason);
      continue;
    }
    out += tag("p", badge(one.text_or("to"), "good"), " ", tag("code", one.text_or("key")),
               " by mapping ", tag("code", mapping));
    Rows rows;
    for (const auto& [field, change] : one.at("fields").as_object()) {
      const bool unknown = change.at("from_unknown") == Value(true);
      rows.push_back({head_cell(field), unknown ? text("not known") : value_of(change.at("from")),
                      value_of(change.at("to"))});
    }
    out += rows.empty() ? nothing("Nothing differs from what Assembly has.")
                        : table("What mapping " + mapping + " would send",
                                {"Field", "In Assembly", "To be"}, rows);
  }
  return out;
}

Markup attempts(const Value& calls, const Visit& visit) {
  Rows rows;
  for (const Value& call : calls.as_list()) {
    const std::string outcome = call.text_or("outcome");
    const bool good = outcome == "delivered" || outcome == "unchanged";
    rows.push_back({time_of(call.at("at"), visit),
                    call_of(call.text_or("method"), call.text_or("path")),
                    number_of(call, "status") > 0 ? grouped(call.at("status")) : "none",
                    badge(outcome, good ? "good" : "bad"), prose_cell(call.text_or("reason"))});
  }
  if (rows.empty()) return nothing("No call was made for it.");
  return table("Attempts", {"When", "Call", "Answer", "Outcome", "Reason"}, rows);
}

Markup nothing(std::string_view words) {
  return tag("p", {{"class", "quiet"}}, words);
}

}  // namespace assembly_sync::console

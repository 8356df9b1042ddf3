// One record of a source: where it stopped and why, and what it became.
#include "daemon/answers/entities.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

std::string_view mood_of(const std::string& state) {
  if (state == "dead" || state == "held") return "bad";
  if (state == "delivered" || state == "unchanged") return "good";
  return state == "open" ? "busy" : "plain";
}

/// Of {state, reason}; a reason that only repeats the state is none.
std::string reason_of(const Value& one) {
  const std::string reason = one.text_or("reason");
  return reason == one.text_or("state") ? "" : reason;
}

/// The page of a notice that waits for a person; without a link for all others.
Markup notice_link(const Value& notice, std::string_view label) {
  const std::string state = notice.text_or("state");
  if (state != "dead" && state != "held") return {};
  const std::string id = std::to_string(number_of(notice, "id"));
  return tag("a", {{"href", path_to({state == "dead" ? "dead" : "holds", id})}}, label);
}

/// What a person can do about it here; the document names the verbs for a terminal.
Markup next_of(const Value& why_not) {
  const std::string state = why_not.text_or("state");
  const auto& notices = why_not.at("notices").as_list();
  const auto& entities = why_not.at("entities").as_list();
  if (why_not.at("record").at("merged_into").is_object()) {
    return join("See ", record_link(why_not.at("record").at("merged_into")));
  }
  if (!notices.empty() && (state == "dead" || state == "held")) {
    return notice_link(notices.front(), state == "dead"
                                            ? "See its dead letter; retry or drop it there"
                                            : "See what is held; retry or drop it there");
  }
  if (state == "delivered" && !entities.empty()) {
    return join("If Assembly shows something else, see ", entity_link(entities.front()));
  }
  return text(why_not.text_or("next"));
}

Markup facts(const Value& why_not, const Visit& visit) {
  const Value& record = why_not.at("record");
  const std::string mirror = record.text_or("mirror");
  Markup out;
  const auto fact = [&](std::string_view name, const Markup& value) {
    if (value.empty()) return;
    out += tag("dt", name);
    out += tag("dd", value);
  };
  fact("Reason", text(reason_of(why_not)));
  fact("What to do", next_of(why_not));
  fact("Last reading", record.at("read_at").is_string()
                           ? join(mirror, ", ", time_of(record.at("read_at"), visit))
                           : text(mirror));
  if (record.at("version").is_string()) {
    fact("Changed in the source", time_of(record.at("version"), visit));
  }
  fact("Merged into", record_link(record.at("merged_into")));
  if (record.at("erased_at").is_string()) {
    fact("Erased by its source", time_of(record.at("erased_at"), visit));
  }
  Markup awaits;
  for (const Value& parent : why_not.at("awaits").as_list()) awaits += tag("p", value_of(parent));
  fact("Waits for", awaits);
  return tag("dl", {{"class", "facts"}}, out);
}

Markup entities(const Value& why_not) {
  Markup items;
  for (const Value& entity : why_not.at("entities").as_list()) {
    const bool present = entity.at("present") == Value(true);
    items += tag("li", entity_link(entity), " ",
                 badge(present ? "in Assembly" : "not in Assembly", present ? "good" : "plain"));
  }
  return items.empty() ? nothing("It belongs to no entity.") : tag("ul", items);
}

Markup notices(const Value& why_not, const Visit& visit) {
  Rows rows;
  for (const Value& notice : why_not.at("notices").as_list()) {
    const std::string state = notice.text_or("state");
    rows.push_back({time_of(notice.at("received_at"), visit), notice.text_or("event"),
                    badge(state, mood_of(state)), prose_cell(reason_of(notice)),
                    notice_link(notice, std::to_string(number_of(notice, "id")))});
  }
  if (rows.empty()) return nothing("No notice about it is kept.");
  return table("What was heard of it", {"Heard", "Event", "State", "Reason", "Waits as"}, rows);
}

}  // namespace

Page record_page(const Value& why_not, const Visit& visit) {
  const Value& record = why_not.at("record");
  const std::string stream = record.text_or("source") + '.' + record.text_or("object");
  const std::string state = why_not.text_or("state");
  Page page{answers::record_text(record), {}};
  page.body += tag("p", badge(state, mood_of(state)), " ", why_not.text_or("answer"));
  page.body += facts(why_not, visit);
  page.body += tag("section", tag("h2", "What it became"), entities(why_not));
  page.body += tag(
      "section", tag("h2", "What today's mapping would send"), would_send(why_not.at("today")),
      tag("p", tag("a",
                   {{"href",
                     path_to({"workbench"}, {{"object", stream}, {"id", record.text_or("id")}})}},
                   "Open it in the workbench")));
  page.body += tag("section", tag("h2", "What was heard of it"), notices(why_not, visit));
  return page;
}

}  // namespace assembly_sync::console

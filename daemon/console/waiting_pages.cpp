// Dead letters and held notices: what failed and why, one of them with all that is known of it, and
// what today's mapping would make of its record.
#include "core/json.hpp"
#include "daemon/answers/orders.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

/// What a page about one of the two states calls it.
struct Words {
  std::string path;  // without the leading `/`
  std::string title;
  std::string one;
  std::string none;
  std::string means;
};

const Words& words_of(const std::string& state) {
  static const Words kDead = {
      "dead", "Dead letters", "Dead letter", "No dead letter waits for you.",
      "Records that a mapping or Assembly refused. They are not tried again until you say so."};
  static const Words kHeld = {
      "holds", "Holds", "Held usage log", "Nothing is held.",
      "Usage logs of which it can't be told whether Assembly has them. Sent again, one might count "
      "twice; so a person decides."};
  return state == "held" ? kHeld : kDead;
}

std::string object_of(const Value& row) {
  return row.text_or("source") + '.' + row.text_or("object");
}

Markup reason_orders(const Words& words, const Value& group, const Visit& visit) {
  const std::string count = grouped(group.at("count"));
  const auto order = [&](std::string_view label, std::string_view what, std::string_view sure) {
    return tag(
        "form",
        {{"method", "post"},
         {"action", '/' + words.path + '/' + std::string(what)},
         {"class", "order"},
         {"data-sure", sure}},
        csrf_field(visit),
        tag("input", {{"type", "hidden"}, {"name", "source"}, {"value", group.text_or("source")}}),
        tag("input", {{"type", "hidden"}, {"name", "object"}, {"value", group.text_or("object")}}),
        tag("input", {{"type", "hidden"}, {"name", "reason"}, {"value", group.text_or("reason")}}),
        tag("button", {{"type", "submit"}}, label));
  };
  return tag("div", {{"class", "orders"}},
             order("Retry all", "retry", "Retry all " + count + " with this reason?"),
             order("Drop all", "drop",
                   "Drop all " + count + " with this reason? Their changes are lost."));
}

Markup groups(const Words& words, const Value& list, const Visit& visit) {
  Rows rows;
  for (const Value& group : list.at("groups").as_list()) {
    const std::string stream = object_of(group);
    const Markup example =
        tag("p", {{"class", "quiet"}}, "such as ",
            record_link(stream, group.text_or("example"), group.text_or("example")));
    rows.push_back({number_cell(grouped(group.at("count"))), join(stream, example),
                    prose_cell(group.text_or("reason")), time_of(group.at("last_at"), visit),
                    reason_orders(words, group, visit)});
  }
  return tag(
      "section", tag("h2", "By reason"),
      table(words.title + " by reason", {"How many", "Object", "Reason", "Last", "Orders"}, rows));
}

Markup items(const Words& words, const Value& list, const Visit& visit) {
  Rows rows;
  for (const Value& item : list.at("items").as_list()) {
    const std::string id = std::to_string(number_of(item, "id"));
    rows.push_back(
        {tag("a", {{"href", path_to({words.path, id})}}, id), time_of(item.at("at"), visit),
         record_link(object_of(item), item.text_or("record")), prose_cell(item.text_or("reason")),
         order_button("Retry", path_to({words.path, id, "retry"}), visit)});
  }
  Markup more;
  if (list.at("next").is_int()) {
    more =
        tag("p",
            tag("a",
                {{"href", path_to({words.path}, {{"after", std::to_string(number_of(list, "next"))},
                                                 {"reason", visit.parameter("reason")},
                                                 {"hours", visit.parameter("hours")},
                                                 {"source", visit.parameter("source")}})}},
                "Older ones"));
  }
  return tag("section", tag("h2", "One by one"),
             table(words.title, {"ID", "When", "Record", "Reason", "Order"}, rows), more);
}

Markup failed_within(const Visit& visit) {
  Markup options;
  for (const auto& [hours, words] :
       {std::pair("", "any time"), std::pair("12", "the last 12 hours"),
        std::pair("24", "the last day"), std::pair("168", "the last week")}) {
    Attributes attributes = {{"value", hours}};
    if (visit.parameter("hours") == hours) attributes.push_back({"selected", "selected"});
    options += tag("option", attributes, words);
  }
  return tag("label", "Failed within", tag("select", {{"name", "hours"}}, options));
}

Markup filter_form(const Words& words, const Visit& visit) {
  return tag("form", {{"class", "filter"}, {"action", '/' + words.path}},
             tag("label", "Source",
                 tag("input", {{"name", "source"}, {"value", visit.parameter("source")}})),
             tag("label", "Reason contains",
                 tag("input", {{"name", "reason"}, {"value", visit.parameter("reason")}})),
             failed_within(visit), tag("button", {{"type", "submit"}}, "Show"));
}

Markup fact(std::string_view name, const Markup& value) {
  return join(tag("dt", name), tag("dd", value));
}

Markup facts(const Value& one, const Visit& visit) {
  const Value& notice = one.at("notice");
  Markup out = fact("Record", record_link(object_of(notice), notice.text_or("record")));
  const std::string state = notice.text_or("state");
  out += fact("State", badge(state, state == "dead" || state == "held" ? "bad" : "busy"));
  if (!notice.text_or("reason").empty()) out += fact("Reason", text(notice.text_or("reason")));
  out += fact("Ended", time_of(notice.at("at"), visit, "not yet"));
  out += fact("Told by", join(notice.text_or("event"), " (", notice.text_or("kind"), "), received ",
                              time_of(notice.at("received_at"), visit)));
  const Value& receipt = one.at("receipt");
  if (receipt.is_object()) {
    out += fact("Receipt", text(grouped(receipt.at("id")) + ", " + grouped(receipt.at("bytes")) +
                                " bytes, " + grouped(receipt.at("notices")) + " notices"));
  }
  if (const Value& ordered = one.at("ordered"); ordered.is_object()) {
    out += fact("Ordered", join(ordered.text_or("what"), " ", time_of(ordered.at("at"), visit)));
  }
  return tag("dl", {{"class", "facts"}}, out);
}

Markup entities(const Value& one, const Visit& visit) {
  Markup out;
  for (const Value& entity : one.at("entities").as_list()) {
    out += tag("h3", entity.text_or("to"), " ",
               tag("a", {{"href", path_to({"search"}, {{"q", entity.text_or("key")}})}},
                   entity.text_or("key")));
    out += attempts(entity.at("deliveries"), visit);
  }
  return out.empty() ? nothing("It belongs to no entity yet.") : out;
}

Markup orders(const Words& words, const Value& notice, const Visit& visit) {
  const std::string id = std::to_string(number_of(notice, "id"));
  const std::string state = notice.text_or("state");
  if (state != "dead" && state != "held") return nothing("It waits for nobody.");
  Markup out = order_button("Retry", path_to({words.path, id, "retry"}), visit);
  if (state == "held") {
    out += order_button("Send again without a look", path_to({words.path, id, "retry"}), visit,
                        "Send it without looking? If Assembly has it after all, it counts twice.",
                        "send_again", "true");
  }
  out += order_button("Drop", path_to({words.path, id, "drop"}), visit,
                      "Drop it? What it would have changed is lost.");
  return tag("div", {{"class", "orders"}}, out);
}

/// A retry that was ordered by mistake can be taken back as far as it has not come to its end.
Markup retries(const Words& words, const Value& list, const Visit& visit) {
  Markup out;
  for (const Value& order : list.at("orders").as_list()) {
    if (number_of(order, "open") == 0) continue;
    const std::string id = std::to_string(number_of(order, "order"));
    // Without a question: what it puts back can be tried again.
    out += tag("div", {{"class", "orders"}}, tag("span", answers::order_text(order)),
               order_button("Undo it", '/' + words.path + "/undo", visit, "", "order", id));
  }
  return out;
}

/// What failed lately and does not wait any more: a retry must not hide it.
Markup tried_again(const Words& words, const Value& list, const Visit& visit) {
  Rows rows;
  for (const Value& group : list.at("tried_again").as_list()) {
    const std::int64_t ended = number_of(group, "count") - number_of(group, "open");
    rows.push_back({number_cell(grouped(group.at("count"))), object_of(group),
                    prose_cell(group.text_or("reason")), time_of(group.at("last_at"), visit),
                    number_cell(grouped(group.at("open"))), number_cell(grouped(Value(ended)))});
  }
  if (rows.empty()) return {};
  return tag(
      "section", tag("h2", "Tried again since"),
      table(words.title + " that were tried again",
            {"How many", "Object", "It failed because", "Last", "On their way", "Ended"}, rows));
}

}  // namespace

Page waiting_page(const Value& list, const Visit& visit) {
  const Words& words = words_of(list.text_or("state"));
  Page page{words.title, {}};
  page.body += tag("p", {{"class", "quiet"}}, words.means);
  page.body += retries(words, list, visit);
  page.body += filter_form(words, visit);
  if (number_of(list, "counted") == 0) {
    const bool narrowed = list.at("narrowed") == Value(true);
    page.body += nothing(narrowed ? "Nothing matches this." : words.none);
    page.body += tried_again(words, list, visit);
    return page;
  }
  page.body += groups(words, list, visit);
  page.body += tried_again(words, list, visit);
  page.body += items(words, list, visit);
  return page;
}

Page waiting_one_page(const Value& one, const Visit& visit) {
  const Value& notice = one.at("notice");
  const bool held = visit.request.path.find("/holds/") != std::string::npos;
  const Words& words = words_of(held ? "held" : "dead");
  Page page{words.one + ' ' + grouped(notice.at("id")), {}, 2000};
  page.body += live("facts", join(facts(one, visit), orders(words, notice, visit)));
  page.body += tag("section", tag("h2", "What today's mapping would send"),
                   live("would-send", would_send(one.at("would_send"))));
  page.body +=
      tag("section", tag("h2", "Entities and attempts"), live("entities", entities(one, visit)));
  const Value& record = one.at("record");
  if (record.is_object()) {
    const std::string stream = object_of(notice);
    page.body += tag(
        "section", tag("h2", "Record"),
        tag("p", {{"class", "quiet"}}, record.text_or("state"), ", read ",
            time_of(record.at("read_at"), visit), ". ",
            tag("a",
                {{"href",
                  path_to({"workbench"}, {{"object", stream}, {"id", notice.text_or("record")}})}},
                "Open it in the workbench")),
        tag("details", tag("summary", "Its values"),
            tag("pre", {{"tabindex", 0}}, core::dump_json_pretty(record.at("values")))));
  } else {
    page.body += nothing("The record was never read, or is not kept.");
  }
  return page;
}

}  // namespace assembly_sync::console

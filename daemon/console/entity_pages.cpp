// Entities: found by name, domain, key or id; one of them with its values, where each came from,
// and what became of it over time.
#include "daemon/answers/entities.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

Markup where_of(const Value& rule) {
  if (!rule.is_object()) return {};
  Markup out = tag("span", rule.text_or("file"), ":", grouped(rule.at("line")));
  if (const std::string line = rule.text_or("text"); !line.empty()) {
    out += tag("p", tag("code", line));
  }
  return out;
}

/// The record it came from, and what told of that.
Markup origin_of(const Value& one, const Visit& visit) {
  Markup out;
  if (one.at("record").is_object()) out += tag("p", record_link(one.at("record")));
  if (one.at("words").is_list()) {
    for (const Value& word : one.at("words").as_list()) {
      out += tag("p", record_link(word.at("record")), " by mapping ",
                 tag("code", word.text_or("mapping")));
    }
  }
  Markup told;
  if (one.at("receipt").is_int()) told += text("receipt " + grouped(one.at("receipt")) + ' ');
  if (one.at("run").is_int()) {
    const std::string run = std::to_string(number_of(one, "run"));
    told += tag("a", {{"href", path_to({"runs", run})}}, "run ", run);
    told += text(" ");
  }
  told += text(one.find("loaded") != nullptr
                   ? "configuration " + grouped(one.at("loaded")) + " was loaded"
                   : one.text_or("event"));
  if (!told.empty()) out += tag("p", {{"class", "quiet"}}, told);
  if (one.at("received_at").is_string()) {
    out += tag("p", {{"class", "quiet"}}, "heard ", time_of(one.at("received_at"), visit));
  }
  return out;
}

Markup config_link(const Value& one) {
  if (!one.at("config").is_int()) return {};
  const std::string version = std::to_string(number_of(one, "config"));
  return tag("p", {{"class", "quiet"}},
             tag("a", {{"href", path_to({"config", version})}}, "configuration version ", version));
}

/// How the value comes to be by the mapping of today.
Markup steps_of(const Value& steps) {
  if (!steps.is_list() || steps.as_list().empty()) return {};
  Markup items;
  for (const Value& step : steps.as_list()) {
    const std::string failed = step.text_or("error");
    items += tag("li", tag("code", step.text_or("expression")), " → ",
                 failed.empty() ? value_of(step.at("result")) : badge(failed, "bad"));
  }
  return tag("details", tag("summary", "Each step today"), tag("ol", items));
}

Markup rule_of(const Value& field) {
  Markup out;
  if (const std::string mapping = field.text_or("mapping"); !mapping.empty()) {
    out += tag("p", "mapping ", tag("code", mapping));
  }
  out += where_of(field.at("rule"));
  if (const Value& before = field.at("rule_before"); before.is_object()) {
    out += tag("p", {{"class", "quiet"}}, "before, by configuration ", grouped(before.at("config")),
               ": ", tag("code", before.text_or("text")));
  }
  out += steps_of(field.at("steps"));
  out += config_link(field);
  return out;
}

Markup sent_of(const Value& field, const Visit& visit) {
  Markup out = time_of(field.at("at"), visit, "not known");
  const Value& request = field.at("request");
  if (request.is_object()) {
    out +=
        tag("p", {{"class", "quiet"}}, call_of(request.text_or("method"), request.text_or("path")));
  }
  if (const std::string answer = field.text_or("answer"); !answer.empty()) {
    out += tag("p", badge(answer, answer == "delivered" ? "good" : "bad"));
  }
  return out;
}

Markup value_and_before(const Value& field) {
  Markup out = value_of(field.at("value"));
  if (field.find("from") != nullptr) {
    out += tag("p", {{"class", "quiet"}}, "before: ", value_of(field.at("from")));
  }
  return out;
}

Markup fields(const Value& why, const Visit& visit) {
  Rows rows;
  for (const Value& field : why.at("fields").as_list()) {
    rows.push_back({head_cell(field.text_or("field")), value_and_before(field),
                    prose_cell(rule_of(field)), origin_of(field, visit), sent_of(field, visit)});
  }
  return rows.empty() ? nothing("Assembly has confirmed no value of it yet.")
                      : table("Values and where each came from",
                              {"Field", "In Assembly", "Rule", "Came from", "Sent"}, rows);
}

Markup settings(const Value& sets) {
  Markup out;
  for (const Value& set : sets.as_list()) {
    out += tag("p", tag("b", set.text_or("field")), ": ", value_of(set.at("from")), " → ",
               value_of(set.at("to")));
  }
  return out;
}

Markup history(const Value& why, const Visit& visit) {
  Rows rows;
  if (!why.at("history").is_list()) return nothing("Nothing is known of earlier values.");
  for (const Value& step : why.at("history").as_list()) {
    rows.push_back({time_of(step.at("at"), visit), prose_cell(settings(step.at("sets"))),
                    prose_cell(origin_of(step, visit)), config_link(step)});
  }
  return rows.empty() ? nothing("Nothing is known of earlier values.")
                      : table("History", {"When", "What changed", "Came from", "Rules"}, rows);
}

Markup facts(const Value& entity) {
  Markup out;
  for (const auto& [name, value] : entity.as_object()) {
    if (value.is_null() || name == "id" || name == "name") continue;
    std::string label = name;
    for (char& c : label) {
      if (c == '_') c = ' ';
    }
    out += tag("dt", label);
    out += tag("dd", name == "record" ? record_link(value) : value_of(value));
  }
  return tag("dl", {{"class", "facts"}}, out);
}

std::string title_of(const Value& entity) {
  for (const char* const name : {"name", "key", "domain"}) {
    if (const std::string title = entity.text_or(name); !title.empty()) return title;
  }
  return "Entity";
}

Markup merged(const Value& why, const Visit& visit) {
  Markup out;
  if (why.at("merged_into").is_object()) {
    out = tag("p", {{"class", "verdict good"}}, "It was merged into ",
              entity_link(why.at("merged_into")), ".");
  }
  Markup items;
  for (const Value& one : why.at("merged").as_list()) {
    const Markup what = one.at("id").is_int() ? entity_link(one) : record_link(one.at("record"));
    items += tag("li", what, " ", time_of(one.at("merged_at"), visit, ""));
  }
  if (!items.empty()) out += tag("section", tag("h2", "Merged into it"), tag("ul", items));
  return out;
}

Markup pending(const Value& why, const Visit& visit) {
  Rows rows;
  for (const Value& change : why.at("pending").as_list()) {
    Markup what =
        change.at("removes") == Value(true) ? text("it is removed") : settings(change.at("sets"));
    rows.push_back({badge(change.text_or("state"), "busy"), change.text_or("lane"),
                    prose_cell(what), change.text_or("waits_for"),
                    time_of(change.at("due"), visit)});
  }
  if (rows.empty()) return {};
  return tag(
      "section", tag("h2", "On its way"),
      table("Changes on their way", {"State", "Lane", "What changes", "Waits for", "Due"}, rows));
}

Markup found_entities(const Value& found) {
  Rows rows;
  for (const Value& entity : found.at("entities").as_list()) {
    const std::string id = std::to_string(number_of(entity, "id"));
    const bool present = entity.at("present") == Value(true);
    rows.push_back(
        {tag("a", {{"href", path_to({"entities", id})}}, title_of(entity)), entity.text_or("kind"),
         entity.text_or("domain"), tag("code", entity.text_or("key")),
         tag("code", entity.text_or("assembly_id")),
         badge(present ? "in Assembly" : "not in Assembly", present ? "good" : "plain")});
  }
  return table("Entities", {"Name", "Kind", "Domain", "Key", "Assembly ID", "State"}, rows);
}

/// Where the search leads when it can mean one thing only; empty when a person has to choose.
std::string only_hit(const Value& found) {
  const auto& entities = found.at("entities").as_list();
  if (entities.size() == 1) {
    return path_to({"entities", std::to_string(number_of(entities.front(), "id"))});
  }
  const Value& record = found.at("record");
  if (!record.is_object() || found.at("heard") != Value(true)) return {};
  return record_path(record.text_or("source") + '.' + record.text_or("object"),
                     record.text_or("id"));
}

}  // namespace

Page search_page(const Value& found, const Visit& visit) {
  Page page{"Entities", {}};
  page.go = only_hit(found);
  if (visit.parameter("q").empty()) {
    page.body += tag("p",
                     "Accounts, contacts and usage logs that are looked after. Search above by "
                     "name, domain, key, Assembly ID, or a record such as ",
                     tag("code", "hubspot.companies 42"), ".");
    return page;
  }
  if (!found.at("entities").as_list().empty()) {
    page.body += found_entities(found);
    return page;
  }
  page.body += nothing("Nothing has that name, domain, key, ID or record.");
  if (found.at("record").is_object()) {
    page.body += tag("p", "Nothing was ever heard of ", record_link(found.at("record")),
                     " either, if a record is meant.");
  }
  return page;
}

Page entity_page(const Value& why, const Visit& visit) {
  const Value& entity = why.at("entity");
  Page page{title_of(entity), {}};
  page.body += facts(entity);
  page.body += pending(why, visit);
  page.body += tag("section", tag("h2", "Values"), fields(why, visit));
  page.body += tag("section", tag("h2", "History"), history(why, visit));
  page.body += merged(why, visit);
  page.body += tag("section", tag("h2", "Attempts"), attempts(why.at("attempts"), visit));
  return page;
}

}  // namespace assembly_sync::console

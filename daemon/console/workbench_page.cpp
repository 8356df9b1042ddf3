// The workbench: the rules beside a real record, and what they make of it. The form works without a
// script; with one it is sent by itself while somebody types, and the parts that show what came of
// it are renewed.
#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

Markup option(std::string_view value, std::string_view chosen) {
  return tag("option", {{"value", value}, {"selected", value == chosen}}, value);
}

Markup options(const Value& list, std::string_view chosen) {
  Markup out;
  for (const Value& one : list.as_list()) out += option(one.as_string(), chosen);
  return out;
}

Markup problem_item(const Value& problem) {
  const std::string place = problem.text_or("file").substr(problem.text_or("file").rfind('/') + 1) +
                            ':' + std::to_string(number_of(problem, "line")) + ':' +
                            std::to_string(number_of(problem, "column"));
  const bool here = problem.at("here") == Value(true);
  const Markup where = here ? tag("button",
                                  {{"type", "button"},
                                   {"data-line", number_of(problem, "line")},
                                   {"data-column", number_of(problem, "column")}},
                                  place)
                            : tag("b", place);
  Markup what;
  if (!problem.text_or("key").empty()) what += tag("code", problem.text_or("key"));
  return tag("li", where, " ", what, " ", problem.text_or("message"),
             tag("pre", problem.text_or("excerpt")));
}

Markup problems(const Value& tried) {
  const auto& list = tried.at("problems").as_list();
  if (list.empty()) {
    const std::int64_t passed = number_of(tried.at("tests"), "passed");
    return tag("p", badge("no problem", "good"), " ",
               passed > 0 ? core::count_text(passed, "test") + " passed" : "it has no tests yet");
  }
  Markup items;
  for (const Value& problem : list) items += problem_item(problem);
  return join(
      tag("p", badge(core::count_text(static_cast<std::int64_t>(list.size()), "problem"), "bad")),
      tag("ul", {{"class", "problems"}}, items));
}

void add_rows(Rows& rows, const std::string& prefix, const Value& members) {
  if (!members.is_object()) return;
  for (const auto& [name, value] : members.as_object()) {
    rows.push_back({head_cell(prefix + name), value_of(value)});
  }
}

Markup intent(const Value& one) {
  Rows rows;
  for (const auto& [name, value] : one.as_object()) {
    if (name == "to" || name == "key" || name == "fields" || value.is_null()) continue;
    if (name == "additional_properties" || name == "metadata") continue;
    rows.push_back({head_cell(name), value_of(value)});
  }
  add_rows(rows, "", one.at("fields"));
  add_rows(rows, "additional_properties.", one.at("additional_properties"));
  add_rows(rows, "metadata.", one.at("metadata"));
  return join(tag("p", badge(one.text_or("to"), "good"), " ", tag("code", one.text_or("key"))),
              table("What a " + one.text_or("to") + " becomes", {"Field", "Value"}, rows));
}

Markup trace(const Value& steps) {
  if (!steps.is_list() || steps.as_list().empty()) return {};
  Rows rows;
  for (const Value& step : steps.as_list()) {
    const std::string failed = step.text_or("error");
    rows.push_back({step.text_or("mapping") + ": " + step.text_or("field"),
                    tag("code", step.text_or("expression")),
                    failed.empty() ? value_of(step.at("result")) : badge(failed, "bad")});
  }
  return tag("details", tag("summary", "Each step"),
             table("Each step", {"Where", "Expression", "Gives"}, rows));
}

Markup outcome(const Value& tried) {
  if (const std::string why = tried.text_or("record_problem"); !why.empty()) {
    return tag("p", badge("record", "bad"), " ", why);
  }
  const Value& map = tried.at("map");
  if (map.is_null()) {
    return nothing(tried.at("problems").as_list().empty()
                       ? "Choose or paste a record to see what becomes of it."
                       : "Mend the problems to see what becomes of the record.");
  }
  Markup out;
  for (const Value& one : map.at("intents").as_list()) out += intent(one);
  if (const std::string reason = map.text_or("reason"); !reason.empty()) {
    out += tag("p", badge("no intent", "bad"), " ", reason);
  }
  const Value& labels = map.at("labels");
  if (labels.is_object() && labels.text_or("from") == "nowhere") {
    out += tag("p", {{"class", "quiet"}}, "Labels are not known: ", labels.text_or("reason"));
  }
  return join(out, trace(map.at("trace")));
}

Markup saved(const Value& tried) {
  if (tried.find("saved") == nullptr) return {};
  if (tried.at("saved") == Value(true)) {
    return tag("p", {{"class", "told"}, {"role", "status"}},
               "Saved with the test. What the file was is in ", tried.text_or("kept"),
               ". To put it in force: assembly-sync reload");
  }
  Markup out = tag("p", {{"class", "told bad"}, {"role", "alert"}},
                   "Not written: ", tried.text_or("why"), ".");
  if (const std::string test = tried.text_or("test"); !test.empty()) {
    out += tag("p", "The test, to be copied below ", tag("code", "tests:"), ":");
    out += tag("pre", {{"tabindex", 0}}, test);
  }
  return out;
}

Markup rules_column(const Value& form) {
  const std::string file = form.text_or("file");
  return tag("div", tag("h2", tag("label", {{"for", "rules"}}, "Rules: ", tag("code", file))),
             tag("textarea",
                 {{"id", "rules"},
                  {"name", "text"},
                  {"class", "rules"},
                  {"spellcheck", "false"},
                  {"autocapitalize", "off"},
                  {"autocomplete", "off"}},
                 "\n", form.text_or("text")));
}

Markup record_column(const Value& form, const Value& tried) {
  return tag(
      "div", tag("h2", tag("label", {{"for", "record"}}, "Record")),
      tag("div", {{"class", "filter"}},
          tag("label", "Object",
              tag("select", {{"name", "object"}},
                  options(form.at("objects"), form.text_or("object")))),
          tag("label", "ID in the source",
              tag("input",
                  {{"name", "id"}, {"value", form.text_or("id")}, {"autocomplete", "off"}})),
          tag("button", {{"type", "submit"}, {"formaction", "/workbench/record"}}, "Fetch")),
      tag("textarea",
          {{"id", "record"},
           {"name", "record"},
           {"class", "record"},
           {"spellcheck", "false"},
           {"autocapitalize", "off"},
           {"autocomplete", "off"},
           {"placeholder", "A record as JSON"}},
          "\n", form.text_or("record")),
      tag("div", {{"class", "orders"}},
          tag("button", {{"type", "submit"}, {"class", "main"}, {"data-try", true}}, "Try"),
          tag("input", {{"name", "name"},
                        {"placeholder", "Name of the test"},
                        {"aria-label", "Name of the test"},
                        {"value", form.text_or("name")}}),
          tag("button", {{"type", "submit"}, {"formaction", "/workbench/test"}}, "Save as test")),
      tag("section", tag("h2", "Problems"), live("problems", problems(tried))),
      tag("section", tag("h2", "What becomes of the record"), live("outcome", outcome(tried))));
}

Markup file_choice(const Value& form) {
  const auto& files = form.at("files").as_list();
  if (files.size() < 2) return {};
  return tag(
      "form", {{"class", "filter"}, {"action", "/workbench"}},
      tag("label", "File",
          tag("select", {{"name", "file"}}, options(form.at("files"), form.text_or("file")))),
      tag("button", {{"type", "submit"}}, "Open"));
}

}  // namespace

Page workbench_page(const Value& document, const Visit& visit) {
  Page page{"Workbench", {}, 0, "workbench.js"};
  const Value& form = document.at("form");
  const Value& tried = document.at("tried");
  page.body += tag("p", {{"class", "quiet"}},
                   "Change the rules and see at once what they make of a record. Nothing is sent, "
                   "and nothing is in force before you save the file and reload.");
  page.body += live("saved", saved(tried));
  if (const std::string why = document.text_or("told"); !why.empty()) {
    page.body += tag("p", {{"class", "told bad"}, {"role", "alert"}}, why, ".");
  }
  page.body += file_choice(form);
  page.body += tag(
      "form", {{"method", "post"}, {"action", "/workbench"}, {"class", "bench"}}, csrf_field(visit),
      tag("input", {{"type", "hidden"}, {"name", "file"}, {"value", form.text_or("file")}}),
      tag("input", {{"type", "hidden"}, {"name", "base"}, {"value", form.text_or("base")}}),
      rules_column(form), record_column(form, tried));
  return page;
}

}  // namespace assembly_sync::console

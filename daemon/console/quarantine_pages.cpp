// Webhooks that were not believed.
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

Markup orders(const Value& one, const Visit& visit) {
  const std::string id = std::to_string(number_of(one, "id"));
  return tag("div", {{"class", "orders"}},
             order_button("Check again", path_to({"quarantine", id, "retry"}), visit),
             order_button("Take it unverified", path_to({"quarantine", id, "retry"}), visit,
                          "Take it although nothing proves who sent it?", "accept", "true"),
             order_button("Drop", path_to({"quarantine", id, "drop"}), visit,
                          "Drop it? What it tells is lost, unless its sender tells it again."));
}

}  // namespace

Page quarantine_page(const Value& list, const Visit& visit) {
  Page page{"Quarantine", {}};
  page.body += tag("p", {{"class", "quiet"}},
                   "Webhooks whose signature did not match, or that could not be read. Mostly a "
                   "secret or listen.public_url is wrong: mend it, reload, then check them again.");
  Rows rows;
  for (const Value& item : list.at("items").as_list()) {
    const std::string id = std::to_string(number_of(item, "id"));
    rows.push_back({tag("a", {{"href", path_to({"quarantine", id})}}, id),
                    time_of(item.at("at"), visit), item.text_or("source"),
                    prose_cell(item.text_or("reason")), number_cell(grouped(item.at("bytes"))),
                    order_button("Check again", path_to({"quarantine", id, "retry"}), visit)});
  }
  if (rows.empty()) {
    page.body += nothing("The quarantine is empty.");
    return page;
  }
  page.body +=
      tag("div", {{"class", "orders"}}, order_button("Check all again", "/quarantine/retry", visit),
          order_button("Drop all", "/quarantine/drop", visit,
                       "Drop all of them? What they tell is lost."));
  page.body +=
      table("Webhooks in quarantine", {"ID", "When", "Source", "Reason", "Bytes", "Order"}, rows);
  if (list.at("next").is_int()) {
    const std::string next = std::to_string(number_of(list, "next"));
    page.body +=
        tag("p", tag("a", {{"href", path_to({"quarantine"}, {{"after", next}})}}, "Older ones"));
  }
  return page;
}

Page quarantined_one_page(const Value& one, const Visit& visit) {
  Page page{"Webhook " + grouped(one.at("id")) + " in quarantine", {}};
  page.body +=
      tag("dl", {{"class", "facts"}}, tag("dt", "Source"), tag("dd", one.text_or("source")),
          tag("dt", "Reason"), tag("dd", one.text_or("reason")), tag("dt", "Received"),
          tag("dd", time_of(one.at("at"), visit)), tag("dt", "Path"),
          tag("dd", tag("code", one.text_or("path"))));
  page.body += orders(one, visit);
  Markup lines;
  if (one.at("headers").is_list()) {
    for (const Value& line : one.at("headers").as_list()) {
      lines += text(line.is_string() ? line.as_string() + '\n' : "");
    }
  }
  page.body += tag("section", tag("h2", "Headers"), tag("pre", {{"tabindex", 0}}, lines));
  page.body +=
      tag("section", tag("h2", "Body"), tag("pre", {{"tabindex", 0}}, one.text_or("body")));
  return page;
}

}  // namespace assembly_sync::console

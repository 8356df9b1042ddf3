// The live tail: what came in, how it ended, what was sent; the newest first.
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

Markup about(const Value& event) {
  std::string stream = event.text_or("source");
  if (!event.text_or("object").empty()) stream += '.' + event.text_or("object");
  const std::string record = event.text_or("record");
  return record.empty() ? text(stream) : record_link(stream, record);
}

Markup received(const Value& event) {
  return join(grouped(event.at("bytes")), " bytes, receipt ", grouped(event.at("receipt")));
}

Markup ended(const Value& event) {
  const std::string state = event.text_or("state");
  const bool waits = state == "dead" || state == "held";
  Markup out = badge(state, waits ? "bad" : "good");
  if (waits) {
    const std::string id = std::to_string(number_of(event, "notice"));
    out += text(" ");
    out += tag("a", {{"href", path_to({state == "dead" ? "dead" : "holds", id})}},
               event.text_or("reason"));
  } else if (event.text_or("reason") != state) {
    out += text(' ' + event.text_or("reason"));
  }
  return out;
}

Markup delivery(const Value& event) {
  const std::string outcome = event.text_or("outcome");
  const bool good = outcome == "delivered" || outcome == "unchanged";
  return join(badge(outcome, good ? "good" : "bad"), " ",
              tag("a", {{"href", path_to({"search"}, {{"q", event.text_or("key")}})}},
                  event.text_or("to"), " ", event.text_or("key")),
              " ",
              tag("span", {{"class", "quiet"}}, event.text_or("method"), " ", event.text_or("path"),
                  ", ", grouped(event.at("ms")), " ms, ", event.text_or("lane"), " lane"),
              good ? Markup() : tag("p", event.text_or("reason")));
}

}  // namespace

Page tail_page(const Value& document, const Visit& visit) {
  Page page{"Live tail", {}, 1000};
  const auto& events = document.at("events").as_list();
  Rows rows;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const std::string what = event->text_or("what");
    rows.push_back({time_of(event->at("at"), visit), what, about(*event),
                    prose_cell(what == "received" ? received(*event)
                               : what == "ended"  ? ended(*event)
                                                  : delivery(*event))});
  }
  page.body += live("tail", rows.empty() ? nothing("Nothing happened in the last day.")
                                         : table("What happened, the newest first",
                                                 {"When", "What", "Record", "How it went"}, rows));
  return page;
}

}  // namespace assembly_sync::console

#include "daemon/answers/tail.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "daemon/answers/lines.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::TailPlace;

/// Transactions that began earlier are surely to be seen after this.
constexpr std::int64_t kLagMs = 1000;
constexpr std::size_t kReasonWidth = 120;

std::string to_text(const TailPlace& place) {
  return std::to_string(place.receipt) + '.' + std::to_string(place.delivery) + '.' +
         std::to_string(place.ended_ms) + '.' + std::to_string(place.notice);
}

std::optional<TailPlace> parse(const std::string& cursor) {
  TailPlace place;
  const char* at = cursor.data();
  const char* const end = cursor.data() + cursor.size();
  for (std::int64_t* number : {&place.receipt, &place.delivery, &place.ended_ms, &place.notice}) {
    if (number != &place.receipt) {
      if (at == end || *at != '.') return std::nullopt;
      ++at;
    }
    const auto [next, error] = std::from_chars(at, end, *number);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(place) : std::nullopt;
}

TailPlace begin_of(const store::View& view, const TailQuery& query) {
  if (const auto place = parse(query.cursor)) {
    const TailPlace end = view.tail_end();
    TailPlace begin = *place;
    // All rows went with retention, and their numbers began anew; or the clock was set back.
    if (begin.receipt > end.receipt) begin.receipt = 0;
    if (begin.delivery > end.delivery) begin.delivery = 0;
    begin.ended_ms = std::min(begin.ended_ms, query.now_ms);
    return begin;
  }
  if (query.since_ms) return view.tail_since(*query.since_ms);
  TailPlace end = view.tail_end();
  end.ended_ms = query.now_ms - kLagMs;
  return end;
}

Value event(const char* what, std::int64_t at_ms, const core::RecordRef& ref) {
  return Value::object({{"what", what},
                        {"at", time_value(at_ms)},
                        {"source", ref.source.str()},
                        {"object", ref.object.str()},
                        {"record", ref.id.str()}});
}

Value event_of(const store::ReceiptHead& head) {
  Value out = event("received", head.received_ms, {head.source, head.object, {}});
  out.set("receipt", head.id);
  out.set("bytes", head.bytes);
  out.set("notices", head.notices);
  return out;
}

Value event_of(const store::EndedNotice& ended) {
  Value out = event("ended", ended.finished_ms, ended.ref);
  out.set("notice", ended.id);
  out.set("state", ended.state);
  out.set("reason", ended.reason);
  return out;
}

Value event_of(const store::ToldDelivery& told) {
  const store::DeliveryRecord& delivery = told.delivery;
  Value out = event("delivery", delivery.started_ms + delivery.duration_ms, told.record);
  out.set("to", core::to_text(told.kind));
  out.set("key", told.key.str());
  out.set("method", delivery.method);
  out.set("path", delivery.path);
  out.set("status", delivery.status);
  out.set("ms", delivery.duration_ms);
  out.set("outcome", delivery.outcome);
  out.set("reason", delivery.reason);
  out.set("lane", core::to_text(delivery.lane));
  out.set("attempt", delivery.attempt);
  return out;
}

}  // namespace

Value tail(const store::View& view, const TailQuery& query) {
  TailPlace place = begin_of(view, query);
  Value::List events;
  const auto add = [&](Value event) {
    if (!query.source || event.text_or("source") == query.source->str()) {
      events.push_back(std::move(event));
    }
  };
  const auto receipts = view.receipts_after(place.receipt, query.limit);
  for (const auto& row : receipts) add(event_of(row));
  if (!receipts.empty()) place.receipt = receipts.back().id;
  const auto deliveries = view.deliveries_after(place.delivery, query.limit);
  for (const auto& row : deliveries) add(event_of(row));
  if (!deliveries.empty()) place.delivery = deliveries.back().id;
  const auto ended =
      view.ended_after(place.ended_ms, place.notice, query.now_ms - kLagMs, query.limit);
  for (const auto& row : ended) add(event_of(row));
  if (!ended.empty()) {
    place.ended_ms = ended.back().finished_ms;
    place.notice = ended.back().id;
  }
  std::stable_sort(events.begin(), events.end(), [](const Value& a, const Value& b) {
    return a.text_or("at") < b.text_or("at");
  });
  const auto full = static_cast<std::size_t>(query.limit);
  const bool more = receipts.size() == full || deliveries.size() == full || ended.size() == full;
  return Value::object(
      {{"events", Value(std::move(events))}, {"cursor", to_text(place)}, {"more", more}});
}

std::string tail_line(const Value& event) {
  const std::string what = event.text_or("what");
  std::string about = event.text_or("source");
  if (!event.text_or("object").empty()) about += '.' + event.text_or("object");
  if (!event.text_or("record").empty()) about += ' ' + event.text_or("record");
  const auto number = [&](const char* name) { return std::to_string(event.at(name).as_int()); };
  std::string line = when_text(event.at("at")) + "  ";
  if (what == "received") {
    return line + "received  " + about + ": " +
           core::count_text(event.at("bytes").as_int(), "byte") + ", receipt " + number("receipt");
  }
  if (what == "ended") {
    return line + "ended     " + about + ": " + event.text_or("state") + ": " +
           one_line(event.text_or("reason"), kReasonWidth);
  }
  if (about.empty()) about = event.text_or("to") + ' ' + event.text_or("key");
  line += "delivery  " + about + ": " + event.text_or("method") + ' ' + event.text_or("path");
  if (event.at("status").as_int() > 0) line += ' ' + number("status");  // of a refusal only
  line += ", " + number("ms") + " ms: " + event.text_or("outcome");
  const std::string reason = event.text_or("reason");
  return reason.empty() || reason == event.text_or("outcome")
             ? line
             : line + ": " + one_line(reason, kReasonWidth);
}

}  // namespace assembly_sync::answers

#include "daemon/answers/waiting.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/orders.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::NoticeState;

/// Reasons are counted of so many, the latest: an answer must not take seconds.
constexpr std::int64_t kMostCounted = 100'000;
constexpr std::size_t kGroupsShown = 10;
constexpr std::size_t kReasonWidth = 100;

Value group_value(const store::WaitingGroup& group) {
  return Value::object({{"reason", group.reason},
                        {"source", group.source.str()},
                        {"object", group.object.str()},
                        {"count", group.count},
                        {"example", group.example.str()},
                        {"id", group.latest},
                        {"last_at", time_value(group.last_ms)}});
}

Value tried_value(const store::TriedAgain& group) {
  return Value::object({{"reason", group.reason},
                        {"source", group.source.str()},
                        {"object", group.object.str()},
                        {"count", group.count},
                        {"open", group.open},
                        {"last_at", time_value(group.last_ms)}});
}

Value item_value(const store::Notice& row) {
  return Value::object({{"id", row.id},
                        {"source", row.ref.source.str()},
                        {"object", row.ref.object.str()},
                        {"record", row.ref.id.str()},
                        {"kind", core::to_text(row.kind)},
                        {"event", row.event},
                        {"reason", row.reason},
                        {"at", time_value(row.finished_ms)},
                        {"received_at", time_value(row.received_ms)}});
}

NoticeState state_of(const Value& document) {
  return document.text_or("state") == "held" ? NoticeState::held : NoticeState::dead;
}

bool is_narrowed(const store::WaitingFilter& filter) {
  return filter.source || filter.object || !filter.reason.empty() || filter.since_ms ||
         filter.before_ms;
}

std::string object_of(const Value& row) {
  return row.text_or("source") + '.' + row.text_or("object");
}

std::string groups_text(const Value& list) {
  const auto& groups = list.at("groups").as_list();
  std::vector<std::vector<std::string>> rows;
  std::int64_t told = 0;
  for (std::size_t i = 0; i < groups.size() && i < kGroupsShown; ++i) {
    const Value& group = groups[i];
    told += group.at("count").as_int();
    rows.push_back({std::to_string(group.at("count").as_int()) + " x", object_of(group),
                    one_line(group.text_or("reason"), kReasonWidth),
                    "e.g. " + std::to_string(group.at("id").as_int())});
  }
  std::string text = columns(rows, "  ");
  if (const std::int64_t rest = list.at("counted").as_int() - told; rest > 0) {
    text += "  and " + std::to_string(rest) + " for other reasons\n";
  }
  return text;
}

/// What failed and is no more among those that wait, so that a retry does not hide it.
std::string tried_text(const Value& list) {
  std::vector<std::vector<std::string>> rows;
  for (const Value& group : list.at("tried_again").as_list()) {
    const std::int64_t open = group.at("open").as_int();
    const std::int64_t ended = group.at("count").as_int() - open;
    std::string became;
    if (open > 0) became = std::to_string(open) + " on their way";
    if (ended > 0) {
      became += (became.empty() ? "" : ", ") + std::to_string(ended) + " came to their end";
    }
    rows.push_back({std::to_string(group.at("count").as_int()) + " x", object_of(group),
                    one_line(group.text_or("reason"), kReasonWidth), became});
  }
  if (rows.empty()) return {};
  return "tried again since:\n" + columns(rows, "  ");
}

std::string orders_text(const Value& list, const std::string& verb) {
  std::string text;
  for (const Value& order : list.at("orders").as_list()) {
    if (order.at("open").as_int() == 0) continue;
    text += order_text(order) + "; take back: " + verb + " retry --undo --order " +
            std::to_string(order.at("order").as_int()) + '\n';
  }
  return text;
}

std::string items_text(const Value& list) {
  std::vector<std::vector<std::string>> rows = {{"ID", "WHEN", "WHAT", "REASON"}};
  for (const Value& item : list.at("items").as_list()) {
    rows.push_back({std::to_string(item.at("id").as_int()), when_text(item.at("at")),
                    object_of(item) + ' ' + item.text_or("record"),
                    one_line(item.text_or("reason"), kReasonWidth)});
  }
  return columns(rows, "  ");
}

}  // namespace

std::string verb_of(NoticeState state) {
  return state == NoticeState::held ? "holds" : "dead";
}

std::string count_waiting(std::int64_t count, NoticeState state) {
  return core::count_text(count, state == NoticeState::held ? "held usage log" : "dead letter");
}

Value waiting(const store::View& view, const WaitingQuery& query) {
  const store::WaitingFilter& filter = query.filter;
  std::optional<store::WaitingPlace> after;
  if (query.after) {
    const auto last = view.notice(*query.after);
    after = store::WaitingPlace{last && last->finished_ms ? *last->finished_ms : 0, *query.after};
  }
  const auto rows = view.waiting(filter, after, query.limit + 1);
  const auto groups = view.waiting_groups(filter, kMostCounted);
  const store::Totals totals = view.totals();
  const std::int64_t total = totals.notices[static_cast<std::size_t>(filter.state)];
  Value items = Value::list();
  for (const store::Notice& row : rows) {
    if (static_cast<int>(items.as_list().size()) == query.limit) break;
    items.as_list().push_back(item_value(row));
  }
  Value reasons = Value::list();
  for (const store::WaitingGroup& group : groups.groups) {
    reasons.as_list().push_back(group_value(group));
  }
  Value again = Value::list();
  store::WaitingFilter tried = filter;
  if (!tried.since_ms) tried.since_ms = query.tried_since_ms;
  for (const store::TriedAgain& group : view.tried_again(tried, kMostCounted)) {
    again.as_list().push_back(tried_value(group));
  }
  const bool more = static_cast<int>(rows.size()) > query.limit && query.limit > 0;
  Value next = more ? Value(items.as_list().back().at("id").as_int()) : Value();
  return Value::object({{"state", store::to_text(filter.state)},
                        {"total", total},
                        {"narrowed", is_narrowed(filter)},
                        {"counted", groups.counted},
                        {"counted_all", groups.counted < kMostCounted},
                        {"groups", std::move(reasons)},
                        {"items", std::move(items)},
                        {"next", std::move(next)},
                        {"tried_again", std::move(again)},
                        {"orders", orders(view, filter.state)}});
}

std::string waiting_text(const Value& list) {
  const NoticeState state = state_of(list);
  const std::string verb = "assembly-sync " + verb_of(state);
  const std::int64_t counted = list.at("counted").as_int();
  const bool narrowed = list.at("narrowed") == Value(true);
  const std::string orders = tried_text(list) + orders_text(list, verb);
  if (counted == 0) {
    return "no " + count_waiting(2, state).substr(2) + (narrowed ? " match this" : "") +
           (narrowed && list.at("total").as_int() > 0
                ? "; " + count_waiting(list.at("total").as_int(), state) + " in all"
                : "") +
           '\n' + orders;
  }
  std::string text = count_waiting(narrowed ? counted : list.at("total").as_int(), state);
  if (narrowed) text += " of " + std::to_string(list.at("total").as_int());
  if (list.at("counted_all") == Value(false)) {
    text += "; the reasons of the latest " + std::to_string(counted);
  }
  text += ":\n" + groups_text(list);
  if (!list.at("items").as_list().empty()) text += "\nthe latest first:\n" + items_text(list);
  if (!orders.empty()) text += '\n' + orders;
  text += '\n';
  if (list.at("next").is_int()) {
    text += "more:  " + verb + " list --after " + std::to_string(list.at("next").as_int()) +
            " (with the same filters)\n";
  }
  text += "next:  " + verb + " show ID | " + verb + " retry ID | " + verb + " drop ID\n";
  return text;
}

}  // namespace assembly_sync::answers

#include "daemon/answers/quarantine.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::QuarantineRow;
using store::RowId;

constexpr int kAll = static_cast<int>(core::limits::kQuarantineRows);
constexpr std::size_t kBodyShown = 4000;

std::vector<QuarantineRow> rows_of(const store::View& view, const QuarantineQuery& query,
                                   RowId below, int limit) {
  return view.quarantined(query.source, query.reason, query.since_ms, below, limit);
}

Value groups_of(const std::vector<QuarantineRow>& rows) {
  std::map<std::pair<std::string, std::string>, Value> groups;
  for (const QuarantineRow& row : rows) {
    Value& group = groups[{row.webhook.source.str(), row.webhook.reason}];
    if (group.is_null()) {
      group = Value::object({{"source", row.webhook.source.str()},
                             {"reason", row.webhook.reason},
                             {"count", 0},
                             {"example", row.id},
                             {"last_at", time_value(row.webhook.received_ms)}});
    }
    group.set("count", group.at("count").as_int() + 1);
  }
  Value::List list;
  for (auto& [name, group] : groups) list.push_back(std::move(group));
  std::stable_sort(list.begin(), list.end(), [](const Value& a, const Value& b) {
    return a.at("count").as_int() > b.at("count").as_int();
  });
  return list;
}

/// The ids that an order is about, the oldest first: as they came.
std::vector<RowId> ids_of(const store::Store& store, const QuarantineOrder& order) {
  if (!order.ids.empty()) return order.ids;
  std::vector<RowId> ids;
  for (const QuarantineRow& row :
       store.read([&](const store::View& view) { return rows_of(view, order.query, 0, kAll); })) {
    ids.push_back(row.id);
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

std::string not_there_text(const Value& done) {
  std::string text;
  for (const Value& id : done.at("not_there").as_list()) {
    text += "no webhook " + std::to_string(id.as_int()) + " in quarantine\n";
  }
  return text;
}

/// As if it had just come; false when somebody else has taken it meanwhile.
bool take(store::Store& store, const QuarantineRow& row, const Verdict& verdict) {
  bool taken = false;
  store.write(store::Urgency::live, [&](store::Tx& tx) {
    taken = tx.remove_quarantined(row.id);
    const store::QuarantinedWebhook& webhook = row.webhook;
    if (!taken || tx.has_receipt(webhook.source, verdict.delivery, webhook.body)) return;
    tx.add_receipt(webhook.source, webhook.received_ms, webhook.body, verdict.object,
                   verdict.delivery);
  });
  return taken;
}

}  // namespace

Value quarantine(const store::View& view, const QuarantineQuery& query) {
  const auto all = rows_of(view, query, 0, kAll);
  Value items = Value::list();
  RowId next = 0;
  for (const QuarantineRow& row : all) {
    if (query.after != 0 && row.id >= query.after) continue;
    if (static_cast<int>(items.as_list().size()) == query.limit) {
      next = query.limit > 0 ? items.as_list().back().at("id").as_int() : 0;
      break;
    }
    items.as_list().push_back(Value::object({{"id", row.id},
                                             {"source", row.webhook.source.str()},
                                             {"reason", row.webhook.reason},
                                             {"at", time_value(row.webhook.received_ms)},
                                             {"bytes", row.bytes}}));
  }
  return Value::object({{"total", view.totals().quarantined},
                        {"counted", static_cast<std::int64_t>(all.size())},
                        {"groups", groups_of(all)},
                        {"items", std::move(items)},
                        {"next", next == 0 ? Value() : Value(next)}});
}

std::string quarantine_text(const Value& list) {
  const std::int64_t counted = list.at("counted").as_int();
  const std::int64_t total = list.at("total").as_int();
  if (counted == 0) {
    return total == 0 ? "the quarantine is empty\n"
                      : "nothing in quarantine matches this; " +
                            core::count_text(total, "webhook") + " in all\n";
  }
  std::string text = core::count_text(counted, "webhook") +
                     (counted == total ? "" : " of " + std::to_string(total)) + " in quarantine:\n";
  std::vector<std::vector<std::string>> rows;
  for (const Value& group : list.at("groups").as_list()) {
    rows.push_back({std::to_string(group.at("count").as_int()) + " x", group.text_or("source"),
                    one_line(group.text_or("reason"), 100),
                    "e.g. " + std::to_string(group.at("example").as_int())});
  }
  text += columns(rows, "  ") + "\nthe newest first:\n";
  rows = {{"ID", "WHEN", "SOURCE", "BYTES", "REASON"}};
  for (const Value& item : list.at("items").as_list()) {
    rows.push_back({std::to_string(item.at("id").as_int()), when_text(item.at("at")),
                    item.text_or("source"), std::to_string(item.at("bytes").as_int()),
                    one_line(item.text_or("reason"), 100)});
  }
  text += columns(rows, "  ") + '\n';
  if (list.at("next").is_int()) {
    text += "more:  assembly-sync quarantine list --after " +
            std::to_string(list.at("next").as_int()) + " (with the same filters)\n";
  }
  return text +
         "next:  assembly-sync quarantine show ID | assembly-sync quarantine retry ID | "
         "assembly-sync quarantine drop ID\n";
}

Value quarantined_one(const store::View& view, RowId id) {
  const auto row = view.quarantined(id);
  if (!row) return {};
  Value headers = Value::list();
  std::istringstream lines(row->webhook.headers);
  for (std::string line; std::getline(lines, line);) headers.as_list().emplace_back(line);
  const std::string number = std::to_string(id);
  Value steps = Value::list();
  steps.as_list().emplace_back(
      "check the source's secret and listen.public_url, `assembly-sync reload`, then: "
      "assembly-sync quarantine retry " +
      number);
  steps.as_list().emplace_back("you know who sent it: assembly-sync quarantine retry " + number +
                               " --accept takes it unverified");
  steps.as_list().emplace_back("it is not yours: assembly-sync quarantine drop " + number);
  return Value::object({{"id", id},
                        {"source", row->webhook.source.str()},
                        {"reason", row->webhook.reason},
                        {"at", time_value(row->webhook.received_ms)},
                        {"path", row->webhook.path},
                        {"bytes", row->bytes},
                        {"headers", std::move(headers)},
                        {"body", row->webhook.body},
                        {"next_steps", std::move(steps)}});
}

std::string quarantined_one_text(const Value& one) {
  std::string text = "webhook       " + std::to_string(one.at("id").as_int()) + " for source " +
                     one.text_or("source") + ", received " + when_text(one.at("at")) + '\n';
  text += "reason        " + one_line(one.text_or("reason"), 1000) + '\n';
  if (!one.text_or("path").empty()) {
    text += "path          " + one_line(one.text_or("path"), 400) + " (a query is not kept)\n";
  }
  for (const Value& header : one.at("headers").as_list()) {
    text += "header        " + one_line(header.as_string(), 400) + '\n';
  }
  text += "body          " + one_line(one.text_or("body"), kBodyShown) + '\n';
  if (one.text_or("body").size() > kBodyShown) {
    text += "              (" + std::to_string(one.at("bytes").as_int()) +
            " bytes; --json shows all)\n";
  }
  for (const Value& step : one.at("next_steps").as_list()) {
    text += "next          " + step.as_string() + '\n';
  }
  return text;
}

Value quarantine_retry(store::Store& store, const QuarantineOrder& order, const Recheck& recheck) {
  Value results = Value::list();
  Value not_there = Value::list();
  std::int64_t taken = 0;
  std::int64_t refused = 0;
  for (const RowId id : ids_of(store, order)) {
    const auto row = store.read([&](const store::View& view) { return view.quarantined(id); });
    if (!row) {
      not_there.as_list().emplace_back(id);
      continue;
    }
    const Verdict verdict = recheck(row->webhook, order.accept);
    const bool done = verdict.taken && (order.dry_run || take(store, *row, verdict));
    ++(done ? taken : refused);
    results.as_list().push_back(Value::object({{"id", id},
                                               {"source", row->webhook.source.str()},
                                               {"taken", done},
                                               {"reason", verdict.reason}}));
  }
  return Value::object({{"taken", taken},
                        {"refused", refused},
                        {"results", std::move(results)},
                        {"not_there", std::move(not_there)},
                        {"accept", order.accept},
                        {"dry_run", order.dry_run}});
}

std::string quarantine_retry_text(const Value& done, bool running) {
  const bool dry = done.at("dry_run") == Value(true);
  std::string text = not_there_text(done);
  for (const Value& result : done.at("results").as_list()) {
    if (result.at("taken") == Value(true)) continue;
    text += "stays: " + std::to_string(result.at("id").as_int()) + " (" + result.text_or("source") +
            "): " + one_line(result.text_or("reason"), 400) + '\n';
  }
  const std::int64_t taken = done.at("taken").as_int();
  text += core::count_text(taken, "webhook") + (dry ? " would be taken" : " taken");
  if (taken > 0) {
    text += done.at("accept") == Value(true) ? ", unverified, on your word" : ", verified";
  }
  text += "; " + std::to_string(done.at("refused").as_int()) + " not\n";
  if (taken > 0 && !dry && !running) {
    text += "no daemon is running: what they tell is read when `assembly-sync run` is started\n";
  }
  if (done.at("refused").as_int() > 0 && done.at("accept") != Value(true)) {
    text +=
        "to take one unverified, after a look at it: assembly-sync quarantine show ID, then "
        "assembly-sync quarantine retry ID --accept\n";
  }
  return text;
}

Value quarantine_drop(store::Store& store, const QuarantineOrder& order) {
  Value not_there = Value::list();
  std::int64_t dropped = 0;
  for (const RowId id : ids_of(store, order)) {
    bool done = false;
    if (order.dry_run) {
      done = store.read([&](const store::View& view) { return view.quarantined(id).has_value(); });
    } else {
      store.write(store::Urgency::bulk, [&](store::Tx& tx) { done = tx.remove_quarantined(id); });
    }
    if (done) {
      ++dropped;
    } else {
      not_there.as_list().emplace_back(id);
    }
  }
  return Value::object(
      {{"dropped", dropped}, {"not_there", std::move(not_there)}, {"dry_run", order.dry_run}});
}

std::string quarantine_drop_text(const Value& done) {
  return not_there_text(done) + core::count_text(done.at("dropped").as_int(), "webhook") +
         (done.at("dry_run") == Value(true) ? " would be thrown away\n"
                                            : " thrown away: what they told is not read\n");
}

}  // namespace assembly_sync::answers

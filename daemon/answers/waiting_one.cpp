// One notice that waits for a person, with all that is known of it.
#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::NoticeState;

constexpr int kDeliveriesShown = 10;

Value notice_value(const store::Notice& row) {
  return Value::object(
      {{"id", row.id},
       {"source", row.ref.source.str()},
       {"object", row.ref.object.str()},
       {"record", row.ref.id.str()},
       {"state", store::to_text(row.state)},
       {"reason", row.reason},
       {"kind", core::to_text(row.kind)},
       {"event", row.event},
       {"lane", core::to_text(row.lane)},
       {"attempts", row.attempts},
       {"run", row.run ? Value(*row.run) : Value()},
       {"occurred_at", row.occurred_ms > 0 ? time_value(row.occurred_ms) : Value()},
       {"received_at", time_value(row.received_ms)},
       {"at", time_value(row.finished_ms)}});
}

Value receipt_value(const store::ReceiptHead& head) {
  return Value::object({{"id", head.id},
                        {"received_at", time_value(head.received_ms)},
                        {"delivery", head.delivery},
                        {"bytes", head.bytes},
                        {"notices", head.notices},
                        {"state", head.state}});
}

Value record_value(const store::MirroredRecord& record) {
  constexpr const char* kStates[] = {"present", "deleted", "merged"};
  auto values = core::parse_json(record.json);
  return Value::object({{"state", kStates[static_cast<int>(record.state)]},
                        {"version", record.version},
                        {"read_at", time_value(record.read_ms)},
                        {"values", values ? std::move(*values) : Value()}});
}

Value delivery_value(const store::DeliveryRecord& row) {
  return Value::object({{"at", time_value(row.started_ms)},
                        {"attempt", row.attempt},
                        {"method", row.method},
                        {"path", row.path},
                        {"status", row.status},
                        {"outcome", row.outcome},
                        {"reason", row.reason},
                        {"ms", row.duration_ms}});
}

Value entity_value(const store::View& view, const store::Entity& entity) {
  Value deliveries = Value::list();
  for (const store::DeliveryRecord& row : view.deliveries(entity.id, kDeliveriesShown)) {
    deliveries.as_list().push_back(delivery_value(row));
  }
  return Value::object(
      {{"to", core::to_text(entity.kind)},
       {"key", entity.key.str()},
       {"assembly_id", entity.assembly_id ? Value(entity.assembly_id->str()) : Value()},
       {"present", entity.present},
       {"in_doubt", entity.doubtful},
       {"deliveries", std::move(deliveries)}});
}

Value entities_value(const store::View& view, const core::RecordRef& ref) {
  Value out = Value::list();
  std::vector<store::RowId> shown;
  for (const store::Entity& entity : view.entities_of(ref)) {
    shown.push_back(entity.id);
    out.as_list().push_back(entity_value(view, entity));
  }
  for (const store::RowId id : view.fed_by(ref)) {
    if (std::find(shown.begin(), shown.end(), id) != shown.end()) continue;
    if (const auto entity = view.entity(id)) out.as_list().push_back(entity_value(view, *entity));
  }
  return out;
}

bool any_in_doubt(const store::View& view, const core::RecordRef& ref) {
  const auto entities = view.entities_of(ref);
  return std::any_of(entities.begin(), entities.end(), sync::in_doubt);
}

Value next_steps(const store::View& view, const store::Notice& row) {
  Value steps = Value::list();
  const auto add = [&](std::string text) { steps.as_list().emplace_back(std::move(text)); };
  const std::string id = std::to_string(row.id);
  const std::string verb = "assembly-sync " + verb_of(row.state);
  if (row.state == NoticeState::held) {
    add("look in Assembly whether this usage log is there");
    add("it is there: " + verb + " drop " + id);
    add("it is not there: " + verb + " retry " + id +
        " --send-again, which sends it without looking: if it is there after all, it counts twice");
    add("not sure: " + verb + " retry " + id + " looks once more and sends nothing that is there");
  } else if (row.state == NoticeState::dead) {
    add("mend the cause (the mapping, the record in the CRM, Assembly), then: " + verb + " retry " +
        id);
    if (any_in_doubt(view, row.ref)) {
      add("its usage log may be in Assembly already: a retry looks for it before it sends");
    }
    add("or accept the loss: " + verb + " drop " + id);
  } else if (row.state == NoticeState::open) {
    add("nothing: it is being worked on");
  }
  return steps;
}

std::string sends_text(const Value& would_send) {
  std::string text;
  if (would_send.as_list().empty()) return "would send    nothing: no mapping reads this object\n";
  for (const Value& one : would_send.as_list()) {
    text += "would send    ";
    if (const std::string reason = one.text_or("reason"); !reason.empty()) {
      const bool named = reason.starts_with("mapping ");
      text +=
          "nothing: " + (named ? "" : "mapping " + one.text_or("mapping") + ": ") + reason + '\n';
      continue;
    }
    text += one.text_or("to") + ' ' + one.text_or("key") + " (mapping " + one.text_or("mapping") +
            ")\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, change] : one.at("fields").as_object()) {
      const bool unknown = change.at("from_unknown") == Value(true);
      rows.push_back({name, (unknown ? "unknown" : one_line(shown(change.at("from")), 60)) +
                                " -> " + one_line(shown(change.at("to")), 60)});
    }
    text += columns(rows, "                ");
  }
  return text;
}

std::string deliveries_text(const Value& entity) {
  std::vector<std::vector<std::string>> rows;
  for (const Value& row : entity.at("deliveries").as_list()) {
    const std::int64_t status = row.at("status").as_int();
    rows.push_back({when_text(row.at("at")), row.text_or("method") + ' ' + row.text_or("path"),
                    status > 0 ? std::to_string(status) : "-", row.text_or("outcome"),
                    std::to_string(row.at("ms").as_int()) + " ms",
                    one_line(row.text_or("reason"), 100)});
  }
  return columns(rows, "                ");
}

std::string entities_text(const Value& entities) {
  std::string text;
  for (const Value& entity : entities.as_list()) {
    const bool doubted = entity.at("in_doubt") == Value(true);
    text += "entity        " + entity.text_or("to") + ' ' + entity.text_or("key");
    if (entity.at("present") == Value(true)) {
      text += ", in Assembly as " + entity.text_or("assembly_id");
    } else {
      text += doubted ? ", perhaps in Assembly" : ", not in Assembly";
    }
    text += (doubted ? ": a call had no answer\n" : "\n") + deliveries_text(entity);
  }
  return text;
}

}  // namespace

Value waiting_one(const store::View& view, store::RowId id, const WouldSend& would_send) {
  const auto row = view.notice(id);
  if (!row) return {};
  Value out = Value::object({{"notice", notice_value(*row)}});
  const auto receipt = row->receipt ? view.receipt_head(*row->receipt) : std::nullopt;
  out.set("receipt", receipt ? receipt_value(*receipt) : Value());
  const auto record = view.record(row->ref);
  out.set("record", record ? record_value(*record) : Value());
  out.set("entities", entities_value(view, row->ref));
  out.set("would_send", would_send ? would_send(view, row->ref) : Value());
  Value ordered;
  if (const auto order = view.order_of(id)) {
    ordered = Value::object({{"order", order->first.id},
                             {"what", order->first.what},
                             {"at", time_value(order->first.given_ms)},
                             {"was", order->second}});
  }
  out.set("ordered", std::move(ordered));
  out.set("next_steps", next_steps(view, *row));
  return out;
}

std::string waiting_one_text(const Value& one) {
  const Value& notice = one.at("notice");
  std::string text = "notice        " + std::to_string(notice.at("id").as_int()) + ": " +
                     notice.text_or("source") + '.' + notice.text_or("object") + ' ' +
                     notice.text_or("record") + '\n';
  text += "state         " + notice.text_or("state") +
          (notice.at("at").is_string() ? " since " + when_text(notice.at("at")) : "") + '\n';
  if (!notice.text_or("reason").empty()) {
    text += "reason        " + one_line(notice.text_or("reason"), 4000) + '\n';
  }
  const std::string event = notice.text_or("event");
  text += "told by       " + (event.empty() ? std::string("an event") : event) + " (" +
          notice.text_or("kind") + "), received " + when_text(notice.at("received_at"));
  if (const Value& receipt = one.at("receipt"); receipt.is_object()) {
    text += ", receipt " + std::to_string(receipt.at("id").as_int()) + " of " +
            core::count_text(receipt.at("notices").as_int(), "notice");
    if (receipt.at("bytes").as_int() == 0) text += " (its body is not kept any more)";
  } else if (notice.at("run").is_int()) {
    text += ", run " + std::to_string(notice.at("run").as_int());
  }
  text += '\n';
  if (const Value& record = one.at("record"); record.is_object()) {
    text += "record        " + record.text_or("state") + ", read " +
            when_text(record.at("read_at")) + " (--json shows its values)\n";
  } else {
    text += "record        never read, or not kept\n";
  }
  text += entities_text(one.at("entities"));
  if (one.at("would_send").is_list()) text += sends_text(one.at("would_send"));
  if (const Value& ordered = one.at("ordered"); ordered.is_object()) {
    text += "ordered       " + when_text(ordered.at("at")) + ": " + ordered.text_or("what") +
            " (order " + std::to_string(ordered.at("order").as_int()) + "); was " +
            one_line(ordered.text_or("was"), 200) + '\n';
  }
  for (const Value& step : one.at("next_steps").as_list()) {
    text += "next          " + step.as_string() + '\n';
  }
  return text;
}

}  // namespace assembly_sync::answers

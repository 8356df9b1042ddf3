#include "daemon/answer_ports.hpp"

#include <utility>

#include "core/json_view.hpp"
#include "daemon/intake/recheck.hpp"
#include "daemon/sync/preview_changes.hpp"

namespace assembly_sync::app {
namespace {

using core::Value;
using sync::Verdict;

/// As the notice would end by it alone.
std::string_view result_of(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::intent:
      return "intent";
    case Verdict::Kind::filtered:
      return "filtered";
    case Verdict::Kind::no_parent:
      return "orphaned";
    case Verdict::Kind::refused:
      return "dead";
  }
  return "";
}

Value would_send(const store::View& view, const core::RecordRef& ref, const Verdict& verdict) {
  Value out = Value::object({{"mapping", verdict.mapping}, {"result", result_of(verdict.kind)}});
  if (verdict.kind != Verdict::Kind::intent) {
    out.set("reason", verdict.reason);
    return out;
  }
  const sync::Preview preview = sync::preview(view, ref, verdict.intent);
  if (preview.waits) {
    out.set("reason", "nothing with the key or domain it is matched by is synced");
    return out;
  }
  if (preview.difference.empty()) {
    const bool on_its_way = preview.entity && (view.pending_of(preview.entity->id) ||
                                               view.in_flight_of(preview.entity->id));
    out.set("reason", on_its_way ? "the change that is on its way says the same"
                                 : "Assembly already has this state");
    return out;
  }
  Value change = sync::change_value(verdict.intent, preview, sync::changes_of(preview));
  for (auto& [name, value] : change.as_object()) out.set(name, std::move(value));
  return out;
}

}  // namespace

answers::ReadsOf reads_of(std::shared_ptr<const config::Config> config) {
  return [config = std::move(config)](const core::SourceName& name) {
    const config::SourceConfig* source = config->source(name);
    if (source == nullptr) return answers::Reads::not_configured;
    return source->connector->reads_by_id() ? answers::Reads::by_id : answers::Reads::from_mirror;
  };
}

answers::Recheck recheck_of(std::shared_ptr<const config::Config> config) {
  return [config = std::move(config)](const store::QuarantinedWebhook& webhook, bool unverified) {
    const config::SourceConfig* source = config->source(webhook.source);
    if (source == nullptr || !source->connector->takes_webhooks()) {
      return answers::Verdict{
          false, "no source " + webhook.source.str() + " that takes webhooks is configured"};
    }
    auto checked =
        intake::recheck(*source->connector, config->listen.public_url, webhook, unverified);
    return answers::Verdict{checked.taken, std::move(checked.reason), std::move(checked.delivery),
                            std::move(checked.object)};
  };
}

answers::WouldSend would_send_of(intake::Mapper mapper) {
  return [mapper = std::move(mapper)](const store::View& view, const core::RecordRef& ref) {
    auto mirrored = view.record(ref);
    if (!mirrored || mirrored->state != store::RecordState::present) return Value();
    core::JsonDocument document;
    core::Record record{ref, std::move(mirrored->json), mirrored->version, {}};
    Value out = Value::list();
    for (const Verdict& verdict : mapper.map(std::move(record), document).verdicts) {
      out.as_list().push_back(would_send(view, ref, verdict));
    }
    return out;
  };
}

answers::Steps steps_of(intake::Mapper mapper) {
  return [mapper = std::move(mapper)](const store::View& view, const core::RecordRef& ref,
                                      const std::string& mapping, const std::string& attribute) {
    const auto mirrored = view.record(ref);
    if (!mirrored || mirrored->state != store::RecordState::present) return Value();
    core::JsonDocument document;
    const auto record = document.parse(mirrored->json);
    if (!record) return Value();
    Value out = Value::list();
    for (const mapping::TraceStep& step : mapper.trace(ref, mapping, *record)) {
      if (step.field != attribute && step.field != "fields." + attribute) continue;
      Value row = Value::object({{"expression", step.expression}, {"result", step.result}});
      if (!step.error.empty()) row.set("error", step.error);
      out.as_list().push_back(std::move(row));
    }
    return out;
  };
}

}  // namespace assembly_sync::app

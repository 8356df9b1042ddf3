#include "daemon/map_document.hpp"

#include "core/problem.hpp"

namespace assembly_sync::app {
namespace {

using core::Value;

Value steps_of(const std::vector<mapping::TraceStep>& trace) {
  Value steps = Value::list();
  for (const mapping::TraceStep& step : trace) {
    Value row = Value::object({{"mapping", step.mapping},
                               {"field", step.field},
                               {"expression", step.expression},
                               {"result", step.result}});
    if (!step.error.empty()) row.set("error", step.error);
    steps.as_list().push_back(std::move(row));
  }
  return steps;
}

Value labels_value(const MapLabels& labels) {
  Value from = Value::object({{"from", labels.from}});
  if (!labels.read_at.empty()) from.set("read_at", labels.read_at);
  if (!labels.reason.empty()) from.set("reason", labels.reason);
  return from;
}

}  // namespace

std::string MapTarget::name() const {
  return source->name.str() + '.' + object.str();
}

std::vector<std::string> map_targets(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      names.push_back(MapTarget{&source, object}.name());
    }
  }
  return names;
}

core::Result<MapTarget> find_map_target(const config::Config& config, const std::string& name) {
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      MapTarget target{&source, object};
      if (target.name() == name) return target;
    }
  }
  const std::string near = core::nearest(name, map_targets(config));
  return core::fail("no object " + name + (near.empty() ? "" : "; did you mean " + near + '?'));
}

std::string reason_of(const mapping::Result& result) {
  using Kind = mapping::Result::Kind;
  switch (result.kind) {
    case Kind::filtered:
      return "filtered: `when` is false";
    case Kind::no_parent:
      return "orphaned: " + result.reason;
    case Kind::refused:
      return result.refusal.field + " (line " + std::to_string(result.refusal.line) + ", column " +
             std::to_string(result.refusal.column) + "): " + result.refusal.reason;
    case Kind::intent:
      return "";
  }
  return "";
}

Value map_document(const std::vector<mapping::Result>& results, const MapLabels& labels,
                   const std::vector<mapping::TraceStep>* trace) {
  Value out = Value::object();
  Value intents = Value::list();
  std::string reason;
  for (const mapping::Result& result : results) {
    if (result.kind == mapping::Result::Kind::intent) {
      intents.as_list().push_back(core::to_value(result.intent));
    } else {
      reason +=
          (reason.empty() ? "" : "; ") + ("mapping " + result.mapping + ": ") + reason_of(result);
    }
  }
  if (results.empty()) reason = "no mapping reads this object";
  out.set("intents", std::move(intents));
  if (!reason.empty()) out.set("reason", reason);
  if (labels.needed) out.set("labels", labels_value(labels));
  if (trace != nullptr) out.set("trace", steps_of(*trace));
  return out;
}

}  // namespace assembly_sync::app

#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <sstream>

#include "core/json.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/http/client.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

struct Target {
  const config::SourceConfig* source = nullptr;
  core::ObjectName object;
};

core::Result<Target> find_target(const config::Config& config, const std::string& text) {
  const std::size_t dot = text.find('.');
  std::vector<std::string> known;
  for (const config::SourceConfig& source : config.sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      known.push_back(source.name.str() + '.' + object.str());
      if (known.back() == text && dot != std::string::npos) return Target{&source, object};
    }
  }
  const std::string near = core::nearest(text, known);
  return core::fail("no object " + text + (near.empty() ? "" : "; did you mean " + near + '?'));
}

core::Result<std::string> read_record(const Context& context, const MapOptions& options) {
  std::ostringstream text;
  if (options.record == "-") {
    text << context.streams.in.rdbuf();
    return text.str();
  }
  std::ifstream file(options.record, std::ios::binary);
  if (!file) return core::fail("cannot read " + options.record);
  text << file.rdbuf();
  return text.str();
}

core::Result<std::string> fetch_record(const config::Config& config, const Target& target,
                                       const std::string& id) {
  core::SystemClock clock;
  http::PooledTransport transport(clock);
  const auto read = target.source->connector->read(
      target.object, {core::RecordId(id)}, config.rules->paths(target.source->name, target.object),
      transport, clock.wall_now());
  if (!read) return core::fail("reading the record failed: " + read.error().reason);
  if (read->records.empty()) return core::fail("the CRM has no such record");
  return read->records.front().json;
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

Value as_json(const std::vector<mapping::Result>& results,
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
  if (trace != nullptr) {
    Value steps = Value::list();
    for (const mapping::TraceStep& step : *trace) {
      Value row = Value::object({{"mapping", step.mapping},
                                 {"field", step.field},
                                 {"expression", step.expression},
                                 {"result", step.result}});
      if (!step.error.empty()) row.set("error", step.error);
      steps.as_list().push_back(std::move(row));
    }
    out.set("trace", std::move(steps));
  }
  return out;
}

void print_text(std::ostream& out, const std::vector<mapping::Result>& results,
                const std::vector<mapping::TraceStep>& trace) {
  std::string field;
  for (const mapping::TraceStep& step : trace) {
    const std::string here = step.mapping + ": " + step.field;
    if (here != field) out << here << '\n';
    field = here;
    out << "    " << step.expression << "  =>  "
        << (step.error.empty() ? core::dump_json(step.result) : "ERROR: " + step.error) << '\n';
  }
  if (results.empty()) out << "no mapping reads this object\n";
  for (const mapping::Result& result : results) {
    out << "mapping " << result.mapping << ": ";
    if (result.kind == mapping::Result::Kind::intent) {
      out << '\n' << core::dump_json_pretty(core::to_value(result.intent)) << '\n';
    } else {
      out << reason_of(result) << '\n';
    }
  }
}

}  // namespace

int map(const Context& context, const MapOptions& options) {
  std::ostream& err = context.streams.err;
  if (options.record.empty() == options.id.empty()) {
    err << "assembly-sync map: expected --record FILE (or -), or --id ID\n";
    return kUsage;
  }
  const auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  const auto target = find_target(*config, options.object);
  if (!target) {
    err << "assembly-sync map: " << target.error().message << '\n';
    return kUsage;
  }
  const auto text = options.id.empty() ? read_record(context, options)
                                       : fetch_record(*config, *target, options.id);
  if (!text) {
    err << "assembly-sync map: " << text.error().message << '\n';
    return kUnavailable;
  }
  core::JsonDocument document;
  const auto record = document.parse(*text);
  if (!record) {
    err << "assembly-sync map: the record: " << record.error().message << '\n';
    return kUsage;
  }
  std::vector<mapping::TraceStep> trace;
  const auto results = config->rules->apply(target->source->name, target->object, *record,
                                            options.trace ? &trace : nullptr);
  if (context.json) {
    context.streams.out << core::dump_json(as_json(results, options.trace ? &trace : nullptr))
                        << '\n';
  } else {
    print_text(context.streams.out, results, trace);
  }
  for (const mapping::Result& result : results) {
    if (result.kind == mapping::Result::Kind::refused) return kNeedsHuman;
  }
  return kDone;
}

}  // namespace assembly_sync::cli

// `why` and `why-not`: the chain from a value back to its record; where a record stopped.
#include "daemon/answers/why.hpp"

#include <ostream>

#include "core/json.hpp"
#include "daemon/answer_ports.hpp"
#include "daemon/answers/entities.hpp"
#include "daemon/answers/why_not.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_store.hpp"
#include "daemon/cli/verb_catalogues.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;

constexpr int kCandidates = 20;

void print(const Context& context, const Value& document, std::string (*text)(const core::Value&)) {
  context.streams.out << (context.json ? core::dump_json(document) + '\n' : text(document));
}

/// Several are called so, or none is.
int tell_candidates(const Context& context, const std::string& asked,
                    const std::vector<store::Entity>& found) {
  std::ostream& err = context.streams.err;
  if (found.empty()) {
    err << "assembly-sync why: nothing that is synced has the name, domain, key, id or record \""
        << asked
        << "\"; of a record that should be there: assembly-sync why-not SOURCE.OBJECT ID\n";
  } else {
    err << "assembly-sync why: several are called so; name one by its key:\n";
    for (const store::Entity& entity : found) {
      const Value value = answers::to_value(entity);
      err << "  " << answers::title_of(value);
      if (!entity.domain.empty()) err << ", " << entity.domain;
      err << '\n';
    }
  }
  if (context.json) {
    Value list = Value::list();
    for (const store::Entity& entity : found) list.as_list().push_back(answers::to_value(entity));
    context.streams.out << core::dump_json(Value::object({{"entities", std::move(list)}})) << '\n';
  }
  return kNeedsHuman;
}

/// Of an entity that has no such field: those that it has.
int tell_fields(const Context& context, const std::string& asked, const Value& all) {
  context.streams.err << "assembly-sync why: " << answers::title_of(all.at("entity"))
                      << " has nothing called \"" << asked << "\" from here; it has:";
  for (const Value& field : all.at("fields").as_list()) {
    context.streams.err << ' ' << field.text_or("field");
  }
  context.streams.err << '\n';
  return kNeedsHuman;
}

bool says_nothing(const Value& why) {
  const auto is_empty = [](const Value& list) { return list.as_list().empty(); };
  const auto& pending = why.at("pending").as_list();
  const bool sets = std::any_of(pending.begin(), pending.end(), [&](const Value& change) {
    return change.find("removes") != nullptr || !is_empty(change.at("sets"));
  });
  return is_empty(why.at("fields")) && is_empty(why.at("history")) && !sets;
}

}  // namespace

int why(const Context& context, const WhyOptions& options) {
  core::SystemClock clock;
  const auto opened = open_store(context, clock);
  if (!opened) return opened.error();
  VerbCatalogues verb(opened->store.get());
  answers::Steps steps;
  if (opened->config) steps = app::steps_of(verb.mapper(*opened->config));
  return opened->store->read([&](const store::View& view) {
    const auto found = answers::find_entities(view, options.entity, kCandidates);
    if (found.size() != 1) return tell_candidates(context, options.entity, found);
    const Value answer = answers::why(view, found.front().id, options.field, steps);
    if (!options.field.empty() && says_nothing(answer)) {
      return tell_fields(context, options.field, answers::why(view, found.front().id, ""));
    }
    print(context, answer, answers::why_text);
    return kDone;
  });
}

int why_not(const Context& context, const WhyNotOptions& options) {
  const auto record = answers::parse_record(options.id.empty() ? options.object
                                                               : options.object + ' ' + options.id);
  if (!record) {
    context.streams.err << "assembly-sync why-not: expected SOURCE.OBJECT ID, such as "
                           "hubspot.companies 42, got \""
                        << options.object << (options.id.empty() ? "" : " " + options.id) << "\"\n";
    return kUsage;
  }
  core::SystemClock clock;
  const auto opened = open_store(context, clock);
  if (!opened) return opened.error();
  VerbCatalogues verb(opened->store.get());
  answers::WouldSend today;
  if (opened->config) today = app::would_send_of(verb.mapper(*opened->config));
  const Value answer = opened->store->read(
      [&](const store::View& view) { return answers::why_not(view, *record, today); });
  print(context, answer, answers::why_not_text);
  const std::string state = answer.text_or("state");
  return state == "dead" || state == "held" || state == "unknown" ? kNeedsHuman : kDone;
}

}  // namespace assembly_sync::cli

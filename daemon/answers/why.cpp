#include "daemon/answers/why.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/answers/entities.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/rules.hpp"
#include "daemon/sync/lineage.hpp"
#include "daemon/sync/origin.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::Entity;
using store::LineageEntry;

constexpr int kEntriesRead = 1000;
constexpr std::size_t kHistoryShown = 20;
constexpr int kAttemptsShown = 10;

/// `tier` means tier; `Industry` means additional_properties.Industry too.
bool is_called(std::string_view attribute, std::string_view asked) {
  if (asked.empty()) return true;
  const auto same = [&](std::string_view name) { return core::equal_ignoring_case(name, asked); };
  const std::size_t dot = attribute.find('.');
  return same(attribute) || (dot != std::string_view::npos && same(attribute.substr(dot + 1)));
}

/// An entry of the lineage, read.
struct Told {
  LineageEntry entry;
  sync::Settings settings;
  sync::Origin origin;
  std::string of;  // the key of the entity that was merged into this one; empty = its own
};

void add_told(const store::View& view, const Entity& entity, const std::string& of,
              std::vector<Told>& to) {
  for (LineageEntry& entry : view.lineage(entity.id, 0, kEntriesRead)) {
    Told told;
    told.settings = sync::parse_settings(entry.sets);
    told.origin = sync::parse_origin(entry.origin);
    told.entry = std::move(entry);
    told.of = of;
    to.push_back(std::move(told));
  }
}

/// The newest first. What was told of an entity that was merged into it counts too: its account may
/// be this one's now.
std::vector<Told> told_about(const store::View& view, const Entity& entity) {
  std::vector<Told> out;
  add_told(view, entity, "", out);
  for (const Entity& loser : view.merged_into(entity.id)) {
    add_told(view, loser, loser.key.str(), out);
  }
  std::sort(out.begin(), out.end(),
            [](const Told& a, const Told& b) { return a.entry.id > b.entry.id; });
  return out;
}

/// Why the change was made at all: a webhook, a run, or that the source was asked. `loaded`: the
/// configuration whose coming into force it was.
void set_trigger(Value& out, const store::View& view, const Told& told) {
  const LineageEntry& entry = told.entry;
  if (entry.receipt) out.set("receipt", *entry.receipt);
  if (entry.run) {
    out.set("run", *entry.run);
    const auto run = view.run(*entry.run);
    if (run && run->is_remap() && told.origin.config > 0) out.set("loaded", told.origin.config);
  }
  if (!entry.event.empty()) out.set("event", entry.event);
  if (entry.received_ms) out.set("received_at", time_value(*entry.received_ms));
}

void set_word(Value& out, const sync::Word& word, store::RowId config, const std::string& attribute,
              RuleBook& rules) {
  out.set("mapping", word.mapping);
  out.set("record", to_value(word.record));
  if (word.version > 0) out.set("version", time_value(word.version));
  if (config == 0) return;
  out.set("config", config);
  if (Value rule = rules.find(config, word.mapping, attribute); !rule.is_null()) {
    out.set("rule", std::move(rule));
  }
}

/// One attribute as Assembly is known to have it.
class FieldAnswer {
 public:
  FieldAnswer(const store::View& view, const Entity& entity, const std::vector<Told>& told,
              RuleBook& rules, const Steps& steps)
      : view_(view),
        entity_(entity),
        told_(told),
        rules_(rules),
        steps_(steps),
        keeping_(sync::keeping(view)) {}

  Value of(const std::string& attribute, const Value& value) {
    Value out = Value::object({{"field", attribute}, {"value", value}});
    const Told* last = last_telling(attribute, value);
    if (last == nullptr) {
      set_unsent(out, attribute);
      return out;
    }
    out.set("at", time_value(last->entry.at_ms));
    out.set("from", last->settings.at(attribute).from);
    if (const sync::Word* word = sync::word_for(last->origin, attribute)) {
      set_word(out, *word, last->origin.config, attribute, rules_);
      // A merged record is mapped no more; what took its place is.
      const bool own = last->of.empty() || !entity_.record;
      set_steps(out, own ? word->record : *entity_.record, word->mapping, attribute);
    } else if (!last->origin.words.empty()) {
      set_words(out, last->origin, attribute);
    }
    set_rule_before(out, *last, attribute);
    set_trigger(out, view_, *last);
    out.set("request", Value::object({{"method", last->entry.method},
                                      {"path", last->entry.path},
                                      {"attempt", last->entry.attempt}}));
    out.set("answer", "delivered");
    return out;
  }

 private:
  /// Of what was merged into it only what told this very value: the rest was about an account that
  /// went away.
  const Told* last_telling(const std::string& attribute, const Value& value) const {
    const auto tells = [&](const Told& told) {
      const auto setting = told.settings.find(attribute);
      return setting != told.settings.end() &&
             (told.of.empty() || setting->second.to == sync::kept(value, keeping_));
    };
    const auto found = std::find_if(told_.begin(), told_.end(), tells);
    return found == told_.end() ? nullptr : &*found;
  }

  /// The rule that gave the value before, where it is another one.
  void set_rule_before(Value& out, const Told& last, const std::string& attribute) {
    const sync::Word* word = sync::word_for(last.origin, attribute);
    if (word == nullptr || last.origin.config == 0) return;
    const auto is_before = [&](const Told& told) {
      return told.entry.id < last.entry.id && told.of == last.of &&
             told.settings.contains(attribute);
    };
    const auto before = std::find_if(told_.begin(), told_.end(), is_before);
    if (before == told_.end()) return;
    const sync::Word* word_before = sync::word_for(before->origin, attribute);
    if (word_before == nullptr || word_before->mapping != word->mapping) return;
    Value rule = rules_.find(before->origin.config, word->mapping, attribute);
    if (rule.is_null() || rule.text_or("text") == out.at("rule").text_or("text")) return;
    rule.set("config", before->origin.config);
    out.set("rule_before", std::move(rule));
  }

  /// No call that is remembered told it: what is known of where it would come from.
  void set_unsent(Value& out, const std::string& attribute) {
    out.set("note", told_.empty()
                        ? "sent before the history that is kept, or Assembly had it already"
                        : "Assembly had it already when the account was found");
    if (!entity_.record) return;
    const auto version = view_.config_version();
    set_word(
        out,
        {entity_.mapping, *entity_.record, view_.record_version(*entity_.record).value_or(0), {}},
        version ? version->version : 0, attribute, rules_);
    set_steps(out, *entity_.record, entity_.mapping, attribute);
  }

  /// Tags and keys, which several records give together.
  void set_words(Value& out, const sync::Origin& origin, const std::string& attribute) {
    Value words = Value::list();
    for (const sync::Word& word : origin.words) {
      const auto& names = word.attributes;
      if (std::find(names.begin(), names.end(), attribute) == names.end()) continue;
      Value one = Value::object();
      set_word(one, word, origin.config, attribute, rules_);
      words.as_list().push_back(std::move(one));
    }
    if (!words.as_list().empty()) out.set("words", std::move(words));
  }

  void set_steps(Value& out, const core::RecordRef& record, const std::string& mapping,
                 const std::string& attribute) {
    if (!steps_) return;
    if (Value steps = steps_(view_, record, mapping, attribute); !steps.is_null()) {
      out.set("steps", std::move(steps));
    }
  }

  const store::View& view_;
  const Entity& entity_;
  const std::vector<Told>& told_;
  RuleBook& rules_;
  const Steps& steps_;
  const sync::Keeping keeping_;
};

Value settings_list(const sync::Settings& settings, std::string_view field) {
  Value list = Value::list();
  for (const auto& [name, setting] : settings) {
    if (!is_called(name, field)) continue;
    list.as_list().push_back(
        Value::object({{"field", name}, {"from", setting.from}, {"to", setting.to}}));
  }
  return list;
}

Value history_of(const store::View& view, const std::vector<Told>& told, std::string_view field) {
  Value history = Value::list();
  for (const Told& one : told) {
    Value sets = settings_list(one.settings, field);
    if (sets.as_list().empty()) continue;
    Value out = Value::object({{"at", time_value(one.entry.at_ms)},
                               {"method", one.entry.method},
                               {"path", one.entry.path},
                               {"sets", std::move(sets)}});
    if (!one.of.empty()) out.set("of", one.of);
    if (one.origin.config > 0) out.set("config", one.origin.config);
    Value words = Value::list();
    for (const sync::Word& word : one.origin.words) {
      words.as_list().push_back(
          Value::object({{"mapping", word.mapping}, {"record", to_value(word.record)}}));
    }
    out.set("words", std::move(words));
    set_trigger(out, view, one);
    history.as_list().push_back(std::move(out));
    if (history.as_list().size() == kHistoryShown) break;
  }
  return history;
}

std::string waits_for(const store::View& view, const Entity& entity, const store::Change& change) {
  if (change.wait == store::Wait::entity) return "a call about it is under way";
  if (change.wait != store::Wait::parent) return {};
  const auto parent = entity.parent ? view.entity(*entity.parent) : std::nullopt;
  return parent ? "its " + title_of(to_value(*parent)) + " is not in Assembly yet"
                : "its company is not in Assembly yet";
}

Value pending_of(const store::View& view, const Entity& entity, std::string_view field) {
  Value out = Value::list();
  for (const bool in_flight : {true, false}) {
    const auto change = in_flight ? view.in_flight_of(entity.id) : view.pending_of(entity.id);
    if (!change) continue;
    Value one = Value::object({{"state", in_flight ? "in_flight" : "pending"},
                               {"lane", core::to_text(change->lane)},
                               {"since", time_value(change->created_ms)},
                               {"due", time_value(change->due_ms)},
                               {"attempts", change->attempts}});
    if (const std::string why = waits_for(view, entity, *change); !why.empty()) {
      one.set("waits_for", why);
    }
    if (change->action == store::Action::remove) {
      one.set("removes", true);
    } else {
      const auto known =
          entity.known ? std::optional(sync::parse_state(*entity.known)) : std::nullopt;
      const sync::State wanted = sync::parse_state(change->wanted);
      one.set("sets",
              settings_list(sync::settings(known ? &*known : nullptr,
                                           sync::after_delivery(known ? &*known : nullptr, wanted)),
                            field));
    }
    out.as_list().push_back(std::move(one));
  }
  return out;
}

Value merged_of(const store::View& view, const Entity& entity) {
  Value out = Value::list();
  for (const Entity& loser : view.merged_into(entity.id)) out.as_list().push_back(to_value(loser));
  if (!entity.record) return out;
  for (const core::RecordRef& loser : view.losers_of(*entity.record)) {
    const auto shown = [&](const Value& one) { return one.at("record") == to_value(loser); };
    auto& list = out.as_list();
    const auto found = std::find_if(list.begin(), list.end(), shown);
    Value one = found == list.end() ? Value::object({{"record", to_value(loser)}}) : *found;
    if (const auto at = view.merged_ms(loser)) one.set("merged_at", time_value(*at));
    if (found == list.end()) {
      list.push_back(std::move(one));
    } else {
      *found = std::move(one);
    }
  }
  return out;
}

Value attempts_of(const store::View& view, const Entity& entity) {
  Value out = Value::list();
  for (const store::DeliveryRecord& delivery : view.deliveries(entity.id, kAttemptsShown)) {
    Value one = Value::object({{"at", time_value(delivery.started_ms)},
                               {"attempt", delivery.attempt},
                               {"method", delivery.method},
                               {"path", delivery.path},
                               {"outcome", delivery.outcome},
                               {"duration_ms", delivery.duration_ms}});
    if (delivery.status > 0) one.set("status", delivery.status);
    if (!delivery.reason.empty()) one.set("reason", delivery.reason);
    out.as_list().push_back(std::move(one));
  }
  return out;
}

}  // namespace

Value why(const store::View& view, store::RowId id, std::string_view field, const Steps& steps) {
  const auto entity = view.entity(id);
  if (!entity) return {};
  RuleBook rules(view);
  const std::vector<Told> told = told_about(view, *entity);
  Value out = Value::object({{"entity", to_value(*entity)}});
  Value fields = Value::list();
  if (entity->known) {
    FieldAnswer answer(view, *entity, told, rules, steps);
    for (const auto& [name, value] : sync::attributes_of(sync::parse_state(*entity->known))) {
      if (is_called(name, field)) fields.as_list().push_back(answer.of(name, value));
    }
  }
  out.set("fields", std::move(fields));
  out.set("history", history_of(view, told, field));
  out.set("pending", pending_of(view, *entity, field));
  out.set("merged", merged_of(view, *entity));
  if (entity->merged_into) {
    if (const auto into = view.entity(*entity->merged_into)) {
      out.set("merged_into", to_value(*into));
    }
  }
  out.set("attempts", attempts_of(view, *entity));
  return out;
}

}  // namespace assembly_sync::answers

#include "daemon/answers/entities.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::Entity;
using store::EntityKind;

constexpr std::size_t kNameWidth = 100;
constexpr std::array kKinds = {EntityKind::company, EntityKind::customer, EntityKind::contact,
                               EntityKind::usage};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

/// As it is written, which the lower-case name that is searched by does not tell.
std::string name_of(const Entity& entity) {
  if (!entity.known) return entity.name;
  const sync::State known = sync::parse_state(*entity.known);
  const auto name = known.fields.find("name");
  return name != known.fields.end() && name->second.is_string() ? name->second.as_string()
                                                                : entity.name;
}

/// Adds what is not among them yet.
void add(std::vector<Entity>& to, std::vector<Entity> more, std::size_t limit) {
  for (Entity& entity : more) {
    const auto same = [&](const Entity& known) { return known.id == entity.id; };
    if (to.size() < limit && std::none_of(to.begin(), to.end(), same)) {
      to.push_back(std::move(entity));
    }
  }
}

/// What the text names and nothing else can be meant by.
std::vector<Entity> named_exactly(const store::View& view, const std::string& text) {
  std::vector<Entity> found;
  if (auto entity = view.entity_by_assembly_id(core::AssemblyId(text))) {
    found.push_back(std::move(*entity));
  }
  for (const EntityKind kind : kKinds) {
    if (auto entity = view.entity(kind, core::Key(text))) found.push_back(std::move(*entity));
  }
  if (const auto record = parse_record(text)) {
    for (Entity& entity : view.entities_of(*record)) found.push_back(std::move(entity));
    for (const store::RowId id : view.fed_by(*record)) {
      if (auto entity = view.entity(id)) found.push_back(std::move(*entity));
    }
  }
  return found;
}

}  // namespace

Value to_value(const core::RecordRef& record) {
  return Value::object(
      {{"source", record.source.str()}, {"object", record.object.str()}, {"id", record.id.str()}});
}

std::string text_of(const core::RecordRef& record) {
  return record.source.str() + '.' + record.object.str() + ' ' + record.id.str();
}

std::string record_text(const Value& record) {
  return record.text_or("source") + '.' + record.text_or("object") + ' ' + record.text_or("id");
}

std::optional<core::RecordRef> parse_record(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::size_t end = text.find_first_of(" /", dot == std::string_view::npos ? 0 : dot);
  if (dot == std::string_view::npos || dot == 0 || end == std::string_view::npos ||
      end == dot + 1 || end + 1 == text.size()) {
    return std::nullopt;
  }
  return core::RecordRef{core::SourceName(text.substr(0, dot)),
                         core::ObjectName(text.substr(dot + 1, end - dot - 1)),
                         core::RecordId(text.substr(end + 1))};
}

Value to_value(const Entity& entity) {
  Value out = Value::object({{"id", entity.id},
                             {"kind", core::to_text(entity.kind)},
                             {"key", entity.key.str()},
                             {"assembly_id", nullptr},
                             {"name", name_of(entity)},
                             {"domain", entity.domain},
                             {"present", entity.present}});
  if (entity.assembly_id) out.set("assembly_id", entity.assembly_id->str());
  if (entity.record) out.set("record", to_value(*entity.record));
  if (!entity.mapping.empty()) out.set("mapping", entity.mapping);
  return out;
}

std::string title_of(const Value& entity) {
  const std::string kind_and_key = entity.text_or("kind") + ' ' + entity.text_or("key");
  const std::string name = one_line(entity.text_or("name"), kNameWidth);
  return name.empty() ? kind_and_key : name + " (" + kind_and_key + ')';
}

std::vector<Entity> find_entities(const store::View& view, std::string_view asked, int limit) {
  const std::string text = trimmed(asked);
  if (text.empty()) return {};
  const auto most = static_cast<std::size_t>(limit);
  std::vector<Entity> found;
  add(found, named_exactly(view, text), most);
  if (!found.empty()) return found;
  const std::string lower = core::lower_ascii(text);
  for (const EntityKind kind : kKinds) {
    add(found, view.entities_of_domain(kind, lower, limit), most);
  }
  if (!found.empty()) return found;
  add(found, view.entities_named(lower, store::NameMatch::begins, limit), most);
  // A whole name is meant before those that only begin with it.
  const auto whole = std::stable_partition(
      found.begin(), found.end(), [&](const Entity& entity) { return entity.name == lower; });
  if (whole != found.begin()) found.erase(whole, found.end());
  if (found.empty()) add(found, view.entities_named(lower, store::NameMatch::holds, limit), most);
  return found;
}

Value search(const store::View& view, std::string_view text, int limit) {
  Value list = Value::list();
  for (const Entity& entity : find_entities(view, text, limit)) {
    list.as_list().push_back(to_value(entity));
  }
  return Value::object({{"entities", std::move(list)}});
}

}  // namespace assembly_sync::answers

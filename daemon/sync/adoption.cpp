#include "daemon/sync/adoption.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;

/// The id of a label as read: the id itself or an object with one (Q30); empty when it is neither.
core::AssemblyId label_id_of(const Value& read) {
  const Value& id = read.is_object() ? read.at("id") : read;
  return core::AssemblyId(id.is_string() ? id.as_string() : std::string());
}

/// Label id -> the name that the mapping knows it by, else its name in Assembly.
class LabelNames {
 public:
  explicit LabelNames(const store::View& view) {
    for (const store::LabelName& name : view.label_names()) {
      names_.emplace(name.id.str(), name.name);
    }
    for (const store::Label& label : view.labels()) names_.emplace(label.id.str(), label.name);
  }
  std::optional<std::string> name_of(const Value& read) const {
    const auto found = names_.find(label_id_of(read).str());
    if (found == names_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, std::string> names_;
};

bool is_label(const std::string& field) {
  return field == "tier" || field == "stage" || field == "company_type";
}

/// Additional properties come as an object or as a list of {name, value} (I28).
std::optional<Value::Object> properties_of(const Value& attributes) {
  const Value* read = attributes.find("additional_properties");
  if (read == nullptr) return std::nullopt;
  if (read->is_object()) return read->as_object();
  if (!read->is_list()) return std::nullopt;
  Value::Object properties;
  for (const Value& item : read->as_list()) {
    if (const std::string name = item.text_or("name"); !name.empty()) {
      properties.emplace(name, item.at("value"));
    }
  }
  return properties;
}

std::optional<std::vector<std::string>> tags_of(const Value& attributes, const LabelNames& labels) {
  const Value* read = attributes.find("tags");
  if (read == nullptr || !read->is_list()) return std::nullopt;
  std::vector<std::string> names;
  for (const Value& item : read->as_list()) {
    if (const auto name = labels.name_of(item)) names.push_back(*name);
  }
  return names;
}

/// Tags that a person set in Assembly are none of ours: only the wanted ones become known, and our
/// own marks of records that were gone.
std::optional<std::vector<std::string>> known_tags(const std::vector<std::string>& present,
                                                   const State& wanted) {
  std::vector<std::string> known;
  for (const std::string& tag : present) {
    const bool is_wanted = wanted.tags && std::find(wanted.tags->begin(), wanted.tags->end(),
                                                    tag) != wanted.tags->end();
    if (is_wanted || tag == kDeletedTag || tag == kMergedTag) known.push_back(tag);
  }
  if (!wanted.tags && known.empty()) return std::nullopt;
  return known;
}

State known_from(const Value& attributes, const State& wanted, const LabelNames& labels) {
  State known;
  for (const auto& [field, value] : wanted.fields) {
    const Value* read = attributes.find(field);
    if (read == nullptr || read->is_null()) continue;
    if (is_label(field)) {
      if (const auto name = labels.name_of(*read)) known.fields.emplace(field, *name);
    } else {
      known.fields.emplace(field, *read);
    }
  }
  if (const auto present = tags_of(attributes, labels)) known.tags = known_tags(*present, wanted);
  if (auto properties = properties_of(attributes)) {
    for (const auto& [name, value] : wanted.properties) {
      if (const auto found = properties->find(name); found != properties->end())
        known.properties.emplace(name, found->second);
    }
  }
  return known;
}

bool has_domain(const store::View& view, const core::AssemblyId& company,
                const std::string& wanted) {
  const std::string domain = core::lower_ascii(wanted);
  const auto entity = view.entity_by_assembly_id(company);
  if (entity && entity->domain == domain) return true;
  const auto listed = view.directory_by_domain(store::EntityKind::company, domain);
  return std::any_of(listed.begin(), listed.end(),
                     [&](const store::DirectoryEntry& entry) { return entry.id == company; });
}

/// A contact's company as the list shows it, when it is the wanted one.
void known_company(const store::View& view, const Value& attributes, const State& wanted,
                   State& known) {
  const core::AssemblyId company(attributes.text_or("company_id"));
  if (company.empty()) return;
  if (wanted.company) {
    const auto parent = view.entity(store::EntityKind::company, *wanted.company);
    if (parent && parent->assembly_id == company) known.company = wanted.company;
  } else if (wanted.company_domain && has_domain(view, company, *wanted.company_domain)) {
    known.company_domain = wanted.company_domain;
  }
}

/// `hubspot-company-` of `hubspot-company-17`: what keys of one mapping have in common. Empty when
/// the key does not end like an id.
std::string_view stem_of(const core::Key& key) {
  constexpr auto kIsAlnum = [](unsigned char c) { return std::isalnum(c) != 0; };
  const std::string_view text = key.str();
  const auto id = std::find_if_not(text.rbegin(), text.rend(), kIsAlnum).base();
  const bool has_digit = std::any_of(id, text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return has_digit ? text.substr(0, static_cast<std::size_t>(id - text.begin()))
                   : std::string_view{};
}

/// The account carries the key of another record of the same kind, which may be read later than
/// this one: two records with one domain stay two.
bool belongs_to_sibling(const store::DirectoryEntry& entry, const core::Key& key) {
  const std::string_view stem = stem_of(key);
  return !stem.empty() &&
         std::any_of(entry.keys.begin(), entry.keys.end(),
                     [&](const core::Key& other) { return stem_of(other) == stem; });
}

}  // namespace

store::EntityKind directory_list(store::EntityKind kind) {
  return kind == store::EntityKind::contact ? kind : store::EntityKind::company;
}

std::optional<std::vector<core::AssemblyId>> tag_ids_of(const Value& attributes) {
  const Value* read = attributes.find("tags");
  if (read == nullptr || !read->is_list()) return std::nullopt;
  std::vector<core::AssemblyId> ids;
  for (const Value& item : read->as_list()) ids.push_back(label_id_of(item));
  return ids;
}

bool adopt(const store::View& view, store::Entity& entity, const State& wanted) {
  const store::EntityKind list = directory_list(entity.kind);
  auto found = view.directory_by_key(list, entity.key);
  const bool linked = found.size() == 1;
  if (found.empty() && !entity.domain.empty()) {
    found = view.directory_by_domain(list, entity.domain);
  }
  if (found.size() != 1) return false;  // unknown, or several: a human's choice, not ours
  if (!linked && belongs_to_sibling(found.front(), entity.key)) return false;
  if (const auto owner = view.entity_by_assembly_id(found.front().id);
      owner && owner->id != entity.id) {
    return false;  // two records with one domain stay two: merging them is not ours to decide
  }
  const auto attributes = core::parse_json(found.front().attributes);
  if (!attributes) return false;
  if (entity.kind != store::EntityKind::contact) {
    const std::string type =
        core::lower_ascii(attributes->text_or("account_type", attributes->text_or("type")));
    if (!type.empty() && type != core::to_text(entity.kind)) return false;
  }
  const LabelNames labels(view);
  State known = known_from(*attributes, wanted, labels);
  known_company(view, *attributes, wanted, known);
  known.linked = linked;
  entity.assembly_id = found.front().id;
  entity.present = true;
  entity.known = to_text(known);
  return true;
}

}  // namespace assembly_sync::sync

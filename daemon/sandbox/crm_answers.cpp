#include "daemon/sandbox/crm_answers.hpp"

#include <algorithm>
#include <set>

namespace assembly_sync::sandbox {
namespace {

constexpr std::size_t kAssociationInputs = 1000;
constexpr std::size_t kAssociationPage = 500;

std::vector<std::string> shown_names(const CrmView& view) {
  std::set<std::string> names(view.properties.begin(), view.properties.end());
  if (names.empty() && view.object == CrmObject::companies) names = {"name", "domain"};
  if (names.empty() && view.object == CrmObject::contacts) {
    names = {"email", "firstname", "lastname"};
  }
  if (names.empty()) names = {"dealname", "amount", "closedate", "pipeline", "dealstage"};
  names.insert({"createdate", "hs_object_id", std::string(modified_property(view.object))});
  return {names.begin(), names.end()};
}

CrmObject other(CrmObject object) {
  return object == CrmObject::companies ? CrmObject::contacts : CrmObject::companies;
}

/// Ids and types only, the primary one under both of its types.
core::Value short_associations(CrmObject from, CrmObject to, const std::vector<CrmLink>& links) {
  const std::string type = std::string(singular(from)) + "_to_" + std::string(singular(to));
  core::Value::List results;
  for (const CrmLink& link : links) {
    const std::string id = std::to_string(link.to);
    if (link.primary) results.push_back(core::Value::object({{"id", id}, {"type", type}}));
    results.push_back(core::Value::object({{"id", id}, {"type", type + "_unlabeled"}}));
  }
  return core::Value::object({{"results", core::Value(std::move(results))}});
}

core::Value association_type(int id, core::Value label) {
  return core::Value::object(
      {{"category", "HUBSPOT_DEFINED"}, {"typeId", id}, {"label", std::move(label)}});
}

/// A primary association carries the type without a label as well.
core::Value association_types(CrmObject from, CrmObject to, bool primary) {
  struct Types {
    int plain;
    int primary;
  };
  const bool from_company = from == CrmObject::companies;
  const bool deals = from == CrmObject::deals || to == CrmObject::deals;
  const Types of_deals = from_company ? Types{342, 6} : Types{341, 5};
  const Types of_contacts = from_company ? Types{280, 2} : Types{279, 1};
  const Types ids = deals ? of_deals : of_contacts;
  core::Value::List types;
  if (primary) types.push_back(association_type(ids.primary, "Primary"));
  types.push_back(association_type(ids.plain, nullptr));
  return core::Value(std::move(types));
}

/// An id may come as a text or as a number.
std::optional<CrmId> id_of(const core::Value& value) {
  if (value.is_int()) return parse_crm_id(std::to_string(value.as_int()));
  return value.is_string() ? parse_crm_id(value.as_string()) : std::nullopt;
}

core::Value associations_of(CrmObject from, CrmObject to_object, CrmId id,
                            const std::vector<CrmLink>& links, CrmId after) {
  const auto first = std::find_if(links.begin(), links.end(),
                                  [&](const CrmLink& link) { return link.to > after; });
  core::Value::List to;
  for (auto link = first; link != links.end() && to.size() < kAssociationPage; ++link) {
    to.push_back(core::Value::object(
        {{"toObjectId", link->to},
         {"associationTypes", association_types(from, to_object, link->primary)}}));
  }
  core::Value out = core::Value::object();
  out.set("from", core::Value::object({{"id", std::to_string(id)}}));
  if (static_cast<std::size_t>(links.end() - first) > to.size()) {
    const std::string last = std::to_string(to.back().at("toObjectId").as_int());
    out.set("paging", core::Value::object({{"next", core::Value::object({{"after", last}})}}));
  }
  out.set("to", core::Value(std::move(to)));
  return out;
}

core::Value no_associations(const std::string& id) {
  return core::Value::object(
      {{"status", "error"},
       {"category", "OBJECT_NOT_FOUND"},
       {"subCategory", "crm.associations.NO_ASSOCIATIONS_FOUND"},
       {"message", "No associations found"},
       {"context",
        core::Value::object({{"fromObjectId", core::Value(core::Value::List{core::Value(id)})}})}});
}

}  // namespace

core::Value crm_envelope(const CrmStore& store, const CrmView& view, const CrmRecord& record) {
  core::Value properties = core::Value::object();
  for (const std::string& name : shown_names(view)) {
    if (store.schema().find(view.object, name) == nullptr) continue;
    properties.set(name, store.property(view.object, record, name));
  }
  core::Value out = core::Value::object();
  out.set("id", std::to_string(record.id));
  out.set("properties", std::move(properties));
  out.set("createdAt", core::format_utc(core::from_ms(record.created_ms)));
  out.set("updatedAt", core::format_utc(core::from_ms(record.modified_ms)));
  out.set("archived", record.archived_ms.has_value());
  if (record.archived_ms) {
    out.set("archivedAt", core::format_utc(core::from_ms(*record.archived_ms)));
  }
  if (view.associations) {
    const CrmObject to = other(view.object);
    const auto links = crm_links(store, view.object, to, record);
    if (!links.empty()) {
      out.set("associations", core::Value::object({{std::string(plural(to)),
                                                    short_associations(view.object, to, links)}}));
    }
  }
  return out;
}

std::vector<CrmLink> crm_links(const CrmStore& store, CrmObject from, CrmObject to,
                               const CrmRecord& record) {
  std::vector<CrmLink> out;
  const bool from_company = from == CrmObject::companies;
  if (!from_company && to != CrmObject::companies) return out;
  const std::set<CrmId>& ids = from_company ? store.members_of(to, record.id) : record.companies;
  for (const CrmId id : ids) {
    const CrmRecord* other_end = store.find(to, id, false);
    if (other_end == nullptr || other_end->archived_ms) continue;
    const CrmRecord& member = from_company ? *other_end : record;
    const CrmId company = from_company ? record.id : id;
    out.push_back({id, member.primary_company == company});
  }
  return out;
}

Outcome crm_read_associations(const CrmStore& store, CrmObject from, CrmObject to,
                              const core::Value& body) {
  const core::Value& inputs = body.at("inputs");
  if (!inputs.is_list()) return refuse(400, "inputs must be a list");
  if (inputs.as_list().size() > kAssociationInputs) {
    return refuse(400, "at most 1000 inputs are allowed");
  }
  core::Value::List results;
  core::Value::List errors;
  for (const core::Value& input : inputs.as_list()) {
    const auto id = id_of(input.at("id"));
    if (!id) return refuse(400, "input id must be a number");
    const CrmRecord* record = store.find(from, *id, false);
    const bool live = record != nullptr && !record->archived_ms;
    const auto links = live ? crm_links(store, from, to, *record) : std::vector<CrmLink>();
    if (links.empty()) {
      errors.push_back(no_associations(std::to_string(*id)));
    } else {
      results.push_back(
          associations_of(from, to, *id, links, id_of(input.at("after")).value_or(0)));
    }
  }
  core::Value out = core::Value::object();
  out.set("status", "COMPLETE");
  out.set("results", core::Value(std::move(results)));
  const int status = errors.empty() ? 200 : 207;
  if (!errors.empty()) {
    out.set("numErrors", static_cast<std::int64_t>(errors.size()));
    out.set("errors", core::Value(std::move(errors)));
  }
  return Answer{status, std::move(out)};
}

}  // namespace assembly_sync::sandbox

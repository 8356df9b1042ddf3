#include "daemon/delivery/request.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/delivery/usage.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::delivery {
namespace {

using core::Value;
using store::EntityKind;

constexpr const char* kTagType = "AccountTag";

/// The label type behind an attribute (B1), or nullptr when it is none.
const char* label_type(const std::string& field) {
  if (field == "tier") return "Tier";
  if (field == "stage") return "Stage";
  if (field == "company_type") return "CompanyType";
  return nullptr;
}

Value label_ids(const std::vector<std::string>& names, const LabelLookup& labels) {
  Value::List ids;
  for (const std::string& name : names) {
    if (const auto id = labels(kTagType, name)) ids.emplace_back(id->str());
  }
  return ids;
}

/// Exactly one of the three company identifiers (A68-A71, I24), the Assembly ID where it is known.
void put_company(const store::Claim& claim, const sync::State& wanted, Value& body) {
  if (claim.parent_id) {
    body.set("company_id", claim.parent_id->str());
  } else if (claim.parent_key) {
    body.set("company_source_specific_id", claim.parent_key->str());
  } else if (wanted.company_domain) {
    body.set("company_domain", *wanted.company_domain);
  }
}

void put_required(const store::Claim& claim, const sync::State& wanted, Value& body) {
  if (claim.entity.kind == EntityKind::company) body.set("type", "Company");
  if (claim.entity.kind == EntityKind::customer) body.set("type", "Customer");
  for (const char* required : {"name", "domain"}) {
    if (const auto value = wanted.fields.find(required); value != wanted.fields.end())
      body.set(required, value->second);
  }
  if (claim.entity.kind == EntityKind::contact) put_company(claim, wanted, body);
}

Value key_list(const std::vector<core::Key>& keys) {
  Value::List list;
  for (const core::Key& key : keys) list.emplace_back(key.str());
  return list;
}

void put_keys(const store::Claim& claim, const sync::Difference& difference, Value& body) {
  std::vector<core::Key> keys = difference.added_keys;
  std::vector<core::Key> removed = difference.removed_keys;
  auto& with_own = difference.unlink ? removed : keys;
  with_own.insert(with_own.begin(), claim.entity.key);
  if (!keys.empty()) body.set("source_specific_ids", key_list(keys));
  if (!removed.empty()) body.set("removed_source_specific_ids", key_list(removed));
}

/// Nothing is there yet that a null could clear.
bool creates(const store::Entity& entity) {
  return !entity.present && !entity.doubtful;
}

void put_fields(const store::Claim& claim, const sync::Difference& difference,
                const LabelLookup& labels, Value& body) {
  for (const auto& [field, value] : difference.fields) {
    if (value.is_null()) {
      if (!creates(claim.entity)) body.set(field, nullptr);
    } else if (const char* type = label_type(field)) {
      const auto id = labels(type, value.is_string() ? value.as_string() : std::string());
      if (!id) throw std::logic_error("a label was not resolved before its request");
      body.set(field, id->str());
    } else {
      body.set(field, value);
    }
  }
}

void put_tags(const sync::Difference& difference, const std::vector<std::string>& wanted,
              const LabelLookup& labels, Value& body) {
  if (!difference.added_tags.empty()) body.set("tags", label_ids(difference.added_tags, labels));
  if (difference.removed_tags.empty()) return;
  // A tag whose label is gone is gone from the account too. One that is wanted under its new name
  // stays: two names may lead to one label (Labels).
  Value ids = label_ids(difference.removed_tags, labels);
  const Value::List stay = label_ids(wanted, labels).as_list();
  std::erase_if(ids.as_list(), [&](const Value& id) {
    return std::find(stay.begin(), stay.end(), id) != stay.end();
  });
  if (!ids.as_list().empty()) body.set("removed_tags", std::move(ids));
}

/// What is missing and what is too much, whoever set it.
void put_exact_tags(const std::vector<std::string>& wanted,
                    const std::vector<core::AssemblyId>& present, const LabelLookup& labels,
                    Value& body) {
  Value::List missing = label_ids(wanted, labels).as_list();
  Value::List too_much;
  for (const core::AssemblyId& id : present) {
    const auto found = std::find(missing.begin(), missing.end(), Value(id.str()));
    if (found == missing.end()) {
      too_much.emplace_back(id.str());
    } else {
      missing.erase(found);
    }
  }
  if (!missing.empty()) body.set("tags", std::move(missing));
  if (!too_much.empty()) body.set("removed_tags", std::move(too_much));
}

}  // namespace

std::string Request::method() const {
  switch (verb) {
    case Verb::upsert:
    case Verb::update:
    case Verb::update_log:
      return "PUT";
    case Verb::remove:
    case Verb::remove_properties:
    case Verb::remove_log:
      return "DELETE";
    case Verb::create_log:
      return "POST";
    case Verb::look:
      return "GET";
  }
  throw std::logic_error("unknown verb");
}

std::string Request::path() const {
  if (verb == Verb::update_log || verb == Verb::remove_log) return "/usage";
  if (verb == Verb::create_log || verb == Verb::look) {
    if (!about) return "/usage";
    return about->kind == EntityKind::contact ? "/usage/contacts" : "/usage/accounts";
  }
  const std::string root = "/" + std::string(assembly::to_text(collection));
  if (verb == Verb::remove_properties) return "/add_props" + root;
  return verb == Verb::upsert ? root + "/upsert" : root;
}

assembly::Collection collection_of(EntityKind kind) {
  return kind == EntityKind::contact ? assembly::Collection::contacts
                                     : assembly::Collection::accounts;
}

sync::Difference remaining(const store::Claim& claim) {
  if (claim.entity.kind == EntityKind::usage) return usage_remaining(claim);
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  if (!claim.entity.present || !claim.entity.known || claim.entity.doubtful) {
    sync::Difference everything = sync::difference(nullptr, wanted);
    if (claim.entity.known) {
      // What was ours before the doubt still has to be taken away.
      const sync::State known = sync::parse_state(*claim.entity.known);
      const sync::Difference since = sync::difference(&known, wanted);
      everything.removed_tags = since.removed_tags;
      everything.removed_keys = since.removed_keys;
      everything.removed_properties = since.removed_properties;
    }
    return everything;
  }
  const sync::State known = sync::parse_state(*claim.entity.known);
  return sync::difference(&known, wanted);
}

bool needs_no_call(const store::Claim& claim) {
  if (claim.change.action == store::Action::upsert) return remaining(claim).empty();
  // A log is removed by its id alone; one that never came to be has none.
  return claim.entity.kind == EntityKind::usage && !claim.entity.assembly_id &&
         !sync::in_doubt(claim.entity);
}

std::vector<std::pair<std::string, std::string>> labels_needed(const store::Claim& claim,
                                                               const sync::Difference& difference) {
  std::vector<std::pair<std::string, std::string>> needed;
  for (const auto& [field, value] : difference.fields) {
    if (const char* type = label_type(field); type != nullptr && value.is_string())
      needed.emplace_back(type, value.as_string());
  }
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  const bool all = wanted.exact_tags && wanted.tags;
  for (const std::string& tag : all ? *wanted.tags : difference.added_tags) {
    needed.emplace_back(kTagType, tag);
  }
  return needed;
}

bool needs_present_tags(const store::Claim& claim) {
  if (claim.change.action != store::Action::upsert || !claim.entity.assembly_id) return false;
  return sync::parse_state(claim.change.wanted).exact_tags;
}

Request request_for(const store::Claim& claim, const sync::Difference& difference,
                    const LabelLookup& labels,
                    const std::optional<std::vector<core::AssemblyId>>& present_tags) {
  const store::Entity& entity = claim.entity;
  if (entity.kind == EntityKind::usage) return usage_request(claim, difference);
  Request request;
  request.collection = collection_of(entity.kind);
  if (claim.change.action == store::Action::remove) {
    request.verb = Request::Verb::remove;
    return request;
  }
  const bool known_to_be_there = entity.present && !entity.doubtful;
  if (known_to_be_there && difference.empty_but_removals()) {
    request.verb = Request::Verb::remove_properties;
    request.properties = difference.removed_properties;
    return request;
  }
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  Value body = Value::object();
  if (wanted.linked) put_required(claim, wanted, body);
  put_keys(claim, difference, body);
  put_fields(claim, difference, labels, body);
  if (present_tags && wanted.tags) {
    put_exact_tags(*wanted.tags, *present_tags, labels, body);
  } else {
    put_tags(difference, wanted.tags.value_or(std::vector<std::string>()), labels, body);
  }
  if (!difference.properties.empty()) body.set("additional_properties", difference.properties);
  request.body = std::move(body.as_object());
  request.full = !entity.present || !entity.known || entity.doubtful;
  const bool adopted =
      entity.assembly_id && entity.known && !sync::parse_state(*entity.known).linked;
  // Without a name none can be made: it is only to be told something.
  const bool only_told = entity.assembly_id && !wanted.fields.contains("name");
  request.verb = adopted || only_told ? Request::Verb::update : Request::Verb::upsert;
  return request;
}

}  // namespace assembly_sync::delivery

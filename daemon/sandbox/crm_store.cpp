#include "daemon/sandbox/crm_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace assembly_sync::sandbox {
namespace {

constexpr std::array<std::string_view, 5> kComputed = {
    "hs_object_id", "createdate", "lastmodifieddate", "hs_lastmodifieddate", "associatedcompanyid"};

bool is_computed(std::string_view name) {
  return std::find(kComputed.begin(), kComputed.end(), name) != kComputed.end();
}

std::optional<CrmId> to_id(const core::Value& value) {
  return value.is_string() ? parse_crm_id(value.as_string()) : std::nullopt;
}

/// `;`-joined ids of everything that was merged.
std::string merged_ids(const CrmRecord& primary, const CrmRecord& secondary, CrmId survivor) {
  std::string out;
  for (const CrmRecord* one : {&primary, &secondary}) {
    const auto earlier = one->properties.find("hs_merged_object_ids");
    if (earlier != one->properties.end()) out += earlier->second.as_string() + ";";
    if (one->id != survivor) out += std::to_string(one->id) + ";";
  }
  out.pop_back();
  return out;
}

}  // namespace

std::optional<CrmId> parse_crm_id(std::string_view text) {
  CrmId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return id;
}

CrmRecord* CrmStore::live(CrmObject object, CrmId id) {
  const auto found = side(object).records.find(id);
  if (found == side(object).records.end() || found->second.archived_ms) return nullptr;
  return &found->second;
}

CrmRecord& CrmStore::add(CrmObject object, CrmTimes times) {
  const CrmId id = ++side(object).last_id;
  CrmRecord& record = side(object).records[id];
  record.id = id;
  record.created_ms = times.created_ms;
  record.modified_ms = times.modified_ms;
  return record;
}

void CrmStore::touch(CrmRecord& record) const {
  record.modified_ms = std::max(core::to_ms(clock_.wall_now()), record.modified_ms + 1);
}

void CrmStore::assign(CrmObject object, CrmRecord& record, const core::Value::Object& properties,
                      bool with_events) {
  for (const auto& [name, value] : properties) {
    if (is_computed(name)) continue;
    schema_.define(object, name);
    const auto before = record.properties.find(name);
    const bool was_set = before != record.properties.end();
    if (value.is_null() ? !was_set : (was_set && before->second == value)) continue;
    if (value.is_null()) {
      record.properties.erase(before);
    } else {
      record.properties[name] = value;
    }
    if (with_events) emit_change(object, record.id, name, value);
  }
}

CrmId CrmStore::create(CrmObject object, const core::Value::Object& properties) {
  const std::int64_t now = core::to_ms(clock_.wall_now());
  CrmRecord& record = add(object, {now, now});
  assign(object, record, properties, false);
  emit(object, "creation", {{"objectId", record.id}, {"changeFlag", "CREATED"}});
  const auto company = properties.find("associatedcompanyid");
  if (object != CrmObject::companies && company != properties.end()) {
    set_primary(object, record.id, to_id(company->second));
  }
  return record.id;
}

CrmId CrmStore::fill(CrmObject object, const core::Value::Object& properties, CrmTimes times) {
  CrmRecord& record = add(object, times);
  assign(object, record, properties, false);
  const auto company = properties.find("associatedcompanyid");
  if (object != CrmObject::companies && company != properties.end()) {
    record.primary_company = to_id(company->second);
    if (record.primary_company) link(object, record, *record.primary_company, false);
  }
  return record.id;
}

bool CrmStore::update(CrmObject object, CrmId id, const core::Value::Object& properties) {
  CrmRecord* record = live(object, id);
  if (record == nullptr) return false;
  touch(*record);
  assign(object, *record, properties, true);
  const auto company = properties.find("associatedcompanyid");
  if (object != CrmObject::companies && company != properties.end()) {
    set_primary(object, id, to_id(company->second));
  }
  return true;
}

void CrmStore::link(CrmObject object, CrmRecord& member, CrmId company, bool with_events) {
  if (!member.companies.insert(company).second) return;
  members(object)[company].insert(member.id);
  if (with_events) emit_association(member.id, company, false, false);
}

bool CrmStore::set_primary(CrmObject object, CrmId id, std::optional<CrmId> company) {
  CrmRecord* member = live(object, id);
  if (member == nullptr || (company && live(CrmObject::companies, *company) == nullptr)) {
    return false;
  }
  const std::optional<CrmId> old = member->primary_company;
  if (old == company) return true;
  const bool with_events = object == CrmObject::contacts;
  if (old && with_events) emit_association(id, *old, true, true);
  member->primary_company = company;
  if (company) {
    link(object, *member, *company, with_events);
    if (with_events) emit_association(id, *company, false, true);
  } else {
    member->companies.erase(*old);
    members(object)[*old].erase(id);
    if (with_events) emit_association(id, *old, true, false);
  }
  return true;
}

bool CrmStore::archive(CrmObject object, CrmId id) {
  CrmRecord* record = live(object, id);
  if (record == nullptr) return false;
  record->archived_ms = core::to_ms(clock_.wall_now());
  emit(object, "deletion", {{"objectId", id}, {"changeFlag", "DELETED"}});
  return true;
}

bool CrmStore::restore(CrmObject object, CrmId id) {
  const auto found = side(object).records.find(id);
  if (found == side(object).records.end() || !found->second.archived_ms) return false;
  found->second.archived_ms.reset();
  emit(object, "restore", {{"objectId", id}});
  return true;
}

bool CrmStore::erase_contact(CrmId id) {
  Side& contacts = side(CrmObject::contacts);
  const auto found = contacts.records.find(id);
  if (found == contacts.records.end()) return false;
  for (const CrmId company : found->second.companies) {
    members(CrmObject::contacts)[company].erase(id);
  }
  contacts.records.erase(found);
  emit(CrmObject::contacts, "privacyDeletion", {{"objectId", id}, {"changeFlag", "DELETED"}});
  emit(CrmObject::contacts, "deletion", {{"objectId", id}, {"changeFlag", "DELETED"}});
  return true;
}

void CrmStore::relink_company(CrmId from, CrmId to) {
  for (const CrmObject object : {CrmObject::contacts, CrmObject::deals}) {
    const std::set<CrmId> ids = members_of(object, from);
    for (const CrmId id : ids) {
      CrmRecord& member = side(object).records.at(id);
      member.companies.erase(from);
      member.companies.insert(to);
      if (member.primary_company == from) member.primary_company = to;
      members(object)[to].insert(id);
    }
    members(object).erase(from);
  }
}

void CrmStore::absorb(CrmObject object, const CrmRecord& gone, CrmRecord& survivor) {
  for (const CrmId company : gone.companies) {
    members(object)[company].erase(gone.id);
    link(object, survivor, company, false);
  }
  if (object == CrmObject::companies) relink_company(gone.id, survivor.id);
  Side& all = side(object);
  for (auto& [merged, into] : all.survivors) {
    if (into == gone.id) into = survivor.id;
  }
  all.survivors[gone.id] = survivor.id;
  all.records.erase(gone.id);
}

std::optional<CrmId> CrmStore::merge(CrmObject object, CrmId primary_id, CrmId secondary_id,
                                     CrmMergeRule rule) {
  if (primary_id == secondary_id) return std::nullopt;
  if (live(object, primary_id) == nullptr || live(object, secondary_id) == nullptr) {
    return std::nullopt;
  }
  const CrmRecord primary = *live(object, primary_id);
  const CrmRecord secondary = *live(object, secondary_id);
  const bool creates = rule == CrmMergeRule::new_record;
  const std::int64_t now = core::to_ms(clock_.wall_now());
  CrmRecord& survivor =
      creates ? add(object, {primary.created_ms, now}) : *live(object, primary_id);
  survivor.properties = primary.properties;
  survivor.properties["hs_merged_object_ids"] = merged_ids(primary, secondary, survivor.id);
  survivor.primary_company = primary.primary_company;
  if (creates) absorb(object, primary, survivor);
  absorb(object, secondary, survivor);
  if (!creates) touch(survivor);
  emit_merge(object, primary_id, secondary_id, survivor);
  return survivor.id;
}

const CrmRecord* CrmStore::find(CrmObject object, CrmId id, bool follow_merges) const {
  const Side& all = side(object);
  if (follow_merges) {
    const auto survivor = all.survivors.find(id);
    if (survivor != all.survivors.end()) id = survivor->second;
  }
  const auto found = all.records.find(id);
  return found == all.records.end() ? nullptr : &found->second;
}

bool CrmStore::is_searchable(const CrmRecord& record) const {
  return search_lag_.count() == 0 ||
         record.modified_ms + search_lag_.count() <= core::to_ms(clock_.wall_now());
}

core::Value CrmStore::property(CrmObject object, const CrmRecord& record,
                               std::string_view name) const {
  if (!is_computed(name)) {
    const auto found = record.properties.find(name);
    return found == record.properties.end() ? core::Value() : found->second;
  }
  if (name == "hs_object_id") return std::to_string(record.id);
  if (name == "createdate") return core::format_utc(core::from_ms(record.created_ms));
  if (name == modified_property(object)) {
    return core::format_utc(core::from_ms(record.modified_ms));
  }
  if (name == "associatedcompanyid" && record.primary_company) {
    const CrmRecord* company = find(CrmObject::companies, *record.primary_company, false);
    if (company != nullptr && !company->archived_ms) return std::to_string(company->id);
  }
  return {};
}

const std::set<CrmId>& CrmStore::members_of(CrmObject object, CrmId company) const {
  static const std::set<CrmId> kNone;
  const auto& members = members_[static_cast<std::size_t>(object)];
  const auto found = members.find(company);
  return found == members.end() ? kNone : found->second;
}

}  // namespace assembly_sync::sandbox

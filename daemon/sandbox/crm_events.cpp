// CrmStore: the webhook events of each change, in the fields of HubSpot's payloads.
#include <iterator>

#include "core/time_text.hpp"
#include "daemon/sandbox/crm_store.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::int64_t kPortalId = 3003;
constexpr std::int64_t kAppId = 4004;
/// What nobody takes must not grow without end; the oldest events go.
constexpr std::size_t kKeptEvents = 200'000;

/// Dates are ms since the epoch in webhooks, a cleared property is the empty text.
std::string event_text(const CrmProperty& property, const core::Value& value) {
  if (!value.is_string()) return {};
  if (property.type == "date") {
    if (const auto day = core::parse_date(value.as_string()))
      return std::to_string(core::to_ms(*day));
  }
  return value.as_string();
}

}  // namespace

void CrmStore::emit(CrmObject object, std::string_view what, core::Value::Object event) {
  const std::string type = std::string(singular(object)) + "." + std::string(what);
  const auto next = static_cast<std::int64_t>(subscriptions_.size()) + 11;
  event.merge(
      core::Value::Object{{"subscriptionId", subscriptions_.try_emplace(type, next).first->second},
                          {"eventId", ++last_event_id_},
                          {"portalId", kPortalId},
                          {"appId", kAppId},
                          {"occurredAt", core::to_ms(clock_.wall_now())},
                          {"subscriptionType", type},
                          {"attemptNumber", 0},
                          {"changeSource", "CRM_UI"},
                          {"sourceId", "userId:7"}});
  if (events_.size() >= kKeptEvents) {
    events_.erase(events_.begin(), events_.begin() + kKeptEvents / 10);
  }
  events_.emplace_back(std::move(event));
}

void CrmStore::emit_change(CrmObject object, CrmId id, const std::string& name,
                           const core::Value& value) {
  emit(object, "propertyChange",
       {{"objectId", id},
        {"propertyName", name},
        {"propertyValue", event_text(*schema_.find(object, name), value)}});
}

void CrmStore::emit_association(CrmId contact, CrmId company, bool removed, bool primary) {
  emit(CrmObject::contacts, "associationChange",
       {{"associationType", "CONTACT_TO_COMPANY"},
        {"fromObjectId", contact},
        {"toObjectId", company},
        {"associationRemoved", removed},
        {"isPrimaryAssociation", primary}});
  emit(CrmObject::companies, "associationChange",
       {{"associationType", "COMPANY_TO_CONTACT"},
        {"fromObjectId", company},
        {"toObjectId", contact},
        {"associationRemoved", removed},
        {"isPrimaryAssociation", primary}});
}

void CrmStore::emit_merge(CrmObject object, CrmId primary, CrmId secondary,
                          const CrmRecord& survivor) {
  core::Value::Object merge{
      {"objectId", survivor.id},
      {"primaryObjectId", primary},
      {"mergedObjectIds", core::Value(core::Value::List{core::Value(secondary)})},
      {"numberOfPropertiesMoved", static_cast<std::uint64_t>(survivor.properties.size())}};
  if (survivor.id != primary) merge.emplace("newObjectId", survivor.id);
  emit(object, "merge", std::move(merge));
  for (const CrmId gone : {primary, secondary}) {
    if (gone == survivor.id) continue;
    emit(object, "deletion", {{"objectId", gone}, {"changeFlag", "DELETED"}});
  }
}

std::vector<core::Value> CrmStore::take_events() {
  std::vector<core::Value> out;
  out.swap(events_);
  return out;
}

}  // namespace assembly_sync::sandbox

// The records of the local HubSpot: companies, contacts and deals, their associations, merges, the
// recycle bin, and the webhook events that each change causes. Ids count from 1 in each object, so
// a company and a contact share ids, as they may in HubSpot. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/sandbox/crm_schema.hpp"

namespace assembly_sync::sandbox {

using CrmId = std::uint64_t;

/// From its decimal text; nothing when it is anything else.
std::optional<CrmId> parse_crm_id(std::string_view text);

struct CrmRecord {
  CrmId id = 0;
  core::Value::Object properties;  // texts; what is not set is not here
  std::int64_t created_ms = 0;
  std::int64_t modified_ms = 0;
  std::optional<std::int64_t> archived_ms;  // in the recycle bin since
  std::optional<CrmId> primary_company;     // contacts, deals; one of `companies`
  std::set<CrmId> companies;                // contacts, deals
};

/// When a record was made and last changed, ms since the epoch.
struct CrmTimes {
  std::int64_t created_ms = 0;
  std::int64_t modified_ms = 0;
};

class CrmStore {
 public:
  using Records = std::map<CrmId, CrmRecord>;

  explicit CrmStore(const core::Clock& clock) : clock_(clock) {}

  /// `associatedcompanyid` sets the primary company; system properties are ignored; a new name
  /// defines a text property.
  CrmId create(CrmObject object, const core::Value::Object& properties);
  /// As create(), at other times and without events.
  CrmId fill(CrmObject object, const core::Value::Object& properties, CrmTimes times);
  bool update(CrmObject object, CrmId id, const core::Value::Object& properties);
  /// The old primary company stays associated without the label; without a new one its association
  /// ends. Moves no modified date.
  bool set_primary(CrmId contact, std::optional<CrmId> company) {
    return set_primary(CrmObject::contacts, contact, company);
  }
  /// The same for a deal; without events.
  bool set_primary(CrmObject object, CrmId id, std::optional<CrmId> company);
  bool archive(CrmObject object, CrmId id);
  bool restore(CrmObject object, CrmId id);
  bool erase_contact(CrmId id);
  /// Nothing when either is not a live record, or both are the same. Those that are gone are
  /// aliases of the survivor from then on.
  std::optional<CrmId> merge(CrmObject object, CrmId primary, CrmId secondary,
                             CrmMergeRule rule = CrmMergeRule::new_record);

  const Records& records(CrmObject object) const { return side(object).records; }
  const CrmSchema& schema() const { return schema_; }
  void define(CrmObject object, const std::string& name, CrmProperty property) {
    schema_.put(object, name, std::move(property));
  }
  /// A record, archived or not; with `follow_merges` the survivor of a merged id. nullptr: none.
  const CrmRecord* find(CrmObject object, CrmId id, bool follow_merges) const;
  /// A change is found by search only this long after it was made; until then the record is not.
  void set_search_lag(std::chrono::milliseconds lag) { search_lag_ = lag; }
  bool is_searchable(const CrmRecord& record) const;
  /// A property's text or null; null too when it is not defined.
  core::Value property(CrmObject object, const CrmRecord& record, std::string_view name) const;
  /// The contacts of a company, archived ones included.
  const std::set<CrmId>& contacts_of(CrmId company) const {
    return members_of(CrmObject::contacts, company);
  }
  /// The same of deals.
  const std::set<CrmId>& members_of(CrmObject object, CrmId company) const;

  std::vector<core::Value> take_events();

 private:
  struct Side {
    Records records;
    std::map<CrmId, CrmId> survivors;  // merged id -> the record it went into
    CrmId last_id = 0;
  };
  Side& side(CrmObject object) { return sides_[static_cast<std::size_t>(object)]; }
  const Side& side(CrmObject object) const { return sides_[static_cast<std::size_t>(object)]; }

  CrmRecord* live(CrmObject object, CrmId id);
  CrmRecord& add(CrmObject object, CrmTimes times);
  void assign(CrmObject object, CrmRecord& record, const core::Value::Object& properties,
              bool with_events);
  void link(CrmObject object, CrmRecord& member, CrmId company, bool with_events);
  void relink_company(CrmId from, CrmId to);
  std::map<CrmId, std::set<CrmId>>& members(CrmObject object) {
    return members_[static_cast<std::size_t>(object)];
  }
  /// `gone` goes into `survivor`, with its associations and earlier aliases.
  void absorb(CrmObject object, const CrmRecord& gone, CrmRecord& survivor);
  void touch(CrmRecord& record) const;

  void emit(CrmObject object, std::string_view what, core::Value::Object event);
  void emit_change(CrmObject object, CrmId id, const std::string& name, const core::Value& value);
  void emit_association(CrmId contact, CrmId company, bool removed, bool primary);
  void emit_merge(CrmObject object, CrmId primary, CrmId secondary, const CrmRecord& survivor);

  const core::Clock& clock_;
  CrmSchema schema_;
  Side sides_[kCrmObjects];
  std::map<CrmId, std::set<CrmId>> members_[kCrmObjects];  // company -> contacts, deals
  std::vector<core::Value> events_;
  std::int64_t last_event_id_ = 0;
  std::chrono::milliseconds search_lag_{0};
  std::map<std::string, std::int64_t> subscriptions_;  // subscription type -> id
};

}  // namespace assembly_sync::sandbox

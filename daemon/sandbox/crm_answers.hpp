// The parts of the local HubSpot's answers: record envelopes and associations. Not thread-safe, as
// the store they read.
#pragma once

#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/crm_store.hpp"

namespace assembly_sync::sandbox {

/// What a request wants to see of records.
struct CrmView {
  CrmObject object = CrmObject::companies;
  std::vector<std::string> properties;  // names; empty = the usual ones
  bool associations = false;            // with those to the other object
};

/// A record's envelope. Names that are not defined are left out; id and dates are always there.
core::Value crm_envelope(const CrmStore& store, const CrmView& view, const CrmRecord& record);

/// The associations of one record to another object, in one direction.
struct CrmLink {
  CrmId to = 0;
  bool primary = false;
};
/// By id; archived records are left out.
std::vector<CrmLink> crm_links(const CrmStore& store, CrmObject from, CrmObject to,
                               const CrmRecord& record);

/// The answer (200 or 207) of POST /crm/v4/associations/{from}/{to}/batch/read.
Outcome crm_read_associations(const CrmStore& store, CrmObject from, CrmObject to,
                              const core::Value& body);

}  // namespace assembly_sync::sandbox

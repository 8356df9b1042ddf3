// The search of the local HubSpot (POST /crm/v3/objects/{type}/search) with its documented limits:
// 5 groups, 6 filters each, 18 in all, a body of 3,000 characters, one sort, pages of 200, a reach
// of 10,000 rows. Archived records are never found. Not thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/crm_store.hpp"

namespace assembly_sync::sandbox {

struct CrmSearchResult {
  std::size_t total = 0;
  std::vector<const CrmRecord*> page;
  std::size_t next_after = 0;  // 0 = last page
};

/// 400 for anything the search does not know or allow, unknown properties and operators among it.
tl::expected<CrmSearchResult, Refusal> search_crm(const CrmStore& store, CrmObject object,
                                                  std::string_view body_text,
                                                  const core::Value& body);

}  // namespace assembly_sync::sandbox

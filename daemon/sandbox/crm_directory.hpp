// What ids in the local HubSpot's records stand for: owners, lists with their members, pipelines of
// deals; and the answers that show them. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"

namespace assembly_sync::sandbox {

struct CrmOwner {
  std::string id;
  std::string email{};
  std::string first_name{};
  std::string last_name{};
  bool archived = false;
};

struct CrmList {
  std::string id;
  std::string object_type_id{};  // 0-2
  std::string name{};
};

class CrmDirectory {
 public:
  void add(CrmOwner owner) { owners_[owner.id] = std::move(owner); }
  void add(CrmList list) { lists_[list.id] = std::move(list); }
  void set_member(const std::string& list_id, const std::string& record_id, bool member);

  /// GET /crm/v3/owners: those in office or those archived, two a page.
  Outcome owners(bool archived, const std::string* after) const;
  /// GET /crm/v3/pipelines/deals
  static Outcome pipelines();
  /// POST /crm/v3/lists/search
  Outcome search_lists(const core::Value& body) const;
  /// POST /crm/v3/lists/records/memberships/batch/read
  Outcome memberships(const core::Value& body) const;

 private:
  std::map<std::string, CrmOwner> owners_;
  std::map<std::string, CrmList> lists_;
  std::map<std::string, std::set<std::string>> members_;  // by list
};

}  // namespace assembly_sync::sandbox

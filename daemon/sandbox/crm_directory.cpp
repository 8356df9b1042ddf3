#include "daemon/sandbox/crm_directory.hpp"

#include <algorithm>
#include <cstdint>

namespace assembly_sync::sandbox {
namespace {

using core::Value;

constexpr const char* kLongAgo = "2025-01-01T00:00:00.000Z";

/// An archived owner is no user any more.
Value shown(const CrmOwner& owner) {
  return Value::object({{"id", owner.id},
                        {"email", owner.email},
                        {"type", "PERSON"},
                        {"firstName", owner.first_name},
                        {"lastName", owner.last_name},
                        {"userId", owner.archived ? Value() : Value(7)},
                        {"userIdIncludingInactive", 7},
                        {"createdAt", kLongAgo},
                        {"updatedAt", kLongAgo},
                        {"archived", owner.archived},
                        {"teams", Value::list()}});
}

Value shown(const CrmList& list) {
  return Value::object({{"listId", list.id},
                        {"listVersion", 1},
                        {"name", list.name},
                        {"objectTypeId", list.object_type_id},
                        {"processingType", "MANUAL"},
                        {"processingStatus", "COMPLETE"},
                        {"createdAt", kLongAgo},
                        {"updatedAt", kLongAgo}});
}

Value pipeline(const char* id, const char* label) {
  return Value::object({{"id", id},
                        {"label", label},
                        {"displayOrder", 0},
                        {"archived", false},
                        {"createdAt", kLongAgo},
                        {"updatedAt", kLongAgo},
                        {"stages", Value::list()}});
}

}  // namespace

void CrmDirectory::set_member(const std::string& list_id, const std::string& record_id,
                              bool member) {
  if (member) {
    members_[list_id].insert(record_id);
  } else {
    members_[list_id].erase(record_id);
  }
}

Outcome CrmDirectory::owners(bool archived, const std::string* after) const {
  constexpr std::size_t kPage = 2;  // so that more than one is needed
  Value::List results;
  Value out = Value::object();
  for (const auto& [id, owner] : owners_) {
    if (owner.archived != archived || (after != nullptr && id <= *after)) continue;
    if (results.size() == kPage) {
      const std::string last = results.back().text_or("id");
      out.set("paging", Value::object({{"next", Value::object({{"after", last}})}}));
      break;
    }
    results.push_back(shown(owner));
  }
  out.set("results", Value(std::move(results)));
  return Answer{200, std::move(out)};
}

Outcome CrmDirectory::pipelines() {
  return Answer{200, Value::object({{"results", Value::list({pipeline("default", "Sales Pipeline"),
                                                             pipeline("renewals", "Renewals")})}})};
}

Outcome CrmDirectory::search_lists(const Value& body) const {
  constexpr std::int64_t kMost = 500;
  const std::int64_t offset = body.at("offset").is_int() ? body.at("offset").as_int() : 0;
  const std::int64_t count = body.at("count").is_int() ? body.at("count").as_int() : 20;
  if (offset < 0 || count < 1 || count > kMost) return refuse(400, "count must be from 1 to 500");
  Value::List found;
  std::int64_t place = 0;
  std::int64_t total = 0;
  for (const auto& [id, list] : lists_) {
    const std::string wanted = body.text_or("objectTypeId");
    if (!wanted.empty() && wanted != list.object_type_id) continue;
    ++total;
    if (place++ < offset || static_cast<std::int64_t>(found.size()) == count) continue;
    found.push_back(shown(list));
  }
  const std::int64_t reached = offset + static_cast<std::int64_t>(found.size());
  return Answer{200, Value::object({{"lists", Value(std::move(found))},
                                    {"offset", reached},
                                    {"hasMore", reached < total},
                                    {"total", total}})};
}

Outcome CrmDirectory::memberships(const Value& body) const {
  constexpr std::size_t kMost = 100;
  const Value& inputs = body.at("inputs");
  if (!inputs.is_list()) return refuse(400, "inputs must be a list");
  if (inputs.as_list().size() > kMost) return refuse(400, "at most 100 inputs are allowed");
  Value::List results;
  for (const Value& input : inputs.as_list()) {
    const std::string type = input.text_or("objectTypeId");
    const std::string record = input.text_or("recordId");
    Value::List of_record;
    for (const auto& [id, list] : lists_) {
      const auto members = members_.find(id);
      const bool is_member = list.object_type_id == type && members != members_.end() &&
                             members->second.contains(record);
      if (!is_member) continue;
      of_record.push_back(Value::object({{"listId", id},
                                         {"listVersion", 1},
                                         {"isPublicList", false},
                                         {"firstAddedTimestamp", kLongAgo},
                                         {"lastAddedTimestamp", kLongAgo}}));
    }
    results.push_back(Value::object({{"objectTypeId", type},
                                     {"recordId", record},
                                     {"recordListMemberships", Value(std::move(of_record))}}));
  }
  return Answer{200, Value::object({{"status", "COMPLETE"},
                                    {"results", Value(std::move(results))},
                                    {"startedAt", kLongAgo},
                                    {"completedAt", kLongAgo}})};
}

}  // namespace assembly_sync::sandbox

#include "connectors/hubspot/lookups.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "connectors/hubspot/objects.hpp"
#include "connectors/read_error.hpp"
#include "core/http.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;

constexpr std::chrono::minutes kAge{5};
constexpr int kOwnerPage = 100;
constexpr int kListPage = 500;
constexpr std::size_t kMembershipInputs = 100;

std::string full_name(const Value& owner) {
  std::string name = owner.text_or("firstName");
  const std::string last = owner.text_or("lastName");
  if (!name.empty() && !last.empty()) name += ' ';
  return name + last;
}

/// One of the two listings there are: those in office, or those archived.
std::optional<ReadError> add_owners(const Client& client, const char* archived,
                                    Lookups::Table<Owner>& owners) {
  std::string after;
  do {
    std::string path =
        "/crm/v3/owners?limit=" + std::to_string(kOwnerPage) + "&archived=" + archived;
    if (!after.empty()) path += "&after=" + core::percent_encode(after);
    const auto answer = client.get(path);
    if (!answer) return answer.error();
    if (!answer->at("results").is_list())
      return transient("HubSpot's list of owners has no results");
    for (const Value& owner : answer->at("results").as_list()) {
      owners.emplace(id_text(owner.at("id")), Owner{owner.text_or("email"), full_name(owner)});
    }
    const std::string next = id_text(answer->at("paging").at("next").at("after"));
    if (!next.empty() && next == after) return transient("HubSpot's owners do not advance");
    after = next;
  } while (!after.empty());
  return std::nullopt;
}

ReadResult<Lookups::Table<Owner>> read_owners(const Client& client) {
  Lookups::Table<Owner> owners;
  for (const char* archived : {"false", "true"}) {
    if (auto error = add_owners(client, archived, owners)) return tl::unexpected(std::move(*error));
  }
  return owners;
}

ReadResult<Lookups::Table<std::string>> read_lists(const Client& client,
                                                   const core::ObjectName& object) {
  Lookups::Table<std::string> lists;
  std::int64_t offset = 0;
  for (bool more = true; more;) {
    const auto answer = client.post(
        "/crm/v3/lists/search",
        Value::object({{"offset", offset},
                       {"count", kListPage},
                       {"objectTypeId", type_id_of(object)},
                       {"processingTypes", Value::list({"MANUAL", "DYNAMIC", "SNAPSHOT"})}}));
    if (!answer) return tl::unexpected(answer.error());
    const Value& found = answer->at("lists");
    if (!found.is_list())
      return tl::unexpected(transient("HubSpot's search of lists has no lists"));
    for (const Value& list : found.as_list()) {
      lists.emplace(id_text(list.at("listId")), list.text_or("name"));
    }
    more = answer->at("hasMore") == Value(true);
    const Value& next = answer->at("offset");
    const auto count = static_cast<std::int64_t>(found.as_list().size());
    const std::int64_t reached = next.is_int() ? next.as_int() : offset + count;
    if (more && reached <= offset) {
      return tl::unexpected(transient("HubSpot's search of lists does not advance"));
    }
    offset = reached;
  }
  return lists;
}

ReadResult<Lookups::Table<std::string>> read_pipelines(const Client& client) {
  const auto answer = client.get("/crm/v3/pipelines/deals");
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->at("results").is_list()) {
    return tl::unexpected(transient("HubSpot's list of pipelines has no results"));
  }
  Lookups::Table<std::string> pipelines;
  for (const Value& pipeline : answer->at("results").as_list()) {
    pipelines.emplace(id_text(pipeline.at("id")), pipeline.text_or("label"));
  }
  return pipelines;
}

}  // namespace

template <class T, class Read>
ReadResult<Lookups::Shared<T>> Lookups::get(Kept<T>& kept, const std::set<std::string>& needed,
                                            core::WallTime now, Read&& read) {
  const std::lock_guard lock(kept.mutex);
  const auto is_young = [&](core::WallTime at) { return now >= at && now - at < kAge; };
  const bool fresh = kept.table && is_young(kept.read_at);
  std::erase_if(kept.unknown, [&](const auto& one) { return !is_young(one.second); });
  const auto known = [&](const std::string& id) {
    return kept.table->contains(id) || kept.unknown.contains(id);
  };
  if (fresh && std::all_of(needed.begin(), needed.end(), known)) return kept.table;
  auto table = read();
  if (!table) return tl::unexpected(std::move(table.error()));
  // Those that other pages asked for stay: else each page would have the table read for the other.
  for (const std::string& id : needed) {
    if (!table->contains(id)) kept.unknown[id] = now;
  }
  kept.table = std::make_shared<const Table<T>>(std::move(*table));
  kept.read_at = now;
  return kept.table;
}

ReadResult<Lookups::Shared<Owner>> Lookups::owners(const Client& client,
                                                   const std::set<std::string>& needed,
                                                   core::WallTime now) {
  return get(owners_, needed, now, [&] { return read_owners(client); });
}

ReadResult<Lookups::Shared<std::string>> Lookups::lists(const Client& client,
                                                        const core::ObjectName& object,
                                                        const std::set<std::string>& needed,
                                                        core::WallTime now) {
  auto& kept = object.str() == kContacts ? contact_lists_ : company_lists_;
  return get(kept, needed, now, [&] { return read_lists(client, object); });
}

ReadResult<Lookups::Shared<std::string>> Lookups::pipelines(const Client& client,
                                                            core::WallTime now) {
  return get(pipelines_, {}, now, [&] { return read_pipelines(client); });
}

namespace {

using ListsOf = std::map<std::string, std::vector<std::string>>;

/// Adds the lists of `ids` to `out`; or the word of what is refused.
ReadResult<std::optional<std::string>> read_lists_of(const Client& client,
                                                     const core::ObjectName& object,
                                                     const std::vector<std::string>& ids,
                                                     ListsOf& out) {
  Value::List inputs;
  for (const std::string& id : ids) {
    inputs.push_back(Value::object({{"objectTypeId", type_id_of(object)}, {"recordId", id}}));
  }
  const auto answer = client.post("/crm/v3/lists/records/memberships/batch/read",
                                  Value::object({{"inputs", Value::list(std::move(inputs))}}));
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->at("results").is_list()) {
    return tl::unexpected(transient("HubSpot answered only a part of the list memberships"));
  }
  const Value& errors = answer->at("errors");
  if (errors.is_list() && !errors.as_list().empty()) return word_of(errors.as_list().front());
  for (const std::string& id : ids) out.try_emplace(id);
  for (const Value& result : answer->at("results").as_list()) {
    const auto record = out.find(id_text(result.at("recordId")));
    const Value& memberships = result.at("recordListMemberships");
    if (record == out.end() || !memberships.is_list()) continue;
    for (const Value& one : memberships.as_list()) {
      record->second.push_back(id_text(one.at("listId")));
    }
  }
  return std::nullopt;
}

}  // namespace

ReadResult<Memberships> read_memberships(const Client& client, const core::ObjectName& object,
                                         const std::vector<std::string>& ids) {
  Memberships out;
  for (std::size_t first = 0; first < ids.size(); first += kMembershipInputs) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto length = std::min(ids.size() - first, kMembershipInputs);
    auto refused = read_apart({begin, std::next(begin, static_cast<std::ptrdiff_t>(length))},
                              "the list memberships", [&](const std::vector<std::string>& part) {
                                return read_lists_of(client, object, part, out.of);
                              });
    if (!refused) return tl::unexpected(std::move(refused.error()));
    out.refused.merge(*refused);
  }
  return out;
}

}  // namespace assembly_sync::connectors::hubspot

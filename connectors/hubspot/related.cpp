#include "connectors/hubspot/related.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "connectors/hubspot/associations.hpp"
#include "connectors/hubspot/deals.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;

/// HubSpot takes this many inputs in one read of associations.
constexpr std::size_t kAssociationInputs = 1000;
constexpr std::array<std::string_view, 5> kDealMembers = {kWonAmount, kWonCount, kOpenAmount,
                                                          kOpenCount, kNextRenewal};

std::string owner_of(const Value& envelope) {
  return id_text(envelope.at("properties").at(kOwnerProperty));
}

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

void leave_out(const Refused& refused, const core::ObjectName& object, const char* part,
               AllRelated& out) {
  for (const auto& [id, word] : refused) {
    out.refused.emplace(id, refusal_text(object.str(), id, part, word));
  }
}

}  // namespace

WantedParts wanted_parts(const core::ObjectName& object, const Paths& wanted) {
  const bool contacts = object.str() == kContacts;
  WantedParts parts;
  for (const std::vector<std::string>& path : wanted) {
    if (path.empty()) continue;
    const std::string& root = path.front();
    parts.companies = parts.companies || (contacts && root == "associations");
    parts.owner = parts.owner || root == "owner";
    parts.lists = parts.lists || root == "lists";
    if (contacts || root != "deals") continue;
    if (path.size() > 1) {
      parts.deals.insert(path[1]);
    } else {
      parts.deals.insert(kDealMembers.begin(), kDealMembers.end());
    }
  }
  return parts;
}

ReadResult<AllRelated> RelatedReader::read(const std::vector<Value>& envelopes) const {
  AllRelated out{.of = std::vector<Related>(envelopes.size())};
  if (envelopes.empty() || !parts_.any()) return out;
  std::vector<std::string> ids;
  for (const Value& envelope : envelopes) ids.push_back(id_text(envelope.at("id")));
  Failure failure;
  if (parts_.companies) failure = add_companies(ids, out);
  if (!failure && !parts_.deals.empty()) failure = add_deals(ids, out);
  if (!failure && parts_.lists) failure = add_lists(ids, out);
  if (!failure && parts_.owner) failure = add_owners(envelopes, out.of);
  if (failure) return tl::unexpected(std::move(*failure));
  return out;
}

RelatedReader::Failure RelatedReader::add_companies(const std::vector<std::string>& ids,
                                                    AllRelated& out) const {
  for (std::size_t first = 0; first < ids.size(); first += kAssociationInputs) {
    const std::size_t end = std::min(ids.size(), first + kAssociationInputs);
    auto read = read_associations(client_, kContacts, kCompanies,
                                  {ids.begin() + static_cast<std::ptrdiff_t>(first),
                                   ids.begin() + static_cast<std::ptrdiff_t>(end)});
    if (!read) return std::move(read.error());
    for (std::size_t i = first; i < end; ++i) {
      out.of[i].companies = companies_of(std::move(read->of[ids[i]]));
    }
    leave_out(read->refused, object_, "associations", out);
  }
  return std::nullopt;
}

ReadResult<std::set<std::string>> RelatedReader::renewal_ids() const {
  if (renewal_pipelines_.empty() || !parts_.deals.contains(std::string(kNextRenewal))) {
    return std::set<std::string>{};
  }
  const auto pipelines = lookups_.pipelines(client_, now_);
  if (!pipelines) return tl::unexpected(pipelines.error());
  std::set<std::string> ids;
  for (const std::string& wanted : renewal_pipelines_) {
    const auto found =
        std::find_if((*pipelines)->begin(), (*pipelines)->end(),
                     [&](const auto& one) { return one.first == wanted || one.second == wanted; });
    if (found == (*pipelines)->end()) {
      return tl::unexpected(
          rejected("renewal_pipelines: HubSpot has no deal pipeline named " + wanted));
    }
    ids.insert(found->first);
  }
  return ids;
}

RelatedReader::Failure RelatedReader::add_deals(const std::vector<std::string>& ids,
                                                AllRelated& out) const {
  const auto renewals = renewal_ids();
  if (!renewals) return renewals.error();
  DealReader deals(client_);
  const auto of_companies = deals.of_companies(ids);
  if (!of_companies) return of_companies.error();
  const DealSums sums(std::chrono::floor<std::chrono::days>(now_), *renewals);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = of_companies->of.find(ids[i]);
    if (found != of_companies->of.end()) out.of[i].deals = sums.of(found->second, parts_.deals);
  }
  leave_out(of_companies->refused, object_, "associations", out);
  return std::nullopt;
}

RelatedReader::Failure RelatedReader::add_lists(const std::vector<std::string>& ids,
                                                AllRelated& out) const {
  const auto memberships = read_memberships(client_, object_, ids);
  if (!memberships) return memberships.error();
  std::set<std::string> needed;
  for (const auto& [id, lists] : memberships->of) needed.insert(lists.begin(), lists.end());
  Lookups::Shared<std::string> names;
  if (!needed.empty()) {
    auto read = lookups_.lists(client_, object_, needed, now_);
    if (!read) return std::move(read.error());
    names = std::move(*read);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::set<std::string> of_record;  // in the order of the alphabet, whatever HubSpot's is
    const auto lists = memberships->of.find(ids[i]);
    if (lists == memberships->of.end()) continue;
    for (const std::string& list : lists->second) {
      // One without a name in the search of lists is of another object or was just deleted.
      const auto name = names->find(list);
      if (name != names->end()) of_record.insert(name->second);
    }
    out.of[i].lists = Value::list({of_record.begin(), of_record.end()});
  }
  leave_out(memberships->refused, object_, "list memberships", out);
  return std::nullopt;
}

RelatedReader::Failure RelatedReader::add_owners(const std::vector<Value>& envelopes,
                                                 std::vector<Related>& out) const {
  std::set<std::string> needed;
  for (const Value& envelope : envelopes) {
    if (std::string id = owner_of(envelope); !id.empty()) needed.insert(std::move(id));
  }
  Lookups::Shared<Owner> owners;
  if (!needed.empty()) {
    auto read = lookups_.owners(client_, needed, now_);
    if (!read) return std::move(read.error());
    owners = std::move(*read);
  }
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    const std::string id = owner_of(envelopes[i]);
    out[i].owner = Value();
    if (id.empty()) continue;
    const auto found = owners->find(id);
    const Owner owner = found == owners->end() ? Owner{} : found->second;
    out[i].owner = Value::object(
        {{"id", id}, {"email", text_or_null(owner.email)}, {"name", text_or_null(owner.name)}});
  }
  return std::nullopt;
}

}  // namespace assembly_sync::connectors::hubspot

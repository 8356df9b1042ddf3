#include "connectors/hubspot/associations.hpp"

#include <algorithm>
#include <utility>

#include "connectors/hubspot/objects.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

constexpr int kPrimaryCompanyType = 1;  // contact -> company, category HUBSPOT_DEFINED

/// Record -> cursor of the page to ask for; empty = the first.
using Open = std::map<std::string, std::string>;

bool is_primary(const core::Value& types) {
  if (!types.is_list()) return false;
  return std::any_of(types.as_list().begin(), types.as_list().end(), [](const core::Value& type) {
    // A label an admin made may be called `Primary` too, and its type ids are the account's own.
    if (type.text_or("category", "HUBSPOT_DEFINED") != "HUBSPOT_DEFINED") return false;
    return type.at("typeId") == core::Value(kPrimaryCompanyType) ||
           type.text_or("label") == "Primary";
  });
}

core::Value request_body(const Open& open) {
  core::Value::List inputs;
  for (const auto& [id, after] : open) {
    core::Value input = core::Value::object();
    input.set("id", id);
    if (!after.empty()) input.set("after", after);
    inputs.push_back(std::move(input));
  }
  core::Value body = core::Value::object();
  body.set("inputs", core::Value::list(std::move(inputs)));
  return body;
}

/// A record without associations may be named as an error. Any other error leaves records out whose
/// associations are unknown, which must not be taken for none.
bool only_says_none(const core::Value& error) {
  return error.text_or("subCategory").find("NO_ASSOCIATIONS_FOUND") != std::string::npos ||
         error.text_or("category") == "OBJECT_NOT_FOUND";
}

/// The word of the first error that leaves out a record; nothing when the answer is whole.
std::optional<std::string> refusal_in(const core::Value& answer) {
  const core::Value& errors = answer.at("errors");
  if (!errors.is_list()) return std::nullopt;
  for (const core::Value& error : errors.as_list()) {
    if (!only_says_none(error)) return word_of(error);
  }
  return std::nullopt;
}

/// Adds one answer to the collectors; returns the pages still to read.
Open collect(const core::Value& answer, std::map<std::string, AssociationCollector>& collectors) {
  Open open;
  for (const core::Value& result : answer.at("results").as_list()) {
    const std::string id = id_text(result.at("from").at("id"));
    const auto collector = collectors.find(id);
    if (collector == collectors.end()) continue;
    collector->second.add(result.at("to"));
    const std::string after = id_text(result.at("paging").at("next").at("after"));
    if (!after.empty()) open.emplace(id, after);
  }
  return open;
}

/// Adds the associations of `ids`, all pages of them, to `out`; or the word of what is refused.
ReadResult<std::optional<std::string>> read_part(const Client& client, const std::string& path,
                                                 const std::vector<std::string>& ids,
                                                 std::map<std::string, Associated>& out) {
  std::map<std::string, AssociationCollector> collectors;
  Open open;
  for (const std::string& id : ids) {
    collectors.try_emplace(id);
    open.try_emplace(id);
  }
  while (!open.empty()) {
    const auto answer = client.post(path, request_body(open));
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->at("results").is_list()) {
      return tl::unexpected(transient("HubSpot answered only a part of the associations"));
    }
    if (auto word = refusal_in(*answer)) return word;
    Open next = collect(*answer, collectors);
    const bool stuck = std::any_of(next.begin(), next.end(), [&](const auto& page) {
      const auto asked = open.find(page.first);
      return asked == open.end() || asked->second == page.second;
    });
    if (stuck) return tl::unexpected(transient("HubSpot's pages of associations do not advance"));
    open = std::move(next);
  }
  for (const auto& [id, collector] : collectors) out[id] = collector.finish();
  return std::nullopt;
}

}  // namespace

void AssociationCollector::add(const core::Value& to) {
  if (!to.is_list()) return;
  for (const core::Value& item : to.as_list()) {
    const std::string id = id_text(item.at("toObjectId"));
    if (id.empty()) continue;
    if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
    if (!primary_ && is_primary(item.at("associationTypes"))) primary_ = id;
  }
}

Associated AssociationCollector::finish() const {
  Associated out{.ids = ids_, .primary = primary_};
  std::sort(out.ids.begin(), out.ids.end(), smaller_id);
  return out;
}

Companies companies_of(Associated associated) {
  Companies companies{.primary = std::move(associated.primary), .all = std::move(associated.ids)};
  if (!companies.primary && companies.all.size() == 1) companies.primary = companies.all.front();
  return companies;
}

ReadResult<Associations> read_associations(const Client& client, std::string_view from,
                                           std::string_view to,
                                           const std::vector<std::string>& ids) {
  Associations out;
  const std::string path =
      "/crm/v4/associations/" + std::string(from) + '/' + std::string(to) + "/batch/read";
  auto refused = read_apart(ids, "the associations", [&](const std::vector<std::string>& part) {
    return read_part(client, path, part, out.of);
  });
  if (!refused) return tl::unexpected(std::move(refused.error()));
  out.refused = std::move(*refused);
  return out;
}

}  // namespace assembly_sync::connectors::hubspot

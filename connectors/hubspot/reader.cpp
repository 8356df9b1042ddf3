#include "connectors/hubspot/reader.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/records.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

/// The cheapest property list: without one HubSpot sends its own choice of a dozen.
constexpr std::string_view kIdProperty = "hs_object_id";

std::string join_encoded(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += core::percent_encode(name);
  }
  return text;
}

/// Splits into parts of at most `size`.
std::vector<std::vector<std::string>> chunks_of(const std::vector<std::string>& ids,
                                                std::size_t size) {
  std::vector<std::vector<std::string>> chunks;
  for (std::size_t i = 0; i < ids.size(); i += size) {
    const std::size_t end = std::min(ids.size(), i + size);
    chunks.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(i),
                        ids.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return chunks;
}

/// The texts of `ids` without repetition, in order.
std::vector<std::string> distinct(const std::vector<core::RecordId>& ids) {
  std::set<std::string> seen;
  std::vector<std::string> texts;
  for (const core::RecordId& id : ids) {
    if (seen.insert(id.str()).second) texts.push_back(id.str());
  }
  return texts;
}

std::vector<std::string> ids_of(const std::vector<core::Value>& envelopes) {
  std::vector<std::string> ids;
  for (const core::Value& envelope : envelopes) {
    if (std::string id = id_text(envelope.at("id")); !id.empty()) ids.push_back(std::move(id));
  }
  return ids;
}

const core::Value* find_id(const std::vector<core::Value>& envelopes, const std::string& id) {
  const auto found = std::find_if(envelopes.begin(), envelopes.end(), [&](const core::Value& one) {
    return id_text(one.at("id")) == id;
  });
  return found == envelopes.end() ? nullptr : &*found;
}

core::Value batch_body(const std::vector<std::string>& ids,
                       const std::vector<std::string>& properties) {
  core::Value::List inputs;
  for (const std::string& id : ids) inputs.push_back(core::Value::object({{"id", id}}));
  core::Value::List names(properties.begin(), properties.end());
  return core::Value::object({{"inputs", core::Value::list(std::move(inputs))},
                              {"properties", core::Value::list(std::move(names))}});
}

}  // namespace

struct Reader::Found {
  Envelopes envelopes;
  std::set<std::string> ids;  // of the envelopes
  BatchRead out;

  /// Two asked ids may lead to one survivor: it counts once.
  void add(const std::string& id, core::Value envelope) {
    if (ids.insert(id).second) envelopes.push_back(std::move(envelope));
  }
};

Reader::Reader(const Client& client, const RelatedReader& related, const core::SourceName& source,
               const core::ObjectName& object, const Paths& wanted)
    : client_(client),
      related_(related),
      source_(source),
      object_(object),
      objects_path_("/crm/v3/objects/" + object.str()),
      properties_(wanted_properties(object, wanted)),
      properties_parameter_(join_encoded(properties_)) {}

std::string Reader::record_path(const std::string& id, std::string_view properties) const {
  return objects_path_ + "/" + core::percent_encode(id) +
         "?archived=false&properties=" + std::string(properties);
}

std::string Reader::list_path(const std::optional<std::string>& cursor,
                              std::string_view properties) const {
  std::string path = objects_path_ + "?limit=" + std::to_string(kBatchIds) +
                     "&archived=false&properties=" + std::string(properties);
  if (cursor) path += "&after=" + core::percent_encode(*cursor);
  return path;
}

ReadResult<Reader::Envelopes> Reader::batch_read(const std::vector<std::string>& ids) const {
  const auto answer = client_.post(objects_path_ + "/batch/read", batch_body(ids, properties_));
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->at("results").is_list()) {
    return tl::unexpected(transient("HubSpot's batch read has no results"));
  }
  return answer->at("results").as_list();
}

/// The record that `id` leads to, which is another one after a merge; the null value when it is
/// gone.
ReadResult<core::Value> Reader::find_one(const std::string& id) const {
  const std::string path = record_path(id, properties_parameter_);
  if (client_.url_length(path) <= kUrlBytes) return client_.find(path);
  auto found = client_.find(record_path(id, kIdProperty));
  if (!found || found->is_null()) return found;
  const std::string survivor = id_text(found->at("id"));
  const auto envelopes = batch_read({survivor});
  if (!envelopes) return tl::unexpected(envelopes.error());
  const core::Value* envelope = find_id(*envelopes, survivor);
  if (envelope == nullptr) {
    return tl::unexpected(transient("a record went away between two reads"));
  }
  return *envelope;
}

/// A batch read knows neither merged ids nor the recycle bin; single reads do.
Reader::Failure Reader::resolve_missing(const std::string& id, Found& found) const {
  auto single = find_one(id);
  if (!single) return std::move(single.error());
  if (!single->is_null()) {
    const std::string survivor = id_text(single->at("id"));
    if (survivor.empty()) return transient("HubSpot answered a record without an id");
    if (survivor != id) found.out.remapped.emplace_back(id, survivor);
    found.add(survivor, std::move(*single));
    return std::nullopt;
  }
  const auto binned = client_.find(objects_path_ + "/" + core::percent_encode(id) +
                                   "?archived=true&properties=" + std::string(kIdProperty));
  if (!binned) return binned.error();
  found.out.missing.push_back({.id = core::RecordId(id), .archived = !binned->is_null()});
  return std::nullopt;
}

Reader::Failure Reader::read_chunk(const std::vector<std::string>& ids, Found& found) const {
  auto envelopes = batch_read(ids);
  if (!envelopes) return std::move(envelopes.error());
  std::map<std::string, core::Value*> answered;
  for (core::Value& envelope : *envelopes) answered[id_text(envelope.at("id"))] = &envelope;
  for (const std::string& id : ids) {
    if (const auto answer = answered.find(id); answer != answered.end()) {
      found.add(id, std::move(*answer->second));
    } else if (auto failure = resolve_missing(id, found)) {
      return failure;
    }
  }
  return std::nullopt;
}

ReadResult<Reader::Records> Reader::make_records(const Envelopes& envelopes) const {
  auto related = related_.read(envelopes);
  if (!related) return tl::unexpected(std::move(related.error()));
  Records out;
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    if (related->refused.contains(id_text(envelopes[i].at("id")))) continue;
    auto record = make_record(source_, object_, envelopes[i], properties_, related->of[i]);
    if (record) out.records.push_back(std::move(*record));
  }
  out.refused = std::move(related->refused);
  return out;
}

ReadResult<BatchRead> Reader::by_ids(const std::vector<core::RecordId>& ids) const {
  Found found;
  for (const auto& chunk : chunks_of(distinct(ids), kBatchIds)) {
    if (auto failure = read_chunk(chunk, found)) return tl::unexpected(std::move(*failure));
  }
  auto records = make_records(found.envelopes);
  if (!records) return tl::unexpected(std::move(records.error()));
  found.out.records = std::move(records->records);
  if (!records->refused.empty()) {
    std::erase_if(found.out.remapped,
                  [&](const auto& one) { return records->refused.contains(one.second.str()); });
    // Refused when it was asked for alone, however often: neither read nor missing.
    std::string why = records->refused.begin()->second;
    const std::size_t others = records->refused.size() - 1;
    if (others > 0) why += ", and " + std::to_string(others) + " more like it";
    found.out.stopped = rejected(std::move(why));
  }
  return std::move(found.out);
}

ReadResult<std::vector<core::Record>> Reader::present(const std::vector<std::string>& ids) const {
  Envelopes envelopes;
  for (const auto& chunk : chunks_of(ids, kBatchIds)) {
    auto answered = batch_read(chunk);
    if (!answered) return tl::unexpected(std::move(answered.error()));
    std::move(answered->begin(), answered->end(), std::back_inserter(envelopes));
  }
  auto records = make_records(envelopes);
  if (!records) return tl::unexpected(std::move(records.error()));
  return std::move(records->records);
}

ReadResult<Page> Reader::page(const std::optional<std::string>& cursor) const {
  std::string path = list_path(cursor, properties_parameter_);
  const bool ids_only = client_.url_length(path) > kUrlBytes;
  if (ids_only) path = list_path(cursor, kIdProperty);
  const auto answer = client_.get(path);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->at("results").is_list()) {
    return tl::unexpected(transient("HubSpot's listing has no results"));
  }
  Page page;
  // The only sign of the end: a short or even empty page may have a next one.
  const std::string after = id_text(answer->at("paging").at("next").at("after"));
  if (!after.empty()) page.next = after;
  if (page.next && page.next == cursor) {
    return tl::unexpected(transient("HubSpot's listing does not advance"));
  }
  Envelopes envelopes = answer->at("results").as_list();
  const std::vector<std::string> ids = ids_of(envelopes);
  const std::size_t without_id = std::erase_if(
      envelopes, [](const core::Value& one) { return id_text(one.at("id")).empty(); });
  if (without_id != 0) {
    page.bad_rows.push_back(std::to_string(without_id) + " records of a page have no id");
  }
  if (ids_only && !ids.empty()) {
    auto complete = batch_read(ids);
    if (!complete) return tl::unexpected(std::move(complete.error()));
    envelopes = std::move(*complete);
  }
  auto records = make_records(envelopes);
  if (!records) return tl::unexpected(std::move(records.error()));
  page.records = std::move(records->records);
  for (auto& [id, why] : records->refused) page.bad_rows.push_back(std::move(why));
  return page;
}

}  // namespace assembly_sync::connectors::hubspot

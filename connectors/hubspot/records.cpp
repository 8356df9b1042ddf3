#include "connectors/hubspot/records.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "connectors/hubspot/objects.hpp"
#include "core/calendar.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

core::Value associations_value(const Companies& companies) {
  core::Value::List all(companies.all.begin(), companies.all.end());
  core::Value value = core::Value::object();
  value.set("company", companies.primary ? core::Value(*companies.primary) : core::Value());
  value.set("companies", core::Value::list(std::move(all)));
  return value;
}

/// `updatedAt`, else the modification property; 0 when neither can be read.
core::RecordVersion version_of(const core::ObjectName& object, const core::Value& envelope) {
  const std::string texts[] = {envelope.text_or("updatedAt"),
                               envelope.at("properties").text_or(modified_property(object))};
  for (const std::string& text : texts) {
    if (const auto ms = parse_time_ms(text)) return *ms;
  }
  return 0;
}

/// HubSpot adds properties of its own choice to some answers and not to others; only those that
/// were asked for make the same record of every answer.
core::Value only_wanted(const core::Value& properties, const std::vector<std::string>& wanted) {
  core::Value out = core::Value::object();
  for (const std::string& name : wanted) {
    if (const core::Value* value = properties.find(name)) out.set(name, *value);
  }
  return out;
}

}  // namespace

std::vector<std::string> wanted_properties(const core::ObjectName& object, const Paths& wanted) {
  std::set<std::string> names = {"hs_object_id", std::string(modified_property(object))};
  for (const std::vector<std::string>& path : wanted) {
    if (path.size() >= 2 && path.front() == "properties") names.insert(path[1]);
    if (!path.empty() && path.front() == "owner") names.insert(std::string(kOwnerProperty));
  }
  return {names.begin(), names.end()};
}

std::optional<core::Record> make_record(const core::SourceName& source,
                                        const core::ObjectName& object, const core::Value& envelope,
                                        const std::vector<std::string>& properties,
                                        const Related& related) {
  const std::string id = id_text(envelope.at("id"));
  if (id.empty()) return std::nullopt;
  core::Value json = core::Value::object();
  json.set("id", id);
  json.set("properties", only_wanted(envelope.at("properties"), properties));
  json.set("createdAt", envelope.at("createdAt"));
  json.set("updatedAt", envelope.at("updatedAt"));
  json.set("archived", envelope.at("archived") == core::Value(true));
  if (related.companies) json.set("associations", associations_value(*related.companies));
  if (related.owner) json.set("owner", *related.owner);
  if (related.lists) json.set("lists", *related.lists);
  if (related.deals) json.set("deals", *related.deals);

  core::Record record;
  record.ref = {source, object, core::RecordId(id)};
  record.json = core::dump_json(json);
  record.version = version_of(object, envelope);
  if (related.companies && related.companies->primary) {
    record.related.push_back(
        {source, core::ObjectName(kCompanies), core::RecordId(*related.companies->primary)});
  }
  return record;
}

std::vector<std::string> merged_ids(const core::Value& envelope) {
  const core::Value& value = envelope.at("properties").at(kMergedProperty);
  const std::string own = id_text(envelope.at("id"));
  std::vector<std::string> ids;
  const auto add = [&](std::string id) {
    if (!id.empty() && id != own) ids.push_back(std::move(id));
  };
  if (value.is_list()) {
    for (const core::Value& one : value.as_list()) add(id_text(one));
    return ids;
  }
  // `1;2;3`, or one bare number.
  const std::string text = id_text(value);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(';', start), text.size());
    add(text.substr(start, end - start));
    start = end + 1;
  }
  return ids;
}

std::optional<std::int64_t> parse_time_ms(std::string_view text) {
  if (const auto ms = core::parse_calendar_ms(text)) return ms;
  // HubSpot has sent ms as `1700000000000` and as `1700000000000.0`.
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc{} || !(rest.empty() || rest.front() == '.')) return std::nullopt;
  return ms;
}

}  // namespace assembly_sync::connectors::hubspot

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

}  // namespace

std::vector<std::string> wanted_properties(const core::ObjectName& object, const Paths& wanted) {
  std::set<std::string> names = {"hs_object_id", std::string(modified_property(object))};
  for (const std::vector<std::string>& path : wanted) {
    if (path.size() >= 2 && path.front() == "properties") names.insert(path[1]);
  }
  return {names.begin(), names.end()};
}

bool wants_associations(const Paths& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [](const std::vector<std::string>& path) {
    return !path.empty() && path.front() == "associations";
  });
}

std::optional<core::Record> make_record(const core::SourceName& source,
                                        const core::ObjectName& object, const core::Value& envelope,
                                        const std::optional<Companies>& companies) {
  const std::string id = id_text(envelope.at("id"));
  if (id.empty()) return std::nullopt;
  const core::Value* properties = envelope.find("properties");
  core::Value json = core::Value::object();
  json.set("id", id);
  json.set("properties", properties != nullptr ? *properties : core::Value::object());
  json.set("createdAt", envelope.at("createdAt"));
  json.set("updatedAt", envelope.at("updatedAt"));
  json.set("archived", envelope.at("archived") == core::Value(true));
  if (companies) json.set("associations", associations_value(*companies));

  core::Record record;
  record.ref = {source, object, core::RecordId(id)};
  record.json = core::dump_json(json);
  record.version = version_of(object, envelope);
  if (companies && companies->primary) {
    record.related.push_back(
        {source, core::ObjectName(kCompanies), core::RecordId(*companies->primary)});
  }
  return record;
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

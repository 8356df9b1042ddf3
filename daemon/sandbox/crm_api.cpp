#include "daemon/sandbox/crm_api.hpp"

#include <string>
#include <vector>

#include "core/json.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/crm_answers.hpp"
#include "daemon/sandbox/crm_search.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::size_t kListPage = 100;
constexpr std::size_t kBatchInputs = 100;
constexpr std::size_t kTargetBytes = 16'000;  // many properties in one URL are answered 414

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// A list parameter: repeated, comma-separated, or both.
std::vector<std::string> list_parameter(const http::Request& request, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    for (std::string& part : split(value, ',')) out.push_back(std::move(part));
  }
  return out;
}

bool wants_archived(const http::Request& request) {
  const std::string* archived = request.parameter("archived");
  return archived != nullptr && *archived == "true";
}

CrmView view_of(const http::Request& request, CrmObject object) {
  return {object, list_parameter(request, "properties"),
          !list_parameter(request, "associations").empty()};
}

core::Value next_page(const std::string& after) {
  return core::Value::object({{"next", core::Value::object({{"after", after}})}});
}

Outcome list_records(const CrmStore& store, CrmObject object, const http::Request& request) {
  std::size_t limit = 10;
  if (const std::string* text = request.parameter("limit")) {
    const auto number = parse_crm_id(*text);
    if (!number || *number < 1 || *number > kListPage) {
      return refuse(400, "limit must be from 1 to 100");
    }
    limit = *number;
  }
  CrmId after = 0;
  if (const std::string* text = request.parameter("after")) {
    const auto number = parse_crm_id(*text);
    if (!number) return refuse(400, "after is no cursor of this list");
    after = *number;
  }
  const bool archived = wants_archived(request);
  const CrmView view = view_of(request, object);
  core::Value::List results;
  core::Value out = core::Value::object();
  const CrmStore::Records& records = store.records(object);
  CrmId last = 0;
  for (auto at = records.upper_bound(after); at != records.end(); ++at) {
    if (at->second.archived_ms.has_value() != archived) continue;
    if (results.size() == limit) {
      out.set("paging", next_page(std::to_string(last)));
      break;
    }
    results.push_back(crm_envelope(store, view, at->second));
    last = at->first;
  }
  out.set("results", core::Value(std::move(results)));
  return Answer{200, std::move(out)};
}

Outcome get_record(const CrmStore& store, CrmObject object, const std::string& id_text,
                   const http::Request& request) {
  if (request.parameter("idProperty") != nullptr) {
    return refuse(400, "idProperty names no property with unique values");
  }
  const auto id = parse_crm_id(id_text);
  const CrmRecord* record = id ? store.find(object, *id, true) : nullptr;
  if (record == nullptr || record->archived_ms.has_value() != wants_archived(request)) {
    return refuse(404, "resource not found");
  }
  return Answer{200, crm_envelope(store, view_of(request, object), *record)};
}

core::Value not_in_batch(CrmObject object, core::Value::List ids) {
  return core::Value::object(
      {{"status", "error"},
       {"category", "OBJECT_NOT_FOUND"},
       {"message", "Could not get some " + std::string(singular(object)) +
                       " objects, they may be deleted or not exist. Check that ids are valid."},
       {"context", core::Value::object({{"ids", core::Value(std::move(ids))}})}});
}

CrmView view_of_body(CrmObject object, const core::Value& body) {
  CrmView view;
  view.object = object;
  const core::Value& names = body.at("properties");
  if (!names.is_list()) return view;
  for (const core::Value& name : names.as_list()) {
    if (name.is_string()) view.properties.push_back(name.as_string());
  }
  return view;
}

/// Merged ids are not resolved here, unlike in a single get.
Outcome read_batch(const CrmStore& store, CrmObject object, const core::Value& body,
                   const http::Request& request, const std::string& now) {
  const core::Value& inputs = body.at("inputs");
  if (!inputs.is_list()) return refuse(400, "inputs must be a list");
  if (inputs.as_list().size() > kBatchInputs) return refuse(400, "at most 100 inputs are allowed");
  const CrmView view = view_of_body(object, body);
  core::Value::List results;
  core::Value::List missing;
  for (const core::Value& input : inputs.as_list()) {
    const auto id = parse_crm_id(input.text_or("id"));
    if (!id) return refuse(400, "input id must be the text of a number");
    const CrmRecord* record = store.find(object, *id, false);
    if (record != nullptr && record->archived_ms.has_value() == wants_archived(request)) {
      results.push_back(crm_envelope(store, view, *record));
    } else {
      missing.push_back(std::to_string(*id));
    }
  }
  core::Value out = core::Value::object();
  out.set("status", "COMPLETE");
  out.set("results", core::Value(std::move(results)));
  out.set("startedAt", now);
  out.set("completedAt", now);
  if (missing.empty()) return Answer{200, std::move(out)};
  out.set("numErrors", 1);
  out.set("errors", core::Value::list({not_in_batch(object, std::move(missing))}));
  return Answer{207, std::move(out)};
}

Outcome search(const CrmStore& store, CrmObject object, const core::Value& body,
               const std::string& body_text) {
  const auto found = search_crm(store, object, body_text, body);
  if (!found) return tl::unexpected(found.error());
  const CrmView view = view_of_body(object, body);
  core::Value::List results;
  for (const CrmRecord* record : found->page) {
    results.push_back(crm_envelope(store, view, *record));
  }
  core::Value out = core::Value::object();
  out.set("total", static_cast<std::uint64_t>(found->total));
  out.set("results", core::Value(std::move(results)));
  if (found->next_after > 0) out.set("paging", next_page(std::to_string(found->next_after)));
  return Answer{200, std::move(out)};
}

/// A request, its path cut up.
struct Call {
  const http::Request& request;
  std::vector<std::string> segments;

  bool is(std::string_view method, std::initializer_list<std::string_view> pattern) const {
    return request.method == method && segments.size() == pattern.size() &&
           std::equal(pattern.begin(), pattern.end(), segments.begin(),
                      [](std::string_view wanted, const std::string& segment) {
                        return wanted == "*" || wanted == segment;
                      });
  }
  /// The fourth segment names it on every path there is.
  std::optional<CrmObject> object() const {
    return segments.size() > 3 ? parse_crm_object(segments[3]) : std::nullopt;
  }
};

Outcome get(const CrmStore& store, const CrmDirectory& directory, const Call& call) {
  if (call.is("GET", {"crm", "v3", "owners"})) {
    return directory.owners(wants_archived(call.request), call.request.parameter("after"));
  }
  if (call.is("GET", {"crm", "v3", "pipelines", "deals"})) return directory.pipelines();
  const auto object = call.object();
  if (object && call.is("GET", {"crm", "v3", "properties", "*"})) {
    const std::string* sensitivity = call.request.parameter("dataSensitivity");
    return Answer{200, store.schema().shown(*object, wants_archived(call.request),
                                            sensitivity ? *sensitivity : "non_sensitive")};
  }
  if (object && call.is("GET", {"crm", "v3", "objects", "*"})) {
    return list_records(store, *object, call.request);
  }
  if (object && call.is("GET", {"crm", "v3", "objects", "*", "*"})) {
    return get_record(store, *object, call.segments[4], call.request);
  }
  return refuse(404, "no such path");
}

Outcome post(const CrmStore& store, const CrmDirectory& directory, const Call& call,
             const std::string& now) {
  const auto body = core::parse_json(call.request.body);
  if (!body || !body->is_object()) return refuse(400, "invalid input JSON");
  if (call.is("POST", {"crm", "v3", "lists", "search"})) return directory.search_lists(*body);
  if (call.is("POST", {"crm", "v3", "lists", "records", "memberships", "batch", "read"})) {
    return directory.memberships(*body);
  }
  const auto object = call.object();
  if (!object) return refuse(404, "no such path");
  if (call.is("POST", {"crm", "v3", "objects", "*", "search"})) {
    return search(store, *object, *body, call.request.body);
  }
  if (call.is("POST", {"crm", "v3", "objects", "*", "batch", "read"})) {
    return read_batch(store, *object, *body, call.request, now);
  }
  if (call.is("POST", {"crm", "v4", "associations", "*", "*", "batch", "read"})) {
    const auto to = parse_crm_object(call.segments[4]);
    if (to && *to != *object) return crm_read_associations(store, *object, *to, *body);
  }
  return refuse(404, "no such path");
}

std::string category_of(int status) {
  switch (status) {
    case 400:
      return "VALIDATION_ERROR";
    case 401:
      return "INVALID_AUTHENTICATION";
    case 403:
      return "MISSING_SCOPES";
    case 404:
      return "OBJECT_NOT_FOUND";
    default:
      return "INTERNAL_ERROR";
  }
}

}  // namespace

CrmApi::CrmApi(const CrmStore& store, const CrmDirectory& directory, const core::Clock& clock,
               UuidMaker ids)
    : store_(store), directory_(directory), clock_(clock), ids_(std::move(ids)) {}

http::Response CrmApi::error(int status, const std::string& message) {
  return http::json_response(status, core::dump_json(error_body(status, message)));
}

http::Response CrmApi::expired() {
  core::Value body = error_body(401, "The OAuth token used to make this call expired.");
  body.set("category", "EXPIRED_AUTHENTICATION");
  return http::json_response(401, core::dump_json(body));
}

http::Response CrmApi::missing_scope(const std::string& scope) {
  core::Value body =
      error_body(403, "This app hasn't been granted all required scopes to make this call.");
  core::Value context =
      core::Value::object({{"requiredGranularScopes", core::Value::list({core::Value(scope)})}});
  body.set("errors", core::Value::list({core::Value::object(
                         {{"message", "One or more of the following scopes are required."},
                          {"context", std::move(context)}})}));
  return http::json_response(403, core::dump_json(body));
}

core::Value CrmApi::error_body(int status, const std::string& message) {
  core::Value body = core::Value::object();
  body.set("status", "error");
  body.set("message", message);
  body.set("correlationId", ids_.next());
  if (status == 429) {
    body.set("errorType", "RATE_LIMIT");
    body.set("policyName", "SECONDLY");
  } else {
    body.set("category", category_of(status));
  }
  return body;
}

http::Response CrmApi::answer(const http::Request& request) {
  if (request.target.size() > kTargetBytes) return error(414, "URI too long");
  const Call call{request, split(request.path, '/')};
  const std::string now = core::format_utc(clock_.wall_now());
  const Outcome outcome = request.method == "POST" ? post(store_, directory_, call, now)
                                                   : get(store_, directory_, call);
  return as_response(outcome);
}

http::Response CrmApi::as_response(const Outcome& outcome) {
  if (!outcome) return error(outcome.error().status, outcome.error().message);
  if (outcome->status == 204) return {.status = 204, .headers = {}, .body = {}};
  return http::json_response(outcome->status, core::dump_json(outcome->body));
}

std::string CrmApi::scope_of(const http::Request& request) {
  const Call call{request, split(request.path, '/')};
  if (call.is("GET", {"crm", "v3", "owners"})) return "crm.objects.owners.read";
  if (call.segments.size() > 2 && call.segments[2] == "lists") return "crm.lists.read";
  const auto object = call.object();
  if (!object) return {};
  const bool definitions = call.is("GET", {"crm", "v3", "properties", "*"});
  return "crm." + std::string(definitions ? "schemas." : "objects.") +
         std::string(plural(*object)) + ".read";
}

core::Value crm_record(const CrmStore& store, CrmObject object, const CrmRecord& record) {
  CrmView view{object, {}, false};
  for (const auto& [name, property] : store.schema().properties(object)) {
    view.properties.push_back(name);
  }
  return crm_envelope(store, view, record);
}

}  // namespace assembly_sync::sandbox

#include "tests/fakes/generated_hubspot.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/value.hpp"

namespace assembly_sync::fakes {
namespace {

using core::Value;

constexpr std::uint64_t kContactsPerCompany = 10;

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

http::Response json(const Value& value, int status = 200) {
  return http::json_response(status, core::dump_json(value));
}

http::Response refuse(int status, const char* message) {
  return json(Value::object({{"status", "error"}, {"message", message}}), status);
}

/// The records of one object.
struct Object {
  bool contacts = false;
  std::uint64_t count = 0;
  std::int64_t first_ms = 0;

  Value property(std::uint64_t id, const std::string& name) const {
    const std::string n = std::to_string(id);
    if (name == "hs_object_id") return n;
    const std::string_view stamp = contacts ? "lastmodifieddate" : "hs_lastmodifieddate";
    if (name == stamp) return core::format_utc(modified(id));
    if (contacts && name == "email") return "person" + n + "@company" + n + ".test";
    if (contacts && name == "firstname") return "Person";
    if (contacts && name == "lastname") return "Number " + n;
    if (!contacts && name == "name") return "Company " + n;
    if (!contacts && name == "domain") return "company" + n + ".test";
    if (!contacts && name == "lifecyclestage") return "customer";
    return {};
  }

  core::WallTime modified(std::uint64_t id) const {
    return core::from_ms(first_ms + static_cast<std::int64_t>(id));
  }

  Value envelope(std::uint64_t id, const std::vector<std::string>& names) const {
    Value properties = Value::object();
    for (const std::string& name : names) properties.set(name, property(id, name));
    return Value::object({{"id", std::to_string(id)},
                          {"properties", std::move(properties)},
                          {"createdAt", core::format_utc(modified(0))},
                          {"updatedAt", core::format_utc(modified(id))},
                          {"archived", false}});
  }
};

std::vector<std::string> names_of(const http::Request& request) {
  std::vector<std::string> out;
  const std::string* text = request.parameter("properties");
  for (std::size_t start = 0; text != nullptr && start < text->size();) {
    const std::size_t end = std::min(text->find(',', start), text->size());
    out.push_back(text->substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::vector<std::string> names_of(const Value& body) {
  std::vector<std::string> out;
  if (!body.at("properties").is_list()) return out;
  for (const Value& name : body.at("properties").as_list()) out.push_back(name.as_string());
  return out;
}

Value with_next(Value out, const std::string& after) {
  out.set("paging", Value::object({{"next", Value::object({{"after", after}})}}));
  return out;
}

http::Response list(const Object& object, const http::Request& request) {
  const auto parameter = [&](std::string_view name) {
    const std::string* text = request.parameter(name);
    return text == nullptr ? std::string() : *text;
  };
  Value::List results;
  if (parameter("archived") == "true") {
    return json(Value::object({{"results", Value(std::move(results))}}));
  }
  const std::uint64_t first = number(parameter("after")) + 1;
  const std::uint64_t limit = std::clamp<std::uint64_t>(number(parameter("limit")), 1, 100);
  const std::uint64_t last = std::min(object.count, first + limit - 1);
  const auto names = names_of(request);
  for (std::uint64_t id = first; id <= last; ++id) results.push_back(object.envelope(id, names));
  Value out = Value::object({{"results", Value(std::move(results))}});
  return json(last < object.count ? with_next(std::move(out), std::to_string(last)) : out);
}

http::Response batch(const Object& object, const Value& body) {
  Value::List results;
  const auto names = names_of(body);
  for (const Value& input : body.at("inputs").as_list()) {
    const std::uint64_t id = number(input.text_or("id"));
    if (id >= 1 && id <= object.count) results.push_back(object.envelope(id, names));
  }
  return json(Value::object({{"status", "COMPLETE"}, {"results", Value(std::move(results))}}));
}

/// Understands GTE and LT of the time of change, sorted by it, which is by id as well.
http::Response search(const Object& object, const Value& body) {
  std::int64_t from = 1;
  std::int64_t to = static_cast<std::int64_t>(object.count) + 1;
  for (const Value& group : body.at("filterGroups").as_list()) {
    for (const Value& filter : group.at("filters").as_list()) {
      const std::int64_t id =
          static_cast<std::int64_t>(number(filter.text_or("value"))) - object.first_ms;
      const std::string op = filter.text_or("operator");
      if (op != "GTE" && op != "LT") return refuse(400, "only GTE and LT are known here");
      if (op == "GTE") from = std::max(from, id);
      if (op == "LT") to = std::min(to, id);
    }
  }
  const auto after = static_cast<std::int64_t>(number(body.text_or("after")));
  if (after >= 10'000) return refuse(400, "beyond 10,000");
  const std::int64_t first = from + after;
  const std::int64_t end = std::max(first, std::min(to, first + 200));
  Value::List results;
  const auto names = names_of(body);
  for (std::int64_t id = first; id < end; ++id) {
    results.push_back(object.envelope(static_cast<std::uint64_t>(id), names));
  }
  Value out = Value::object(
      {{"total", std::max<std::int64_t>(to - from, 0)}, {"results", Value(std::move(results))}});
  return json(end < to ? with_next(std::move(out), std::to_string(after + end - first)) : out);
}

http::Response companies_of(const Value& body, std::uint64_t contacts) {
  Value::List results;
  for (const Value& input : body.at("inputs").as_list()) {
    const std::uint64_t id = number(input.text_or("id"));
    if (id < 1 || id > contacts) continue;
    Value types = Value::list(
        {Value::object({{"category", "HUBSPOT_DEFINED"}, {"typeId", 1}, {"label", "Primary"}})});
    Value to = Value::object({{"toObjectId", (id - 1) / kContactsPerCompany + 1},
                              {"associationTypes", std::move(types)}});
    results.push_back(Value::object({{"from", Value::object({{"id", std::to_string(id)}})},
                                     {"to", Value::list({std::move(to)})}}));
  }
  return json(Value::object({{"status", "COMPLETE"}, {"results", Value(std::move(results))}}));
}

}  // namespace

GeneratedHubspot::GeneratedHubspot(std::uint64_t records, std::int64_t first_ms)
    : records_(records),
      first_ms_(first_ms),
      server_("127.0.0.1:0",
              [this](const http::Request& request, const http::Responder& responder) {
                count(request);
                responder.send(answer(request));
              }) {
  server_.start();
}

std::map<std::string, std::uint64_t> GeneratedHubspot::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void GeneratedHubspot::count(const http::Request& request) {
  std::string path = request.path;
  while (!path.empty() && path.back() >= '0' && path.back() <= '9') path.pop_back();
  const std::lock_guard lock(mutex_);
  ++calls_[request.method + ' ' + path];
}

http::Response GeneratedHubspot::answer(const http::Request& request) const {
  constexpr std::string_view kObjects = "/crm/v3/objects/";
  const std::string_view path = request.path;
  const auto body = core::parse_json(request.body);
  if (request.method == "POST" && (!body || !body->is_object())) return refuse(400, "no JSON");
  if (path == "/crm/v4/associations/contacts/companies/batch/read") {
    return companies_of(*body, records_);
  }
  if (!path.starts_with(kObjects)) return refuse(404, "no such path");
  const std::string_view rest = path.substr(kObjects.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  Object object{
      .contacts = rest.substr(0, slash) == "contacts", .count = records_, .first_ms = first_ms_};
  if (!object.contacts) object.count = (records_ + kContactsPerCompany - 1) / kContactsPerCompany;
  const std::string_view action = rest.substr(std::min(slash + 1, rest.size()));
  if (action.empty()) return list(object, request);
  if (action == "search") return search(object, *body);
  if (action == "batch/read") return batch(object, *body);
  const std::uint64_t id = number(action);
  if (id < 1 || id > object.count) return refuse(404, "resource not found");
  return json(object.envelope(id, names_of(request)));
}

}  // namespace assembly_sync::fakes

// Client: one request, and accounts and contacts. What hangs on them is in client_parts.cpp.
#include "daemon/assembly/client.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/assembly/answer_of.hpp"
#include "daemon/assembly/writing.hpp"

namespace assembly_sync::assembly {
namespace {

using core::Value;

void add_key(Value::Object& body, const std::string& key) {
  Value& keys = body["source_specific_ids"];
  if (!keys.is_list()) keys = Value::list();
  Value::List& list = keys.as_list();
  const Value wanted(key);
  if (std::find(list.begin(), list.end(), wanted) == list.end()) list.push_back(wanted);
}

/// Lays the identifier into the body, so that a second try finds what the first one made; no when
/// it would not (Q5, Q6, Q33).
Repeatable repeat_identifier(const Identifier& identifier, Value::Object& body) {
  switch (identifier.kind) {
    case Identifier::Kind::key:
      add_key(body, identifier.text);
      return Repeatable::yes;
    case Identifier::Kind::domain: {
      const Value& domain = body.try_emplace("domain", identifier.text).first->second;
      const bool same =
          domain.is_string() && core::equal_ignoring_case(domain.as_string(), identifier.text);
      return same ? Repeatable::yes : Repeatable::no;
    }
    case Identifier::Kind::assembly_id:
      break;  // an unknown one is not taken over (I17)
  }
  return Repeatable::no;
}

std::string without_end_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

}  // namespace

Client::Client(core::HttpTransport& transport, const core::Clock& clock, ClientSettings settings)
    : transport_(transport),
      clock_(clock),
      settings_{without_end_slash(std::move(settings.base_url)), std::move(settings.api_key),
                settings.timeout, without_end_slash(std::move(settings.labels_path))} {}

std::int64_t Client::now_ms() const {
  return core::to_ms(clock_.wall_now());
}

tl::expected<core::HttpResponse, core::HttpFailure> Client::call(const char* method,
                                                                 std::string_view target,
                                                                 std::string body) const {
  core::HttpRequest request;
  request.method = method;
  request.url = settings_.base_url + std::string(target);
  // The key itself, without "Bearer" (F3, F3b).
  request.headers.push_back({"Authorization", std::string(settings_.api_key.reveal())});
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});  // F4
  request.body = std::move(body);
  request.timeout = settings_.timeout;
  return transport_.send(request);
}

Outcome Client::write(const char* method, std::string_view target, const Body& body,
                      Repeatable repeatable) const {
  return classify_write(call(method, target, core::dump_json(Value(body))), repeatable, now_ms());
}

Outcome Client::erase(std::string_view target) const {
  Outcome outcome = classify_write(call("DELETE", target), Repeatable::yes, now_ms());
  if (auto* delivered = std::get_if<Delivered>(&outcome)) delivered->id = core::AssemblyId();
  if (is_not_found(outcome)) return Delivered{{}, std::get<Rejected>(outcome).status};
  return outcome;
}

Answer<Value> Client::read(std::string_view target) const {
  return classify_read(call("GET", target), now_ms());
}

Outcome Client::create(Collection collection, const Body& body) const {
  if (auto reason = create_refusal(collection, body)) return refused_here(std::move(*reason));
  return write("POST", collection_target(collection), body, Repeatable::no);
}

Outcome Client::upsert(Collection collection, const core::Key& key, Body body) const {
  return upsert(collection, Identifier::of(key), std::move(body));
}

Outcome Client::upsert(Collection collection, const Identifier& identifier, Body body) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  const Repeatable repeatable = repeat_identifier(identifier, body);
  if (auto reason = body_refusal(collection, body)) return refused_here(std::move(*reason));
  return write("PUT", upsert_target(collection, identifier), body, repeatable);
}

Outcome Client::update(Collection collection, const core::AssemblyId& id, const Body& body) const {
  return update(collection, Identifier::of(id), body);
}

Outcome Client::update(Collection collection, const Identifier& identifier,
                       const Body& body) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  if (auto reason = body_refusal(collection, body)) return refused_here(std::move(*reason));
  Outcome outcome = write("PUT", item_target(collection, identifier), body, Repeatable::yes);
  if (identifier.kind != Identifier::Kind::assembly_id) return outcome;
  return with_id(std::move(outcome), core::AssemblyId(identifier.text));
}

Outcome Client::remove(Collection collection, const Identifier& identifier) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  return erase(item_target(collection, identifier));
}

Answer<std::optional<AccountView>> Client::get(Collection collection,
                                               const Identifier& identifier) const {
  if (auto reason = refusal(identifier)) return not_asked(std::move(*reason));
  return one_of<AccountView>(read(item_target(collection, identifier)), singular(collection),
                             [&](const Value& answer, AccountView& into) {
                               return read_single(collection, answer, into);
                             });
}

Answer<Page> Client::read_page_at(std::string_view target, Collection collection,
                                  std::size_t limit) const {
  return whole_of<Page>(read(target), to_text(collection),
                        [&](const Value& answer) { return read_page(collection, answer, limit); });
}

Answer<Page> Client::list(Collection collection, std::size_t limit, std::size_t offset) const {
  return read_page_at(list_target(collection, limit, offset), collection, limit);
}

Answer<Page> Client::contacts_of(const Identifier& company, std::size_t limit,
                                 std::size_t offset) const {
  if (auto reason = refusal(company)) return not_asked(std::move(*reason));
  return read_page_at(company_contacts_target(company, limit, offset), Collection::contacts, limit);
}

}  // namespace assembly_sync::assembly

#include "daemon/assembly/client.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "daemon/assembly/classify.hpp"

namespace assembly_sync::assembly {
namespace {

using core::Value;

Rejected refused_here(std::string reason) {
  return {0, Rejected::Kind::invalid, "not sent: " + std::move(reason), {}};
}

tl::unexpected<Failure> unreadable(std::string_view wanted) {
  return tl::unexpected<Failure>(
      Rejected{200, Rejected::Kind::invalid, "answered without " + std::string(wanted), {}});
}

void add_key(Value::Object& body, const core::Key& key) {
  Value& keys = body["source_specific_ids"];
  if (!keys.is_list()) keys = Value::list();
  Value::List& list = keys.as_list();
  const Value wanted(key.str());
  if (std::find(list.begin(), list.end(), wanted) == list.end()) list.push_back(wanted);
}

bool is_not_found(const Rejected* rejected) {
  return rejected != nullptr && rejected->kind == Rejected::Kind::not_found;
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
                settings.timeout} {}

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

Outcome Client::upsert(Collection collection, const core::Key& key, Value::Object body) const {
  if (auto reason = refusal(Identifier::of(key))) return refused_here(std::move(*reason));
  add_key(body, key);
  return classify_write(
      call("PUT", upsert_target(collection, key), core::dump_json(Value(std::move(body)))),
      Repeatable::yes, now_ms());
}

Outcome Client::update(Collection collection, const core::AssemblyId& id,
                       const Value::Object& body) const {
  const Identifier identifier = Identifier::of(id);
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  Outcome outcome =
      classify_write(call("PUT", item_target(collection, identifier), core::dump_json(Value(body))),
                     Repeatable::yes, now_ms());
  if (auto* const delivered = std::get_if<Delivered>(&outcome)) {
    if (delivered->id.empty()) delivered->id = id;
  }
  return outcome;
}

Outcome Client::remove(Collection collection, const Identifier& identifier) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  Outcome outcome = classify_write(call("DELETE", item_target(collection, identifier)),
                                   Repeatable::yes, now_ms());
  const bool gone =
      std::holds_alternative<Delivered>(outcome) || is_not_found(std::get_if<Rejected>(&outcome));
  return gone ? Outcome(Delivered{}) : outcome;
}

Outcome Client::remove_properties(Collection collection, const Identifier& identifier,
                                  const std::vector<std::string>& names) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  Value::List list;
  for (const std::string& name : names) list.emplace_back(name);
  return classify_write(call("DELETE", "/add_props" + item_target(collection, identifier),
                             core::dump_json(Value::object({{"properties", std::move(list)}}))),
                        Repeatable::yes, now_ms());
}

Answer<std::optional<AccountView>> Client::get(Collection collection,
                                               const Identifier& identifier) const {
  if (auto reason = refusal(identifier)) {
    return tl::unexpected<Failure>(refused_here(std::move(*reason)));
  }
  const auto answer = classify_read(call("GET", item_target(collection, identifier)), now_ms());
  if (!answer) {
    if (is_not_found(std::get_if<Rejected>(&answer.error()))) return std::nullopt;
    return tl::unexpected(answer.error());
  }
  AccountView account;
  switch (read_single(collection, *answer, account)) {
    case Found::yes:
      return account;
    case Found::no:
      return std::nullopt;
    case Found::unreadable:
      break;
  }
  return unreadable(singular(collection));
}

Answer<Page> Client::list(Collection collection, std::size_t limit, std::size_t offset) const {
  const auto answer = classify_read(call("GET", list_target(collection, limit, offset)), now_ms());
  if (!answer) return tl::unexpected(answer.error());
  auto page = read_page(collection, *answer, limit);
  if (!page) return unreadable(to_text(collection));
  return std::move(*page);
}

Answer<std::vector<Label>> Client::labels() const {
  const auto answer = classify_read(call("GET", labels_target()), now_ms());
  if (!answer) return tl::unexpected(answer.error());
  auto labels = read_labels(*answer);
  if (!labels) return unreadable("labels");
  return std::move(*labels);
}

Outcome Client::create_label(const NewLabel& label) const {
  Value::Object body;
  body.emplace("type", to_text(label.type));
  body.emplace("name", label.name);
  body.emplace("color", label.color);
  if (!label.description.empty()) body.emplace("description", label.description);
  return classify_write(call("POST", labels_target(), core::dump_json(Value(std::move(body)))),
                        Repeatable::no, now_ms());
}

}  // namespace assembly_sync::assembly

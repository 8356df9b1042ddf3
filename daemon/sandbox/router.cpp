#include "daemon/sandbox/router.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::size_t kLargestLimit = 1000;  // I19

using Segments = std::span<const std::string>;

struct Call {
  Model& model;
  const http::Request& request;

  bool is(std::string_view method) const { return request.method == method; }
};

tl::unexpected<Refusal> no_such_endpoint() {
  return refuse(404, "no such endpoint");
}
tl::unexpected<Refusal> wrong_method() {
  return refuse(405, "method not allowed");
}

/// The decoded segments of the path; nothing when one is empty or badly escaped. Decoding comes
/// after splitting, so that an escaped slash stays inside its segment (I21).
std::optional<std::vector<std::string>> segments_of(std::string_view target) {
  std::string_view rest = target.substr(0, target.find('?'));
  std::vector<std::string> out;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    auto segment = core::percent_decode(rest.substr(0, end));
    if (!segment || segment->empty()) return std::nullopt;
    out.push_back(std::move(*segment));
    rest.remove_prefix(end);
  }
  return out;
}

/// A parameter that must be a whole number; `otherwise` when it is not given.
tl::expected<std::size_t, Refusal> number_parameter(const http::Request& request,
                                                    const std::string& name,
                                                    std::size_t otherwise) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return otherwise;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) {
    return refuse(400, name + " must be a whole number");
  }
  return number;
}

tl::expected<Page, Refusal> page_of_request(const http::Request& request) {
  const auto limit = number_parameter(request, "limit", Page{}.limit);
  if (!limit) return tl::unexpected(limit.error());
  const auto offset = number_parameter(request, "offset", Page{}.offset);
  if (!offset) return tl::unexpected(offset.error());
  if (*limit < 1 || *limit > kLargestLimit) return refuse(400, "limit must be from 1 to 1000");
  return Page{*limit, *offset};
}

tl::expected<core::Value, Refusal> body_of(const http::Request& request) {
  const auto type = core::find_header(request.headers, "Content-Type");
  if (!type || !type->starts_with("application/json")) {
    return refuse(400, "Content-Type must be application/json");
  }
  auto body = core::parse_json(request.body);
  if (!body) return refuse(400, body.error().message);
  return std::move(*body);
}

template <class Operation>
Outcome with_body(const Call& call, Operation&& operation) {
  const auto body = body_of(call.request);
  if (!body) return tl::unexpected(body.error());
  return operation(*body);
}

template <class Operation>
Outcome with_page(const Call& call, Operation&& operation) {
  const auto page = page_of_request(call.request);
  if (!page) return tl::unexpected(page.error());
  return operation(*page);
}

Address address_of(const Call& call, Segments rest, const std::string& parameter) {
  Address address;
  if (!rest.empty()) address.segment = rest.front();
  if (const std::string* id = call.request.parameter(parameter)) address.source_id = *id;
  return address;
}

Outcome route_labels(const Call& call, Segments rest) {
  if (rest.size() > 1) return no_such_endpoint();
  if (call.is("GET")) {
    return call.model.get_labels(rest.empty() ? std::nullopt : std::optional(rest.front()));
  }
  if (rest.empty()) {
    if (!call.is("POST")) return wrong_method();
    return with_body(call, [&](const core::Value& body) { return call.model.create_label(body); });
  }
  if (call.is("PUT")) {
    return with_body(
        call, [&](const core::Value& body) { return call.model.update_label(rest.front(), body); });
  }
  return call.is("DELETE") ? call.model.erase_label(rest.front()) : Outcome(wrong_method());
}

Outcome route_company_contacts(const Call& call, Segments rest) {
  if (rest.size() > 1) return no_such_endpoint();
  if (!call.is("GET")) return wrong_method();
  const Address company = address_of(call, rest, "company_source_specific_id");
  return with_page(call, [&](Page page) { return call.model.contacts_of(company, page); });
}

Outcome route_upsert(const Call& call, ItemKind kind, Segments rest) {
  if (rest.size() > 1) return no_such_endpoint();
  if (!call.is("PUT")) return wrong_method();
  const Address address = address_of(call, rest, "source_specific_id");
  return with_body(call,
                   [&](const core::Value& body) { return call.model.upsert(kind, address, body); });
}

Outcome route_items(const Call& call, ItemKind kind, Segments rest) {
  if (!rest.empty() && rest.front() == "upsert") return route_upsert(call, kind, rest.subspan(1));
  if (rest.size() > 1) return no_such_endpoint();
  const Address address = address_of(call, rest, "source_specific_id");
  const bool lists_all = call.is("GET") && call.model.switches().empty_key_lists;
  const bool collection =
      !address.segment && (!address.source_id || (address.source_id->empty() && lists_all));
  if (call.is("POST")) {
    if (!collection) return wrong_method();
    return with_body(call, [&](const core::Value& body) { return call.model.create(kind, body); });
  }
  if (call.is("GET")) {
    if (!collection) return call.model.get(kind, address);
    return with_page(call, [&](Page page) { return call.model.list(kind, page); });
  }
  if (call.is("PUT")) {
    return with_body(
        call, [&](const core::Value& body) { return call.model.update(kind, address, body); });
  }
  return call.is("DELETE") ? call.model.erase(kind, address) : Outcome(wrong_method());
}

std::optional<ItemKind> item_kind(Segments rest) {
  if (!rest.empty() && rest.front() == "accounts") return ItemKind::account;
  if (!rest.empty() && rest.front() == "contacts") return ItemKind::contact;
  return std::nullopt;
}

Outcome route_properties(const Call& call, Segments rest) {
  const auto kind = item_kind(rest);
  if (!kind || rest.size() > 2) return no_such_endpoint();
  const Address address = address_of(call, rest.subspan(1), "source_specific_id");
  if (call.is("GET")) return call.model.get_properties(*kind, address);
  return with_body(call, [&](const core::Value& body) -> Outcome {
    if (call.is("POST")) return call.model.create_properties(*kind, address, body);
    if (call.is("PUT")) return call.model.update_properties(*kind, address, body);
    if (call.is("DELETE")) return call.model.erase_properties(*kind, address, body);
    return wrong_method();
  });
}

/// `/usage` and `/usage/accounts…`, `/usage/contacts…`: add and list.
Outcome route_usage_collection(const Call& call, std::optional<ItemKind> kind, Segments rest) {
  if (rest.size() > 1) return no_such_endpoint();
  const Address address = kind ? address_of(call, rest, "source_specific_id") : Address{};
  if (call.is("POST")) {
    return with_body(call, [&](const core::Value& body) {
      return call.model.create_usage(kind, address, body);
    });
  }
  if (!call.is("GET")) return wrong_method();
  return with_page(call, [&](Page page) { return call.model.list_usage(kind, address, page); });
}

Outcome route_usage(const Call& call, Segments rest) {
  if (const auto kind = item_kind(rest)) {
    return route_usage_collection(call, kind, rest.subspan(1));
  }
  if (rest.empty()) return route_usage_collection(call, std::nullopt, rest);
  if (rest.size() > 1) return no_such_endpoint();
  if (call.is("GET")) return call.model.get_usage(rest.front());
  if (call.is("PUT")) {
    return with_body(
        call, [&](const core::Value& body) { return call.model.update_usage(rest.front(), body); });
  }
  return call.is("DELETE") ? call.model.erase_usage(rest.front()) : Outcome(wrong_method());
}

/// The documentation's text says `/account/labels`, its examples `/accounts/labels` (I6).
bool is_label_root(const Switches& switches, std::string_view head) {
  const LabelsPath path = switches.labels_path;
  return (head == "accounts" && path != LabelsPath::account) ||
         (head == "account" && path != LabelsPath::accounts);
}

}  // namespace

Outcome route(Model& model, const http::Request& request) {
  const auto segments = segments_of(request.target);
  if (!segments || segments->empty()) return no_such_endpoint();
  const Call call{model, request};
  const std::string& head = segments->front();
  const Segments rest = Segments(*segments).subspan(1);
  if (!rest.empty() && rest.front() == "labels" && is_label_root(model.switches(), head)) {
    return route_labels(call, rest.subspan(1));
  }
  if (head == "accounts") return route_items(call, ItemKind::account, rest);
  if (head == "contacts") {
    const bool company = !rest.empty() && rest.front() == "company";
    return company ? route_company_contacts(call, rest.subspan(1))
                   : route_items(call, ItemKind::contact, rest);
  }
  if (head == "add_props") return route_properties(call, rest);
  if (head == "usage") return route_usage(call, rest);
  return no_such_endpoint();
}

}  // namespace assembly_sync::sandbox

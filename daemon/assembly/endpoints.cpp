#include "daemon/assembly/endpoints.hpp"

#include <algorithm>
#include <initializer_list>

#include "core/http.hpp"
#include "core/text.hpp"

namespace assembly_sync::assembly {
namespace {

constexpr std::string_view kKey = "source_specific_id";                 // F5
constexpr std::string_view kCompanyKey = "company_source_specific_id";  // F6

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Why `text` must not be a segment of a path, or nothing. The words are compared without case.
std::optional<std::string> segment_refusal(std::string_view what, std::string_view text,
                                           std::initializer_list<std::string_view> words) {
  if (is_blank(text)) return "the " + std::string(what) + " is empty";
  const std::string lower = core::lower_ascii(text);
  if (lower == "." || lower == ".." ||
      std::find(words.begin(), words.end(), lower) != words.end()) {
    return "the " + std::string(what) + " is a word reserved by the API";
  }
  return std::nullopt;
}

/// `BASE/TEXT` or `BASE?PARAMETER=KEY`; the path keeps `@` (F8, I21).
std::string addressed(std::string base, const Identifier& identifier,
                      std::string_view parameter = kKey) {
  if (identifier.kind == Identifier::Kind::key) {
    return base + '?' + std::string(parameter) + '=' + core::percent_encode(identifier.text);
  }
  return base + '/' + core::percent_encode(identifier.text, "@");
}

std::string paged(const std::string& target, std::size_t limit, std::size_t offset) {
  const char* const joint = target.find('?') == std::string::npos ? "?" : "&";
  return target + joint + "limit=" + std::to_string(limit) + "&offset=" + std::to_string(offset);
}

}  // namespace

std::string_view to_text(Collection collection) {
  return collection == Collection::accounts ? "accounts" : "contacts";
}

std::string_view singular(Collection collection) {
  return collection == Collection::accounts ? "account" : "contact";
}

std::optional<std::string> refusal(const Identifier& identifier) {
  constexpr std::string_view kNames[] = {"Assembly ID", "domain", "key"};
  const std::string_view name = kNames[static_cast<int>(identifier.kind)];
  if (identifier.kind == Identifier::Kind::key) {
    return is_blank(identifier.text) ? std::optional<std::string>("the key is empty")
                                     : std::nullopt;
  }
  return segment_refusal(name, identifier.text,
                         {"upsert", "labels", "company", "search", "notes", "create_note"});
}

std::optional<std::string> refusal(const UsageTarget& target) {
  return target.item ? refusal(target.item->identifier) : std::nullopt;
}

std::optional<std::string> label_refusal(const core::AssemblyId& label) {
  // The types' own words, in every spelling that they might have in a path (I7).
  return segment_refusal(
      "label id", label.str(),
      {"tier", "stage", "company_type", "companytype", "tag", "account_tag", "accounttag"});
}

std::optional<std::string> log_refusal(const core::AssemblyId& log) {
  return segment_refusal("id of the usage log", log.str(), {"accounts", "contacts"});
}

std::string collection_target(Collection collection) {
  return "/" + std::string(to_text(collection));
}

std::string item_target(Collection collection, const Identifier& identifier) {
  return addressed(collection_target(collection), identifier);
}

std::string upsert_target(Collection collection, const Identifier& identifier) {
  return addressed(collection_target(collection) + "/upsert", identifier);
}

std::string list_target(Collection collection, std::size_t limit, std::size_t offset) {
  return paged(collection_target(collection), limit, offset);
}

std::string company_contacts_target(const Identifier& company, std::size_t limit,
                                    std::size_t offset) {
  return paged(addressed("/contacts/company", company, kCompanyKey), limit, offset);
}

std::string properties_target(Collection collection, const Identifier& identifier) {
  return addressed("/add_props" + collection_target(collection), identifier);
}

std::string usage_target(const UsageTarget& target) {
  if (!target.item) return "/usage";
  return addressed("/usage" + collection_target(target.item->collection), target.item->identifier);
}

std::string usage_list_target(const UsageTarget& target, std::size_t limit, std::size_t offset) {
  return paged(usage_target(target), limit, offset);
}

std::string log_target(const core::AssemblyId& log) {
  return "/usage/" + core::percent_encode(log.str());
}

std::string label_target(std::string_view prefix, const core::AssemblyId& label) {
  return std::string(prefix) + '/' + core::percent_encode(label.str());
}

}  // namespace assembly_sync::assembly

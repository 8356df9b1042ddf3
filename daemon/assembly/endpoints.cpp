#include "daemon/assembly/endpoints.hpp"

#include <algorithm>
#include <cctype>

#include "core/http.hpp"
#include "core/text.hpp"

namespace assembly_sync::assembly {
namespace {

constexpr std::string_view kKeyParameter = "?source_specific_id=";  // F5

std::string collection_path(Collection collection) {
  return "/" + std::string(to_text(collection));
}

/// Words that stand where an id or a domain would (Q19), whatever their case.
bool is_reserved(std::string_view segment) {
  constexpr std::string_view kReserved[] = {".",       "..",     "upsert", "labels",
                                            "company", "search", "notes",  "create_note"};
  const std::string lower = core::lower_ascii(segment);
  return std::find(std::begin(kReserved), std::end(kReserved), lower) != std::end(kReserved);
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
  const std::string name(kNames[static_cast<int>(identifier.kind)]);
  if (identifier.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return "the " + name + " is empty";
  }
  if (identifier.kind != Identifier::Kind::key && is_reserved(identifier.text)) {
    return "the " + name + " is a word reserved by the API";
  }
  return std::nullopt;
}

std::string item_target(Collection collection, const Identifier& identifier) {
  if (identifier.kind == Identifier::Kind::key) {
    return collection_path(collection) + std::string(kKeyParameter) +
           core::percent_encode(identifier.text);
  }
  return collection_path(collection) + "/" + core::percent_encode(identifier.text, "@");  // I21
}

std::string upsert_target(Collection collection, const core::Key& key) {
  return collection_path(collection) + "/upsert" + std::string(kKeyParameter) +
         core::percent_encode(key.str());
}

std::string list_target(Collection collection, std::size_t limit, std::size_t offset) {
  return collection_path(collection) + "?limit=" + std::to_string(limit) +
         "&offset=" + std::to_string(offset);
}

std::string_view labels_target() {
  return "/accounts/labels";
}

}  // namespace assembly_sync::assembly

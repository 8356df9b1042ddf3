// Entities as people ask for them: by name, domain, key, Assembly's id or the source's record.
// Reads only; thread-safe as the View is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// {id, kind, key, assembly_id, name, domain, present, record}: how every document names one.
core::Value to_value(const store::Entity& entity);
/// `Acme (company hubspot-company-1)`
std::string title_of(const core::Value& entity);

/// {source, object, id}, and the same as text: `hubspot.companies 42`.
core::Value to_value(const core::RecordRef& record);
std::string text_of(const core::RecordRef& record);
/// Of a value that to_value() made.
std::string record_text(const core::Value& record);
/// `hubspot.companies 42` or `hubspot.companies/42`; nothing when it is neither.
std::optional<core::RecordRef> parse_record(std::string_view text);

/// Those that `text` means, the best first: an id, a key, a record; else a domain; else names that
/// are it, begin with it, or hold it. At most `limit`.
std::vector<store::Entity> find_entities(const store::View& view, std::string_view text, int limit);
/// {entities: [...]} of the same.
core::Value search(const store::View& view, std::string_view text, int limit);

}  // namespace assembly_sync::answers

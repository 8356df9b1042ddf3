// A preview in the words of the mapping: field by field, what is in Assembly and what would be.
// Pure.
#pragma once

#include <map>
#include <string>

#include "core/intent.hpp"
#include "core/value.hpp"
#include "daemon/sync/preview.hpp"

namespace assembly_sync::sync {

/// What one field changes from and to. `known` = Assembly's value is known (or known to be none).
struct FieldChange {
  core::Value from;
  core::Value to;
  bool known = true;
};
/// By the field's name; `additional_properties.Industry`, `tags`, `company`.
using FieldChanges = std::map<std::string, FieldChange>;

FieldChanges changes_of(const Preview& preview);

/// {to, key, fields{NAME{from, to}}}; a value in Assembly that is not known has `from_unknown`.
core::Value change_value(const core::Intent& intent, const Preview& preview,
                         const FieldChanges& changes);

}  // namespace assembly_sync::sync

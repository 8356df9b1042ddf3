// Whether a property, as its source describes it, can be what an expression takes it for; in words
// when it can't. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/catalogue.hpp"
#include "mapping/attributes.hpp"
#include "mapping/datum.hpp"
#include "mapping/functions.hpp"

namespace assembly_sync::mapping {

/// `a number`, `several of its options in one text`, …: what a property of that type holds.
std::string_view held_by(core::FieldType type);

/// ", did you mean `industry` (labelled Industry)?": the field whose name or label is nearest, or
/// nothing.
std::string near_field(const core::Catalogue& catalogue, const std::string& word);

/// The same of a field's options, by value or label.
std::string near_option(const core::Field& field, const std::string& word);

/// Why no value of the property is one for this parameter (`expected number, got a date`); nothing
/// when some may be. `texts`: see core::Catalogue.
std::optional<std::string> unfit(const core::Field& field, bool texts, const Parameter& parameter);
/// The same for an attribute of this type.
std::optional<std::string> unfit(const core::Field& field, bool texts, AttributeType type);

/// Why the property never equals the literal, nor can be compared with it; nothing when it may.
std::optional<std::string> incomparable(const core::Field& field, const Datum& literal);

}  // namespace assembly_sync::mapping

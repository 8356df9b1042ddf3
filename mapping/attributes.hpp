// Assembly's attributes of companies, customers, contacts and usage logs (B1, B3, B7 of the API
// notes) and how a mapped value becomes one. Constant; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/intent.hpp"
#include "core/value.hpp"
#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

enum class AttributeType : std::uint8_t {
  text,
  label,  // a label's name; the empty text is none
  texts,  // a list of texts; one text is a list of one
  tags,   // as texts, each once
  number,
  integer,
  contract_type,  // Month or Year
  date,           // YYYY-MM-DD
  domain,         // of a company (A16)
  email,          // the "domain" of a customer or contact (A17, A67)
  timestamp,      // 2026-01-31T10:00:00Z (Q14)
  usage_type,     // Action, Metric or CumulativeMetric (A148)
  keys,           // a list of source-specific IDs, each once; one text is a list of one
  property,       // an additional property or metadata: any JSON (B4, Q27)
};

struct Attribute {
  std::string_view name;
  AttributeType type = AttributeType::text;
  bool required = false;
  std::string_view rule;  // that makes it required, e.g. A15
};

/// Nothing for an attribute that this kind of entity does not have.
const Attribute* find_attribute(core::EntityKind kind, std::string_view name);
std::vector<std::string> attribute_names(core::EntityKind kind);
std::vector<const Attribute*> required_attributes(core::EntityKind kind);
/// The kinds of entity that have it: "customer or contact"; empty for a name that none has.
std::string owners_of(std::string_view attribute);
/// "company", …, "usage log": as messages call it.
std::string_view noun(core::EntityKind kind);
/// A usage log of this type needs a value (A151, A152).
bool needs_value(std::string_view usage_type);
inline constexpr std::string_view kValueMissing =
    "Assembly requires a value of a Metric or CumulativeMetric (A151), got nothing";

/// The types of values that convert() can take.
TypeSet accepted(AttributeType type);

/// The value to send: null = left out. The error has the form "expected …, got …" and never shows
/// the value (I11).
tl::expected<core::Value, std::string> convert(AttributeType type, const Datum& value);

/// "Assembly requires a domain to create a company (A15), got nothing"
std::string missing(const Attribute& attribute, core::EntityKind kind);

/// Nothing, or an empty text where the attribute needs more than that.
bool is_missing(const Attribute* attribute, const core::Value& converted);

/// The text of a key or a parent's key or domain: a text or number; empty for null.
tl::expected<std::string, std::string> identifier(const Datum& value);

}  // namespace assembly_sync::mapping

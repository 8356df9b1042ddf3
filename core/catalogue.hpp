// Catalogue: what a source says the records of one object hold: each field with its label, its type
// and, where there is a list to choose from, the options. Connectors read it, mapping looks into
// it, the store keeps it. A value type; thread-safe to read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

enum class FieldType : std::uint8_t {
  text,
  number,
  boolean,
  date,      // a day
  datetime,  // a moment
  choice,    // one of its options
  choices,   // any number of its options, joined with `;` where values are texts
};

/// `text`, `number`, …: as written in a stored catalogue.
std::string_view to_text(FieldType type);

struct Field {
  std::string label{};  // as people see it in the CRM; may be empty
  FieldType type = FieldType::text;
  /// What a record holds -> what people see. Options that people can't choose any more are among
  /// them, since records keep them. Booleans may have some, too.
  std::map<std::string, std::string, std::less<>> options{};
  bool archived = false;  // taken out of use: records no longer show it

  friend bool operator==(const Field&, const Field&) = default;
};

struct Catalogue {
  /// The member of a record that holds the fields (`properties`); empty when the record itself
  /// does. There is nothing beside the fields in it.
  std::string root;
  /// Every value is a text in records, whatever the field's type.
  bool texts = false;
  std::map<std::string, Field, std::less<>> fields;  // by name

  /// nullptr when there is none of that name.
  const Field* find(std::string_view name) const;
  /// `properties.industry`
  std::string path_of(std::string_view name) const;

  friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

/// For keeping: to_catalogue(to_value(c)) == c.
Value to_value(const Catalogue& catalogue);
/// Fails when the value was not made by to_value().
Result<Catalogue> to_catalogue(const Value& value);

}  // namespace assembly_sync::core

#include "mapping/attributes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/limits.hpp"
#include "mapping/dates.hpp"
#include "mapping/domains.hpp"
#include "mapping/numbers.hpp"
#include "mapping/property_value.hpp"
#include "mapping/text.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::EntityKind;
using core::limits::kProducedListItems;
using core::limits::kProducedTextBytes;
using Converted = tl::expected<core::Value, std::string>;

constexpr std::uint8_t bit(EntityKind kind) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}
constexpr std::uint8_t kCompany = bit(EntityKind::company);
constexpr std::uint8_t kCustomer = bit(EntityKind::customer);
constexpr std::uint8_t kContact = bit(EntityKind::contact);
constexpr std::uint8_t kUsage = bit(EntityKind::usage);
constexpr std::uint8_t kAll = kCompany | kCustomer | kContact;
constexpr std::array kKinds = {EntityKind::company, EntityKind::customer, EntityKind::contact,
                               EntityKind::usage};

struct Row {
  std::uint8_t kinds;
  Attribute attribute;
};

constexpr Row kRows[] = {
    {kCompany | kCustomer, {"name", AttributeType::text, true, "A14"}},
    {kContact, {"name", AttributeType::text, true, "A66"}},
    {kCompany, {"domain", AttributeType::domain, true, "A15"}},
    {kCustomer, {"domain", AttributeType::email, true, "A15"}},
    {kContact, {"domain", AttributeType::email, true, "A67"}},
    {kAll, {"image_url", AttributeType::text, false, ""}},
    {kAll, {"phone", AttributeType::texts, false, ""}},
    {kAll, {"contract_value", AttributeType::number, false, ""}},
    {kAll, {"contract_type", AttributeType::contract_type, false, ""}},
    {kAll, {"renewal_date", AttributeType::date, false, ""}},
    {kAll, {"trial_expiration_date", AttributeType::date, false, ""}},
    {kAll, {"tier", AttributeType::label, false, ""}},
    {kAll, {"stage", AttributeType::label, false, ""}},
    {kAll, {"tags", AttributeType::tags, false, ""}},
    {kAll, {"notes", AttributeType::text, false, ""}},
    {kAll, {"id_in_tool", AttributeType::text, false, ""}},
    {kCompany, {"company_type", AttributeType::label, false, ""}},       // A20
    {kCompany, {"number_of_seats", AttributeType::integer, false, ""}},  // A21
    {kCustomer | kContact, {"role", AttributeType::text, false, ""}},    // A22, B3
    {kUsage, {"timestamp", AttributeType::timestamp, true, "A147"}},
    {kUsage, {"type", AttributeType::usage_type, true, "A148"}},
    {kUsage, {"content", AttributeType::text, true, "A149"}},
    {kUsage, {"attribute", AttributeType::text, true, "A150"}},
    {kUsage, {"value", AttributeType::number, false, "A151"}},  // of metrics: needs_value()
};

Converted refuse(std::string reason) {
  return tl::unexpected<std::string>(std::move(reason));
}

Converted wrong_type(AttributeType type, const Datum& value) {
  std::string_view hint;
  const bool number = type == AttributeType::number || type == AttributeType::integer;
  if (number && value.is_text()) hint = " (use to_number or to_int)";
  if (type == AttributeType::text && value.is_list()) hint = " (use join)";
  if (value.is_bool() && accepted(type).meets(kText)) hint = " (use to_text)";
  return refuse("expected " + to_text(accepted(type)) + ", got " + to_text(value.type()) +
                std::string(hint));
}

Converted bounded_text(std::string_view text) {
  if (text.size() <= kProducedTextBytes) return core::Value(text);
  return refuse("expected a text of at most " + std::to_string(kProducedTextBytes) +
                " bytes, got a longer one");
}

/// Of a text or number.
Converted plain_text(const Datum& value) {
  return value.is_text() ? bounded_text(value.as_text()) : Converted(number_text(value));
}

std::size_t size_of(const Datum& list) {
  return list.is_list_view() ? list.as_view().size() : list.as_items().size;
}

std::string_view as_it_is(std::string_view text) {
  return text;
}

/// Texts of a list or a single text, each as `form` gives it; empty ones dropped.
Converted text_list(const Datum& value, std::string_view (*form)(std::string_view) = trim) {
  core::Value::List out;
  std::string error;
  const auto add = [&](const Datum& item) {
    if (item.is_null() || !error.empty()) return;
    if (!item.type().meets(kText | kNumber)) {
      error = "expected texts in the list, got " + to_text(item.type());
      return;
    }
    Converted text = plain_text(item);
    if (!text) {
      error = text.error();
      return;
    }
    const std::string_view formed = form(text->as_string());
    if (!formed.empty()) out.emplace_back(formed);
  };
  if (!value.is_list()) {
    add(value);
  } else if (size_of(value) > kProducedListItems) {
    error = "expected a list of at most " + std::to_string(kProducedListItems) +
            " elements, got a longer one";
  } else {
    for_each_item(value, add);
  }
  if (!error.empty()) return refuse(std::move(error));
  return core::Value(std::move(out));
}

Converted each_once(Converted list) {
  if (!list || list->as_list().size() < 2) return list;
  core::Value::List unique;
  std::vector<std::string_view> seen;
  for (core::Value& item : list->as_list()) {
    const auto place = std::lower_bound(seen.begin(), seen.end(), item.as_string());
    if (place != seen.end() && *place == item.as_string()) continue;
    seen.insert(place, item.as_string());
    unique.push_back(item);
  }
  return core::Value(std::move(unique));
}

Converted date(const Datum& value) {
  if (value.is_text() && trim(value.as_text()).empty()) return core::Value();
  const auto when = parse_instant(value);
  if (!when) return refuse(std::string(kNotADate));
  return core::Value(date_text(*when));
}

/// Whole seconds, as in the API's example (Q14).
Converted timestamp(const Datum& value) {
  if (value.is_text() && trim(value.as_text()).empty()) return core::Value();
  auto when = parse_instant(value);
  if (!when) return refuse(std::string(kNotADate));
  when->ms -= (when->ms % 1000 + 1000) % 1000;
  return core::Value(datetime_text(*when));
}

/// One of a closed list of words; the empty text is none of them and stands for nothing.
Converted word(const Datum& value, std::initializer_list<std::string_view> words,
               std::string_view expected) {
  if (value.is_blank()) return core::Value();
  if (std::find(words.begin(), words.end(), value.as_text()) != words.end()) {
    return value.to_value();
  }
  return refuse("expected " + std::string(expected) + ", got another text");
}

Converted number(const Datum& value) {
  if (value.is_double() && !std::isfinite(value.as_double())) {
    return refuse("expected a finite number (Q13), got infinity or no number");
  }
  return narrowed(value).to_value();
}

Converted convert_accepted(AttributeType type, const Datum& value) {
  switch (type) {
    case AttributeType::text:
      return plain_text(value);
    case AttributeType::label:
      if (value.is_blank()) return core::Value();
      return plain_text(value);
    case AttributeType::texts:
      return text_list(value);
    case AttributeType::tags:
      return each_once(text_list(value));
    case AttributeType::keys:
      return each_once(text_list(value, as_it_is));
    case AttributeType::number:
      return number(value);
    case AttributeType::integer:
      if (const auto whole = whole_number(value)) return core::Value(*whole);
      return refuse("expected a whole number, got one with decimals (use to_int or round)");
    case AttributeType::contract_type:
      return word(value, {"Month", "Year"}, "Month or Year");
    case AttributeType::usage_type:
      return word(value, {"Action", "Metric", "CumulativeMetric"},
                  "Action, Metric or CumulativeMetric");
    case AttributeType::timestamp:
      return timestamp(value);
    case AttributeType::date:
      return date(value);
    case AttributeType::domain:
      if (value.is_blank() || is_domain(value.as_text())) return value.to_value();
      return refuse(
          "expected a domain such as company.com (A16), got a text of another form (use "
          "domain_of)");
    case AttributeType::email:
      if (value.is_blank() || is_email(value.as_text())) return value.to_value();
      return refuse(
          "expected an e-mail address such as name@company.com (A17, A67), got a text of "
          "another form");
    case AttributeType::property:
      return property_value(value);
  }
  return core::Value();
}

}  // namespace

const Attribute* find_attribute(EntityKind kind, std::string_view name) {
  for (const Row& row : kRows) {
    if ((row.kinds & bit(kind)) != 0 && row.attribute.name == name) return &row.attribute;
  }
  return nullptr;
}

std::vector<std::string> attribute_names(EntityKind kind) {
  std::vector<std::string> out;
  for (const Row& row : kRows) {
    if ((row.kinds & bit(kind)) != 0) out.emplace_back(row.attribute.name);
  }
  return out;
}

std::vector<const Attribute*> required_attributes(EntityKind kind) {
  std::vector<const Attribute*> out;
  for (const Row& row : kRows) {
    if ((row.kinds & bit(kind)) != 0 && row.attribute.required) out.push_back(&row.attribute);
  }
  return out;
}

std::string owners_of(std::string_view attribute) {
  std::uint8_t kinds = 0;
  for (const Row& row : kRows) {
    if (row.attribute.name == attribute) kinds |= row.kinds;
  }
  std::vector<std::string> owners;
  for (const EntityKind kind : kKinds) {
    if ((kinds & bit(kind)) != 0) owners.emplace_back(noun(kind));
  }
  return either(owners);
}

std::string_view noun(EntityKind kind) {
  return kind == EntityKind::usage ? "usage log" : core::to_text(kind);
}

bool needs_value(std::string_view usage_type) {
  return usage_type == "Metric" || usage_type == "CumulativeMetric";
}

TypeSet accepted(AttributeType type) {
  switch (type) {
    case AttributeType::text:
    case AttributeType::label:
    case AttributeType::date:
    case AttributeType::timestamp:
      return kText | kNumber;
    case AttributeType::texts:
    case AttributeType::tags:
    case AttributeType::keys:
      return kText | kNumber | kList;
    case AttributeType::number:
    case AttributeType::integer:
      return kNumber;
    case AttributeType::contract_type:
    case AttributeType::domain:
    case AttributeType::email:
    case AttributeType::usage_type:
      return kText;
    case AttributeType::property:
      return kScalar | kList | kObject;
  }
  return kAny;
}

tl::expected<core::Value, std::string> convert(AttributeType type, const Datum& value) {
  if (value.is_null()) return core::Value();
  if (!value.type().meets(accepted(type))) return wrong_type(type, value);
  return convert_accepted(type, value);
}

std::string missing(const Attribute& attribute, EntityKind kind) {
  const std::string article = attribute.name == "content"     ? ""
                              : attribute.name == "attribute" ? "an "
                                                              : "a ";
  return "Assembly requires " + article + std::string(attribute.name) + " to create a " +
         std::string(noun(kind)) + " (" + std::string(attribute.rule) + "), got nothing";
}

bool is_missing(const Attribute* attribute, const core::Value& converted) {
  if (converted.is_null()) return true;
  return attribute != nullptr && attribute->required && converted.is_string() &&
         trim(converted.as_string()).empty();
}

tl::expected<std::string, std::string> identifier(const Datum& value) {
  if (value.is_null()) return std::string();
  if (!value.type().meets(kText | kNumber)) {
    return tl::unexpected("expected text or number, got " + to_text(value.type()));
  }
  auto text = plain_text(value);
  if (!text) return tl::unexpected(text.error());
  return text->as_string();
}

}  // namespace assembly_sync::mapping

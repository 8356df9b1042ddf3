#include "daemon/sandbox/attributes.hpp"

#include <algorithm>
#include <cctype>

#include "core/time_text.hpp"

namespace assembly_sync::sandbox {
namespace {

enum class Form : std::uint8_t {
  account_type,
  text,
  text_list,
  number,
  seats,
  contract_type,
  date,
  label,
  labels,
  object,
  company_reference,
};

constexpr unsigned kOnCompany = 1;
constexpr unsigned kOnCustomer = 2;
constexpr unsigned kOnContact = 4;
constexpr unsigned kOnAccount = kOnCompany | kOnCustomer;
constexpr unsigned kOnAll = kOnAccount | kOnContact;

struct Rule {
  std::string_view name;
  Form form;
  unsigned on;
  std::string_view label_type = {};
  bool removal = false;
};

constexpr Rule kRules[] = {
    {"type", Form::account_type, kOnAccount},
    {"name", Form::text, kOnAll},
    {"domain", Form::text, kOnAll},
    {"source_specific_ids", Form::text_list, kOnAll},
    {"removed_source_specific_ids", Form::text_list, kOnAll, {}, true},
    {"image_url", Form::text, kOnAll},
    {"phone", Form::text_list, kOnAll},
    {"contract_value", Form::number, kOnAll},
    {"contract_type", Form::contract_type, kOnAll},
    {"renewal_date", Form::date, kOnAll},
    {"trial_expiration_date", Form::date, kOnAll},
    {"tier", Form::label, kOnAll, "Tier"},
    {"stage", Form::label, kOnAll, "Stage"},
    {"tags", Form::labels, kOnAll, "AccountTag"},
    {"removed_tags", Form::text_list, kOnAll, {}, true},
    {"notes", Form::text, kOnAll},
    {"id_in_tool", Form::text, kOnAll},
    {"additional_properties", Form::object, kOnAll},
    {"company_type", Form::label, kOnCompany, "CompanyType"},             // A20
    {"number_of_seats", Form::seats, kOnCompany},                         // A21
    {"role", Form::text, kOnCustomer | kOnContact},                       // A22
    {"company_id", Form::company_reference, kOnContact},                  // A69
    {"company_domain", Form::company_reference, kOnContact},              // A70
    {"company_source_specific_id", Form::company_reference, kOnContact},  // A71
};

const Rule* rule_of(ItemKind kind, std::string_view name, bool removals) {
  const unsigned places = kind == ItemKind::account ? kOnAccount : kOnContact;
  for (const Rule& rule : kRules) {
    if (rule.name == name && (rule.on & places) != 0 && (removals || !rule.removal)) return &rule;
  }
  return nullptr;
}

bool is_text_list(const core::Value& value) {
  return value.is_list() &&
         std::all_of(value.as_list().begin(), value.as_list().end(), [](const core::Value& item) {
           return item.is_string() && !item.as_string().empty();
         });
}

std::optional<Refusal> wrong(const Rule& rule, std::string_view expected) {
  return Refusal{400, std::string(rule.name) + " must be " + std::string(expected)};
}

std::optional<Refusal> check_label(const Rule& rule, const std::string& id, const Labels& labels) {
  const auto type = labels.type_of(id);
  if (!type) return Refusal{400, std::string(rule.name) + " names a label that does not exist"};
  if (*type != rule.label_type) {
    return Refusal{
        400, std::string(rule.name) + " must name a label of type " + std::string(rule.label_type)};
  }
  return std::nullopt;
}

std::optional<Refusal> check_labels(const Rule& rule, const core::Value& value,
                                    const Labels& labels) {
  if (!is_text_list(value)) return wrong(rule, "a list of label ids");
  for (const core::Value& id : value.as_list()) {
    if (auto refusal = check_label(rule, id.as_string(), labels)) return refusal;
  }
  return std::nullopt;
}

bool is_one_of(const core::Value& value, std::string_view a, std::string_view b) {
  return value.is_string() && (value.as_string() == a || value.as_string() == b);
}

std::optional<Refusal> check_form(const Rule& rule, const core::Value& value,
                                  const Labels& labels) {
  switch (rule.form) {
    case Form::account_type:
      if (!is_one_of(value, kCompany, kCustomer)) return wrong(rule, "Company or Customer");
      break;
    case Form::contract_type:
      if (!is_one_of(value, "Month", "Year")) return wrong(rule, "Month or Year");
      break;
    case Form::text:
      if (!value.is_string()) return wrong(rule, "a string");
      break;
    case Form::company_reference:
      if (!value.is_string() || value.as_string().empty()) return wrong(rule, "a string");
      break;
    case Form::text_list:
      if (!is_text_list(value)) return wrong(rule, "a list of strings");
      break;
    case Form::number:
      if (!value.is_number()) return wrong(rule, "a number");
      break;
    case Form::seats:
      if (!value.is_int() || value.as_int() < 0) return wrong(rule, "an integer");
      break;
    case Form::date:
      if (!value.is_string() || !core::parse_date(value.as_string()))
        return wrong(rule, "YYYY-MM-DD");
      break;
    case Form::label:
      if (!value.is_string()) return wrong(rule, "a label id");
      return check_label(rule, value.as_string(), labels);
    case Form::labels:
      return check_labels(rule, value, labels);
    case Form::object:
      if (!value.is_object()) return wrong(rule, "an object");
      break;
  }
  return std::nullopt;
}

void add(std::vector<std::string>& set, const core::Value& more) {
  for (const core::Value& text : more.as_list()) {
    if (std::find(set.begin(), set.end(), text.as_string()) == set.end()) {
      set.push_back(text.as_string());
    }
  }
}

void remove(std::vector<std::string>& set, const core::Value& less) {
  for (const core::Value& text : less.as_list()) std::erase(set, text.as_string());
}

void assign(const Rule& rule, const core::Value& value, Item& item) {
  if (rule.name == "tags") {
    add(item.tags, value);
  } else if (rule.name == "removed_tags") {
    remove(item.tags, value);
  } else if (rule.name == "source_specific_ids") {
    add(item.source_specific_ids, value);
  } else if (rule.name == "removed_source_specific_ids") {
    remove(item.source_specific_ids, value);
  } else if (rule.form == Form::object) {
    for (const auto& [name, property] : value.as_object()) {
      item.additional_properties[name] = property;
    }
  } else if (rule.form != Form::company_reference) {
    item.attributes[std::string(rule.name)] = value;
  }
}

/// Refuses what belongs to the other type of account, and drops what an account of a changed type
/// can no longer have.
std::optional<Refusal> fit_to_type(const core::Value::Object& body, Item& item) {
  const bool company = item.text("type") != kCustomer;
  const unsigned place = company ? kOnCompany : kOnCustomer;
  for (const Rule& rule : kRules) {
    if ((rule.on & place) != 0) continue;
    if (body.contains(rule.name)) {
      return Refusal{400, std::string(rule.name) + " is specific to " +
                              std::string(company ? kCustomer : kCompany) + " accounts"};
    }
    if (const auto stale = item.attributes.find(rule.name); stale != item.attributes.end()) {
      item.attributes.erase(stale);
    }
  }
  return std::nullopt;
}

bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool is_domain(const std::string& text) {
  return text.find('.') != std::string::npos && text.find_first_of("@/") == std::string::npos &&
         std::none_of(text.begin(), text.end(), is_blank);
}

bool is_email(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string::npos &&
         std::none_of(text.begin(), text.end(), is_blank);
}

}  // namespace

std::optional<Refusal> apply_body(ItemKind kind, const core::Value& body, bool removals,
                                  const Labels& labels, Item& item) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  for (const auto& [name, value] : body.as_object()) {
    const Rule* rule = rule_of(kind, name, removals);
    if (rule == nullptr) return Refusal{400, "unknown attribute: " + name};
    if (auto refusal = check_form(*rule, value, labels)) return refusal;
    assign(*rule, value, item);
  }
  return kind == ItemKind::account ? fit_to_type(body.as_object(), item) : std::nullopt;
}

std::optional<Refusal> check_complete(ItemKind kind, const Item& item) {
  if (kind == ItemKind::account && item.text("type").empty()) {
    return Refusal{400, "type is required"};
  }
  if (item.text("name").empty()) return Refusal{400, "name is required"};
  if (item.text("domain").empty()) return Refusal{400, "domain is required"};
  if (item.text("type") == kCompany) {
    if (!is_domain(item.text("domain"))) return Refusal{400, "domain must be a domain"};
  } else if (!is_email(item.text("domain"))) {
    return Refusal{400, "domain must be an email address"};
  }
  return std::nullopt;
}

tl::expected<CompanyReference, Refusal> company_reference(const core::Value& body) {
  CompanyReference found;
  for (const Rule& rule : kRules) {
    if (rule.form != Form::company_reference || body.find(rule.name) == nullptr) continue;
    if (!found.attribute.empty()) {
      return refuse(400,
                    "exactly one of company_id, company_domain, company_source_specific_id "
                    "must be provided");
    }
    found = {std::string(rule.name), body.text_or(rule.name)};
  }
  return found;
}

}  // namespace assembly_sync::sandbox

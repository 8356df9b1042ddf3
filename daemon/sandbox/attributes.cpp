#include "daemon/sandbox/attributes.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/text.hpp"
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

enum class Place : std::uint8_t { here, elsewhere, nowhere };

/// The rule of that name, and whether it is one of this kind of item in this operation.
std::pair<const Rule*, Place> rule_of(ItemKind kind, std::string_view name, Operation operation) {
  const unsigned places = kind == ItemKind::account ? kOnAccount : kOnContact;
  for (const Rule& rule : kRules) {
    if (rule.name != name) continue;
    if (rule.removal && operation == Operation::create) break;
    return {&rule, (rule.on & places) != 0 ? Place::here : Place::elsewhere};
  }
  return {nullptr, Place::nowhere};
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

/// Why the label can't stand here, or nothing.
std::optional<Refusal> check_label(const Rule& rule, const std::string& id, const Labels& labels) {
  const auto type = labels.type_of(id);
  if (!type) return Refusal{400, std::string(rule.name) + " names a label that does not exist"};
  if (*type != rule.label_type) {
    return Refusal{
        400, std::string(rule.name) + " must name a label of type " + std::string(rule.label_type)};
  }
  return std::nullopt;
}

bool is_one_of(const core::Value& value, std::string_view a, std::string_view b) {
  return value.is_string() && (value.as_string() == a || value.as_string() == b);
}

std::optional<Refusal> check_form(const Rule& rule, const core::Value& value) {
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
      if (!value.is_string() || !core::parse_date(value.as_string())) {
        return wrong(rule, "YYYY-MM-DD");
      }
      break;
    case Form::label:
      if (!value.is_string()) return wrong(rule, "a label id");
      break;
    case Form::labels:
      if (!is_text_list(value)) return wrong(rule, "a list of label ids");
      break;
    case Form::object:
      if (!value.is_object()) return wrong(rule, "an object");
      break;
  }
  return std::nullopt;
}

bool holds(const std::vector<std::string>& set, const std::string& text) {
  return std::find(set.begin(), set.end(), text) != set.end();
}

/// One body on its way into one item.
class Application {
 public:
  Application(ItemKind kind, const core::Value::Object& body, Operation operation,
              const Switches& switches, const Labels& labels, Item& item)
      : kind_(kind),
        body_(body),
        operation_(operation),
        switches_(switches),
        labels_(labels),
        item_(item) {}

  std::optional<Refusal> run() {
    for (const bool removals : {switches_.removals_first, !switches_.removals_first}) {
      for (const auto& [name, value] : body_) {
        if (auto refusal = take(name, value, removals)) return refusal;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Refusal> take(const std::string& name, const core::Value& value, bool removals) {
    const auto [rule, place] = rule_of(kind_, name, operation_);
    if (place == Place::nowhere) {
      if (switches_.unknown_ignored) return std::nullopt;
      return Refusal{400, "unknown attribute: " + name};
    }
    if (place == Place::elsewhere) {
      if (switches_.other_type_ignored) return std::nullopt;
      return Refusal{400, name + " does not belong to a " + std::string(to_text(kind_))};
    }
    if (rule->removal != removals) return std::nullopt;
    if (value.is_null() && switches_.null_means != NullMeans::refused) {
      if (switches_.null_means == NullMeans::clears) clear(*rule);
      return std::nullopt;
    }
    if (auto refusal = check_form(*rule, value)) return refusal;
    return assign(*rule, value);
  }

  void clear(const Rule& rule) {
    if (rule.removal || rule.form == Form::company_reference) return;
    if (rule.name == "tags") {
      item_.tags.clear();
    } else if (rule.name == "source_specific_ids") {
      item_.source_specific_ids.clear();
    } else if (rule.form == Form::object) {
      item_.additional_properties.clear();
    } else {
      item_.attributes.erase(std::string(rule.name));
    }
  }

  std::optional<Refusal> assign(const Rule& rule, const core::Value& value) {
    if (rule.name == "tags") return assign_tags(rule, value);
    if (rule.name == "removed_tags") return remove(item_.tags, value, "tag");
    if (rule.name == "source_specific_ids") {
      return add(item_.source_specific_ids, value.as_list(), "source specific id");
    }
    if (rule.name == "removed_source_specific_ids") {
      return remove(item_.source_specific_ids, value, "source specific id");
    }
    if (rule.form == Form::object) return assign_properties(value.as_object());
    if (rule.form == Form::company_reference) return std::nullopt;
    if (rule.form == Form::label) {
      if (auto refusal = check_label(rule, value.as_string(), labels_)) {
        return switches_.wrong_label_ignored ? std::nullopt : refusal;
      }
    }
    item_.attributes[std::string(rule.name)] = value;
    if (rule.name == "domain" && switches_.domain_case == DomainCase::lowered) {
      item_.attributes["domain"] = core::lower_ascii(value.as_string());
    }
    return std::nullopt;
  }

  std::optional<Refusal> assign_tags(const Rule& rule, const core::Value& value) {
    core::Value::List right;
    for (const core::Value& id : value.as_list()) {
      auto refusal = check_label(rule, id.as_string(), labels_);
      if (refusal && !switches_.wrong_label_ignored) return refusal;
      if (!refusal) right.push_back(id);
    }
    if (operation_ == Operation::upsert && switches_.upsert_replaces_tags) item_.tags.clear();
    return add(item_.tags, right, "tag");
  }

  std::optional<Refusal> assign_properties(const core::Value::Object& properties) {
    if (auto refusal = check_properties(properties, switches_)) return refusal;
    for (const auto& [name, property] : properties) item_.additional_properties[name] = property;
    return std::nullopt;
  }

  std::optional<Refusal> add(std::vector<std::string>& set, const core::Value::List& more,
                             std::string_view what) const {
    const std::vector<std::string> before = set;
    for (const core::Value& text : more) {
      if (holds(before, text.as_string()) && switches_.adding_present_is_error) {
        return Refusal{switches_.already_exists_status, std::string(what) + " already exists"};
      }
      if (!holds(set, text.as_string())) set.push_back(text.as_string());
    }
    return std::nullopt;
  }

  std::optional<Refusal> remove(std::vector<std::string>& set, const core::Value& less,
                                std::string_view what) const {
    for (const core::Value& text : less.as_list()) {
      if (std::erase(set, text.as_string()) == 0 && switches_.removing_absent_is_error) {
        return Refusal{400, std::string(what) + " is not set"};
      }
    }
    return std::nullopt;
  }

  ItemKind kind_;
  const core::Value::Object& body_;
  Operation operation_;
  const Switches& switches_;
  const Labels& labels_;
  Item& item_;
};

/// Refuses what belongs to the other type of account (I25), and drops what an account of this type
/// can't have.
std::optional<Refusal> fit_to_type(const core::Value::Object& body, const Switches& switches,
                                   Item& item) {
  const bool company = item.text("type") != kCustomer;
  const unsigned place = company ? kOnCompany : kOnCustomer;
  for (const Rule& rule : kRules) {
    if ((rule.on & place) != 0) continue;
    if (body.contains(rule.name) && !switches.other_type_ignored) {
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

std::optional<Refusal> apply_body(ItemKind kind, const core::Value& body, Operation operation,
                                  const Switches& switches, const Labels& labels, Item& item) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  Application application(kind, body.as_object(), operation, switches, labels, item);
  if (auto refusal = application.run()) return refusal;
  if (kind == ItemKind::contact) return std::nullopt;
  return fit_to_type(body.as_object(), switches, item);
}

std::optional<Refusal> check_properties(const core::Value::Object& properties,
                                        const Switches& switches) {
  const auto is_simple = [](const core::Value& value) {
    return value.is_string() || value.is_number();
  };
  if (!switches.simple_properties_only) return std::nullopt;
  for (const auto& [name, value] : properties) {
    const bool simple_list =
        value.is_list() && std::all_of(value.as_list().begin(), value.as_list().end(), is_simple);
    if (!is_simple(value) && !simple_list) {
      return Refusal{400, "property " + name + " must be a string, a number or a list"};
    }
  }
  return std::nullopt;
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

tl::expected<CompanyReference, Refusal> company_reference(const core::Value& body,
                                                          const Switches& switches) {
  CompanyReference found;
  for (const Rule& rule : kRules) {
    if (rule.form != Form::company_reference || body.at(rule.name).is_null()) continue;
    if (!found.attribute.empty()) {
      if (switches.first_company_wins) break;
      return refuse(400,
                    "exactly one of company_id, company_domain, company_source_specific_id "
                    "must be provided");
    }
    found = {std::string(rule.name), body.text_or(rule.name)};
  }
  return found;
}

}  // namespace assembly_sync::sandbox

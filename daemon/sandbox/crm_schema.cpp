#include "daemon/sandbox/crm_schema.hpp"

#include <utility>

namespace assembly_sync::sandbox {
namespace {

struct Definition {
  std::string_view name;
  CrmProperty property;
};

CrmProperty text(std::string label) {
  return {std::move(label), "string", "text"};
}
CrmProperty number(std::string label) {
  return {std::move(label), "number", "number"};
}
CrmProperty date(std::string label) {
  return {std::move(label), "date", "date"};
}
CrmProperty choice(std::string label, std::string options) {
  return {std::move(label), "enumeration", "select", false, std::move(options)};
}
CrmProperty system(std::string label, std::string type) {
  return {std::move(label), std::move(type), "calculation_read_time", true};
}

constexpr std::string_view kLifecycle =
    "subscriber=Subscriber;lead=Lead;marketingqualifiedlead=Marketing Qualified Lead;"
    "salesqualifiedlead=Sales Qualified Lead;opportunity=Opportunity;customer=Customer;"
    "evangelist=Evangelist;other=Other";

const Definition kCompanies[] = {
    {"name", text("Company name")},
    {"domain", text("Company domain name")},
    {"hs_additional_domains", text("Additional domains")},
    {"website", text("Website URL")},
    {"industry", choice("Industry",
                        "COMPUTER_SOFTWARE=Computer Software;"
                        "FINANCIAL_SERVICES=Financial Services;FOOD_PRODUCTION=Food Production;"
                        "LOGISTICS_AND_SUPPLY_CHAIN=Logistics and Supply Chain;"
                        "MEDIA_PRODUCTION=Media Production;RENEWABLES=Renewables & Environment")},
    {"type", choice("Type", "PROSPECT=Prospect;PARTNER=Partner;VENDOR=Vendor;OTHER=Other")},
    {"lifecyclestage", choice("Lifecycle stage", std::string(kLifecycle))},
    {"annualrevenue", number("Annual revenue")},
    {"numberofemployees", number("Number of employees")},
    {"phone", text("Phone number")},
    {"city", text("City")},
    {"country", text("Country/Region")},
    {"tier", choice("Tier", "gold=Gold;silver=Silver;bronze=Bronze")},
    {"segments",
     {"Segments", "enumeration", "checkbox", false,
      "enterprise=Enterprise;startup=Start-up;public=Public sector;export=Export"}},
    {"num_seats", number("Seats")},
    {"renewal_date", date("Renewal date")},
    {"hubspot_owner_id", text("Company owner")},
    {"hs_parent_company_id", number("Parent company")},
    {"createdate", system("Create date", "datetime")},
    {"hs_lastmodifieddate", system("Last modified date", "datetime")},
    {"hs_object_id", system("Record ID", "number")},
    {"hs_merged_object_ids", system("Merged record IDs", "string")},
};

const Definition kContacts[] = {
    {"email", text("Email")},
    {"hs_additional_emails", text("Additional email addresses")},
    {"firstname", text("First name")},
    {"lastname", text("Last name")},
    {"jobtitle", text("Job title")},
    {"phone", text("Phone number")},
    {"mobilephone", text("Mobile phone number")},
    {"company", text("Company name")},
    {"lifecyclestage", choice("Lifecycle stage", std::string(kLifecycle))},
    {"hubspot_owner_id", text("Contact owner")},
    {"associatedcompanyid", number("Primary associated company ID")},
    {"createdate", system("Create date", "datetime")},
    {"lastmodifieddate", system("Last modified date", "datetime")},
    {"hs_lastmodifieddate", system("Object last modified date/time", "datetime")},
    {"hs_object_id", system("Record ID", "number")},
    {"hs_merged_object_ids", system("Merged record IDs", "string")},
};

const Definition kDeals[] = {
    {"dealname", text("Deal name")},
    {"amount", number("Amount")},
    {"amount_in_home_currency", number("Amount in company currency")},
    {"deal_currency_code", choice("Currency", "EUR=Euro;USD=US Dollar;GBP=British Pound")},
    {"closedate", {"Close date", "datetime", "date"}},
    {"pipeline", choice("Pipeline", "default=Sales Pipeline;renewals=Renewals")},
    {"dealstage", text("Deal stage")},
    {"hs_is_closed", {"Is closed", "bool", "calculation_equation"}},
    {"hs_is_closed_won", {"Is closed won", "bool", "calculation_equation"}},
    {"hubspot_owner_id", text("Deal owner")},
    {"createdate", system("Create date", "datetime")},
    {"hs_lastmodifieddate", system("Last modified date", "datetime")},
    {"hs_object_id", system("Record ID", "number")},
    {"hs_merged_object_ids", system("Merged record IDs", "string")},
};

core::Value shown_options(const std::string& options) {
  core::Value::List out;
  for (std::size_t start = 0; start < options.size();) {
    const std::size_t end = std::min(options.find(';', start), options.size());
    const std::string option = options.substr(start, end - start);
    const std::size_t equals = option.find('=');
    const std::string value = option.substr(0, equals);
    const std::string label = equals == std::string::npos ? value : option.substr(equals + 1);
    out.push_back(core::Value::object({{"label", label},
                                       {"value", value},
                                       {"displayOrder", static_cast<std::int64_t>(out.size())},
                                       {"hidden", false}}));
    start = end + 1;
  }
  return core::Value(std::move(out));
}

}  // namespace

std::optional<CrmObject> parse_crm_object(std::string_view text) {
  if (text == "companies" || text == "company" || text == "0-2") return CrmObject::companies;
  if (text == "contacts" || text == "contact" || text == "0-1") return CrmObject::contacts;
  if (text == "deals" || text == "deal" || text == "0-3") return CrmObject::deals;
  return std::nullopt;
}

CrmSchema::CrmSchema() {
  for (const Definition& one : kCompanies) properties_[0].emplace(one.name, one.property);
  for (const Definition& one : kContacts) properties_[1].emplace(one.name, one.property);
  for (const Definition& one : kDeals) properties_[2].emplace(one.name, one.property);
}

const CrmProperty* CrmSchema::find(CrmObject object, std::string_view name) const {
  const auto found = properties(object).find(name);
  const bool in_use = found != properties(object).end() && !found->second.archived;
  return in_use ? &found->second : nullptr;
}

void CrmSchema::define(CrmObject object, const std::string& name) {
  properties_[static_cast<std::size_t>(object)].emplace(name, text(name));
}

void CrmSchema::put(CrmObject object, const std::string& name, CrmProperty property) {
  properties_[static_cast<std::size_t>(object)].insert_or_assign(name, std::move(property));
}

core::Value CrmSchema::shown(CrmObject object, bool archived, std::string_view sensitivity) const {
  core::Value::List results;
  for (const auto& [name, property] : properties(object)) {
    if (property.archived != archived || property.sensitivity != sensitivity) continue;
    results.push_back(core::Value::object(
        {{"name", name},
         {"label", property.label},
         {"type", property.type},
         {"fieldType", property.field_type},
         {"groupName", std::string(singular(object)) + "information"},
         {"description", ""},
         {"options", shown_options(property.options)},
         {"calculated", property.calculated},
         {"hidden", false},
         {"hasUniqueValue", false},
         {"archived", archived},
         {"dataSensitivity", property.sensitivity},
         {"modificationMetadata", core::Value::object({{"archivable", true},
                                                       {"readOnlyDefinition", true},
                                                       {"readOnlyValue", property.calculated}})}}));
  }
  return core::Value::object({{"results", core::Value(std::move(results))}});
}

}  // namespace assembly_sync::sandbox

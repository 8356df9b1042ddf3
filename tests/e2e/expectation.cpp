#include "tests/e2e/expectation.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>

namespace assembly_sync::test {
namespace {

using core::Value;

/// The items of one collection by their only source-specific ID.
class Held {
 public:
  Held(const std::vector<Value>& items, const std::string& what, std::vector<std::string>& wrong) {
    for (const Value& item : items) {
      const Value& keys = item.at("source_specific_ids");
      if (!keys.is_list() || keys.as_list().size() != 1) {
        wrong.push_back(what + " with other than one key");
      } else if (!items_.emplace(keys.as_list().front().as_string(), item).second) {
        wrong.push_back(what + " twice: " + keys.as_list().front().as_string());
      }
    }
  }
  const Value* find(const std::string& key) {
    const auto found = items_.find(key);
    if (found == items_.end()) return nullptr;
    asked_.insert(key);
    return &found->second;
  }
  void report_rest(std::vector<std::string>& wrong) const {
    for (const auto& [key, item] : items_) {
      if (!asked_.contains(key)) wrong.push_back("nobody wants " + key);
    }
  }

 private:
  std::map<std::string, Value> items_;
  std::set<std::string> asked_;
};

class Comparison {
 public:
  Comparison(const sandbox::Sandbox& assembly, bool labels)
      : accounts_(assembly.accounts(), "account", wrong_),
        contacts_(assembly.contacts(), "contact", wrong_),
        labels_(labels) {
    for (const Value& label : assembly.labels()) {
      const std::string name = label.text_or("type") + '/' + label.text_or("name");
      label_names_[label.text_or("id")] = name;
      if (!label_set_.insert(name).second) wrong_.push_back("label twice: " + name);
    }
  }

  void company(const Value& record) {
    const std::string key = "hubspot-company-" + record.text_or("id");
    const Value* item = accounts_.find(key);
    if (item == nullptr) {
      wrong_.push_back(key + " is missing");
      return;
    }
    const Value& properties = record.at("properties");
    text(key, *item, "name", properties.text_or("name"));
    text(key, *item, "domain", properties.text_or("domain"));
    text(key, *item, "contract_type", "Year");
    if (const Value* revenue = properties.find("annualrevenue");
        revenue != nullptr && revenue->is_string()) {
      const Value& value = item->at("contract_value");
      expect(value.is_number() &&
                 value.as_double() == std::strtod(revenue->as_string().c_str(), nullptr),
             key, "contract_value");
    }
    const Value& extra = item->at("additional_properties");
    text(key, extra, "Industry", properties.text_or("industry"));
    text(key, extra, "Country", properties.text_or("country"));
    if (labels_) check_labels(key, *item, properties);
  }

  void contact(const Value& record) {
    const std::string key = "hubspot-contact-" + record.text_or("id");
    const Value& properties = record.at("properties");
    const std::string company = properties.text_or("associatedcompanyid");
    const Value* item = contacts_.find(key);
    if (item == nullptr) {
      wrong_.push_back(key + " is missing");
      return;
    }
    text(key, *item, "name",
         trimmed(properties.text_or("firstname") + ' ' + properties.text_or("lastname")));
    text(key, *item, "domain", lower(properties.text_or("email")));
    text(key, *item, "role", properties.text_or("jobtitle"));
    const Value* account = accounts_.find("hubspot-company-" + company);
    expect(account != nullptr && item->text_or("company_id") == account->text_or("id"), key,
           "company");
  }

  std::vector<std::string> finish() {
    accounts_.report_rest(wrong_);
    contacts_.report_rest(wrong_);
    return std::move(wrong_);
  }

 private:
  static std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
  }
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  }

  void expect(bool right, const std::string& key, const std::string& what) {
    if (!right) wrong_.push_back(key + ": " + what);
  }
  /// A value that the CRM does not have is not asked for.
  void text(const std::string& key, const Value& item, const std::string& field,
            const std::string& wanted) {
    if (!wanted.empty()) expect(item.text_or(field) == wanted, key, field);
  }
  void check_labels(const std::string& key, const Value& item, const Value& properties) {
    static const std::map<std::string, std::string> kTiers = {
        {"gold", "Gold"}, {"silver", "Silver"}, {"bronze", "Bronze"}};
    if (const auto tier = kTiers.find(properties.text_or("tier")); tier != kTiers.end()) {
      expect(label_names_[item.text_or("tier")] == "Tier/" + tier->second, key, "tier");
    }
    std::set<std::string> wanted;
    const std::string segments = properties.text_or("segments") + ';';
    for (std::size_t begin = 0; begin < segments.size();) {
      const auto end = segments.find(';', begin);
      if (end > begin) wanted.insert("AccountTag/" + segments.substr(begin, end - begin));
      begin = end + 1;
    }
    std::set<std::string> has;
    if (const Value* tags = item.find("tags"); tags != nullptr && tags->is_list()) {
      for (const Value& tag : tags->as_list()) has.insert(label_names_[tag.as_string()]);
    }
    expect(has == wanted, key, "tags");
  }

  std::vector<std::string> wrong_;
  Held accounts_;
  Held contacts_;
  const bool labels_;
  std::map<std::string, std::string> label_names_;
  std::set<std::string> label_set_;
};

}  // namespace

std::vector<std::string> differences(const sandbox::SampleCrm& crm,
                                     const sandbox::Sandbox& assembly, bool labels) {
  Comparison comparison(assembly, labels);
  for (const Value& record : crm.records("companies")) comparison.company(record);
  for (const Value& record : crm.records("contacts")) comparison.contact(record);
  return comparison.finish();
}

}  // namespace assembly_sync::test

#include "daemon/assembly/reading.hpp"

#include <algorithm>
#include <cctype>

#include "core/json.hpp"

namespace assembly_sync::assembly {
namespace {

using core::Value;

constexpr std::size_t kDetailBytes = 200;

/// The member of that name when it is an object, else the value itself.
const Value& unwrap(const Value& value, std::string_view name) {
  const Value* const inner = value.find(name);
  return inner != nullptr && inner->is_object() ? *inner : value;
}

std::string first_text(const Value& value, std::string_view name, std::string_view other) {
  std::string text = value.text_or(name);
  return text.empty() ? value.text_or(other) : text;
}

std::vector<core::Key> read_keys(const Value& account) {
  std::vector<core::Key> keys;
  const Value& list = account.at("source_specific_ids");
  if (!list.is_list()) return keys;
  for (const Value& item : list.as_list()) {
    if (std::string text = read_id(item); !text.empty()) keys.emplace_back(std::move(text));
  }
  return keys;
}

/// An object, or a list of {name, value} (I28).
std::optional<Value::Object> read_properties(const Value& account) {
  const Value& properties = account.at("additional_properties");
  if (properties.is_object()) return properties.as_object();
  if (!properties.is_list()) return std::nullopt;
  Value::Object read;
  for (const Value& item : properties.as_list()) {
    const std::string name = item.text_or("name");
    const Value* const value = item.find("value");
    // Half a list would look as if the other half had no value.
    if (name.empty() || value == nullptr) return std::nullopt;
    read.insert_or_assign(name, *value);
  }
  return read;
}

/// The list under `name`, bare or as its `data` (A28, I8).
const Value* find_list(const Value& answer, std::string_view name) {
  const Value* const outer = answer.find(name);
  if (outer == nullptr) return nullptr;
  if (outer->is_list()) return outer;
  const Value* const data = outer->find("data");
  return data != nullptr && data->is_list() ? data : nullptr;
}

/// A label is read back as its id or as an object with it (Q30).
void name_labels_by_id(Value& account) {
  if (!account.is_object()) return;
  const auto by_id = [](Value& label) {
    if (const Value* const id = label.find("id")) label = Value(*id);
  };
  for (const char* name : {"tier", "stage", "company_type"}) {
    if (const auto label = account.as_object().find(name); label != account.as_object().end()) {
      by_id(label->second);
    }
  }
  const auto tags = account.as_object().find("tags");
  if (tags == account.as_object().end() || !tags->second.is_list()) return;
  for (Value& tag : tags->second.as_list()) by_id(tag);
}

/// `{}`, null or a member that is one of the two: nothing there (Q21).
bool is_nothing(const Value& value) {
  return value.is_null() || (value.is_object() && value.as_object().empty()) ||
         (value.is_list() && value.as_list().empty());
}

std::optional<bool> read_flag(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int() != 0;
  if (value.is_string() && value.as_string() == "true") return true;
  if (value.is_string() && value.as_string() == "false") return false;
  return std::nullopt;
}

/// What the answer says, else whether the page is full (I18, I20); with more than was asked for it
/// is no page but the whole (I8). An empty page ends the list whatever it says: the next offset
/// would be the same.
bool has_next_page(const Value& answer, std::string_view name, std::size_t received,
                   std::size_t limit) {
  auto flag = read_flag(answer.at(name).at("has_next_page"));
  if (!flag) flag = read_flag(answer.at("has_next_page"));
  return received > 0 && flag.value_or(received == limit);
}

/// The first element of the list under `name`, null when it is empty or null; nullptr without one.
const Value* find_first(const Value& answer, std::string_view name) {
  static const Value kNothing;
  const Value* const list = find_list(answer, name);
  if (list == nullptr) {
    const Value* const member = answer.find(name);
    return member != nullptr && member->is_null() ? &kNothing : nullptr;
  }
  return list->as_list().empty() ? &kNothing : &list->as_list().front();
}

std::string error_text_of(const Value& answer) {
  if (answer.is_string()) return answer.as_string();
  for (const char* name : {"message", "error", "errors", "detail"}) {
    const Value* const member = answer.find(name);
    if (member == nullptr) continue;
    if (member->is_string()) return member->as_string();
    if (member->is_object()) return error_text_of(*member);
    if (member->is_list() && !member->as_list().empty()) {
      return error_text_of(member->as_list().front());
    }
  }
  return {};
}

/// One line, cut at the end of a character.
std::string shorten(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  if (text.size() <= kDetailBytes) return text;
  std::size_t end = kDetailBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

std::string_view to_text(LabelType type) {
  constexpr std::string_view kNames[] = {"Tier", "Stage", "CompanyType", "AccountTag"};
  return kNames[static_cast<int>(type)];
}

std::optional<LabelType> parse_label_type(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '_' && c != ' ') {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  if (plain == "tier") return LabelType::tier;
  if (plain == "stage") return LabelType::stage;
  if (plain == "companytype") return LabelType::company_type;
  if (plain == "accounttag" || plain == "tag") return LabelType::account_tag;
  return std::nullopt;
}

std::string read_id(const Value& value) {
  if (value.is_string()) return value.as_string();
  return value.is_number() ? core::dump_json(value) : std::string();
}

core::AssemblyId read_written_id(const Value& answer) {
  std::string id = read_id(answer.at("id"));
  for (const char* name : {"account", "contact", "label", "log"}) {
    if (id.empty()) id = read_id(answer.at(name).at("id"));
  }
  return core::AssemblyId(std::move(id));
}

std::optional<AccountView> read_account(Collection collection, const Value& element) {
  const Value& account = unwrap(element, singular(collection));
  AccountView view;
  view.id = core::AssemblyId(read_id(account.at("id")));
  if (view.id.empty()) return std::nullopt;
  view.type = first_text(account, "type", "account_type");
  view.name = account.text_or("name");
  view.domain = account.text_or("domain");
  view.keys = read_keys(account);
  view.additional_properties = read_properties(account);
  view.attributes = account;
  name_labels_by_id(view.attributes);
  return view;
}

Found read_single(Collection collection, const Value& answer, AccountView& into) {
  if (!answer.is_object()) return answer.is_null() ? Found::no : Found::unreadable;
  const Value* const inner = answer.find(singular(collection));
  if (is_nothing(answer) || (inner != nullptr && is_nothing(*inner))) return Found::no;
  auto account = read_account(collection, answer);
  if (!account) return Found::unreadable;
  into = std::move(*account);
  return Found::yes;
}

std::optional<Page> read_page(Collection collection, const Value& answer, std::size_t limit) {
  const std::string_view name = to_text(collection);
  const Value* const list = find_list(answer, name);
  if (list == nullptr) return std::nullopt;
  Page page;
  page.received = list->as_list().size();
  for (const Value& element : list->as_list()) {
    if (auto account = read_account(collection, element)) page.items.push_back(std::move(*account));
  }
  page.has_next_page = has_next_page(answer, name, page.received, limit);
  return page;
}

namespace {

std::optional<Label> read_label_element(const Value& element) {
  const Value& label = unwrap(element, "label");
  Label read;
  read.id = core::AssemblyId(read_id(label.at("id")));
  if (read.id.empty()) return std::nullopt;
  read.type = parse_label_type(first_text(label, "type", "label_type"));
  read.name = label.text_or("name");
  read.color = label.text_or("color");
  read.description = label.text_or("description");
  return read;
}

std::optional<UsageLog> read_usage_element(const Value& element) {
  const Value& log = unwrap(element, "log");
  UsageLog read;
  read.id = core::AssemblyId(read_id(log.at("id")));
  if (read.id.empty()) return std::nullopt;
  read.timestamp = log.text_or("timestamp");
  read.type = log.text_or("type");
  read.attribute = log.text_or("attribute");
  read.content = log.text_or("content");
  if (const Value& value = log.at("value"); !value.is_null()) read.value = value;
  if (const Value& metadata = log.at("metadata"); !metadata.is_null()) read.metadata = metadata;
  return read;
}

}  // namespace

std::optional<std::vector<Label>> read_labels(const Value& answer) {
  const Value* const list = answer.is_list() ? &answer : find_list(answer, "labels");
  if (list == nullptr) return std::nullopt;
  std::vector<Label> labels;
  for (const Value& element : list->as_list()) {
    if (auto label = read_label_element(element)) labels.push_back(std::move(*label));
  }
  return labels;
}

Found read_label(const Value& answer, Label& into) {
  const Value* element = find_first(answer, "labels");
  if (element == nullptr) element = &answer;
  if (is_nothing(*element)) return Found::no;
  if (const Value* const inner = element->find("label"); inner && is_nothing(*inner)) {
    return Found::no;
  }
  auto label = read_label_element(*element);
  if (!label) return Found::unreadable;
  into = std::move(*label);
  return Found::yes;
}

Found read_properties_of(const Value& answer, Properties& into) {
  if (is_nothing(answer)) return Found::no;
  const Value& item = unwrap(unwrap(answer, "account"), "contact");
  const Value* const properties = item.find("additional_properties");
  if (properties == nullptr) return Found::unreadable;
  if (properties->is_null()) return Found::no;
  into.id = core::AssemblyId(read_id(item.at("id")));
  into.values = read_properties(item);
  into.raw = *properties;
  return Found::yes;
}

std::optional<UsagePage> read_usage_page(const Value& answer, std::size_t limit) {
  const Value* const list = find_list(answer, "logs");
  if (list == nullptr) return std::nullopt;
  UsagePage page;
  page.received = list->as_list().size();
  for (const Value& element : list->as_list()) {
    if (auto log = read_usage_element(element)) page.items.push_back(std::move(*log));
  }
  page.has_next_page = has_next_page(answer, "logs", page.received, limit);
  return page;
}

Found read_usage_log(const Value& answer, UsageLog& into) {
  const Value* element = find_first(answer, "logs");
  if (element == nullptr) element = answer.find("log");
  if (element == nullptr) element = answer.find("usage");
  if (element == nullptr) element = &answer;
  if (is_nothing(*element)) return Found::no;
  auto log = read_usage_element(*element);
  if (!log) return Found::unreadable;
  into = std::move(*log);
  return Found::yes;
}

std::string read_error_text(std::string_view body) {
  const auto answer = core::parse_json(body);
  return shorten(answer ? error_text_of(*answer) : std::string(body.substr(0, 4 * kDetailBytes)));
}

}  // namespace assembly_sync::assembly

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

std::optional<bool> read_flag(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int() != 0;
  if (value.is_string() && value.as_string() == "true") return true;
  if (value.is_string() && value.as_string() == "false") return false;
  return std::nullopt;
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
  for (const char* name : {"account", "contact", "label"}) {
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
  return view;
}

Found read_single(Collection collection, const Value& answer, AccountView& into) {
  if (!answer.is_object()) return answer.is_null() ? Found::no : Found::unreadable;
  if (answer.as_object().empty()) return Found::no;
  if (const Value* const inner = answer.find(singular(collection)); inner != nullptr) {
    const bool empty = inner->is_null() || (inner->is_object() && inner->as_object().empty());
    if (empty) return Found::no;
  }
  auto account = read_account(collection, answer);
  if (!account) return Found::unreadable;
  into = std::move(*account);
  return Found::yes;
}

std::optional<Page> read_page(Collection collection, const Value& answer, std::size_t limit) {
  const Value* const list = find_list(answer, to_text(collection));
  if (list == nullptr) return std::nullopt;
  Page page;
  page.received = list->as_list().size();
  for (const Value& element : list->as_list()) {
    if (auto account = read_account(collection, element)) page.items.push_back(std::move(*account));
  }
  auto flag = read_flag(answer.at(to_text(collection)).at("has_next_page"));
  if (!flag) flag = read_flag(answer.at("has_next_page"));
  // An empty page ends the list whatever it says: the next offset would be the same.
  page.has_next_page = page.received > 0 && flag.value_or(page.received >= limit);
  return page;
}

std::optional<std::vector<Label>> read_labels(const Value& answer) {
  const Value* const list = answer.is_list() ? &answer : find_list(answer, "labels");
  if (list == nullptr) return std::nullopt;
  std::vector<Label> labels;
  for (const Value& element : list->as_list()) {
    const Value& label = unwrap(element, "label");
    Label read;
    read.id = core::AssemblyId(read_id(label.at("id")));
    if (read.id.empty()) continue;
    read.type = parse_label_type(first_text(label, "type", "label_type"));
    read.name = label.text_or("name");
    read.color = label.text_or("color");
    labels.push_back(std::move(read));
  }
  return labels;
}

std::string read_error_text(std::string_view body) {
  const auto answer = core::parse_json(body);
  return shorten(answer ? error_text_of(*answer) : std::string(body.substr(0, 4 * kDetailBytes)));
}

}  // namespace assembly_sync::assembly

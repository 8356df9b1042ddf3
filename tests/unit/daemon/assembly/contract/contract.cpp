#include "tests/unit/daemon/assembly/contract/contract.hpp"

#include <algorithm>

namespace assembly_sync::assembly {
namespace {

template <class... Kinds>
std::string kind_text(const std::variant<Kinds...>& outcome) {
  constexpr const char* kRejected[] = {"rejected invalid", "rejected not_found",
                                       "rejected already_exists"};
  if (const auto* rejected = std::get_if<Rejected>(&outcome)) {
    return kRejected[static_cast<int>(rejected->kind)];
  }
  if (std::holds_alternative<Throttled>(outcome)) return "throttled";
  if (std::holds_alternative<Transient>(outcome)) return "transient";
  return "unauthorized";
}

/// Calls ask(offset) until the last page; the pages' items in one list.
template <class Item, class Ask>
std::vector<Item> every_page(Ask&& ask) {
  std::vector<Item> items;
  std::size_t offset = 0;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page = ask(offset);
    EXPECT_TRUE(page.has_value());
    if (!page) return items;
    items.insert(items.end(), page->items.begin(), page->items.end());
    offset += page->received;
    if (!page->has_next_page) return items;
  }
  ADD_FAILURE() << "the pages do not end";
  return items;
}

ClientSettings settings_for(const Sandbox& sandbox, const Switches& switches) {
  ClientSettings settings{sandbox.url(), core::Secret(kSandboxKey), std::chrono::seconds(10)};
  if (switches.labels_path == sandbox::LabelsPath::account) {
    settings.labels_path = "/account/labels";
  }
  return settings;
}

}  // namespace

std::string kind_of(const Outcome& outcome) {
  if (std::holds_alternative<Delivered>(outcome)) return "delivered";
  return std::holds_alternative<Ambiguous>(outcome) ? "ambiguous" : kind_text(outcome);
}

std::string kind_of(const Failure& failure) {
  return kind_text(failure);
}

std::vector<std::string> domains_of(const std::vector<AccountView>& items) {
  std::vector<std::string> domains;
  for (const AccountView& item : items) domains.push_back(item.domain);
  return domains;
}

World& World::shared() {
  static World world;
  return world;
}

sandbox::SandboxOptions World::unlimited() {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  return options;
}

AssemblyContract::AssemblyContract()
    : world_(World::shared()),
      sandbox_(world_.sandbox),
      client_(world_.transport, world_.clock, settings_for(sandbox_, GetParam().switches)) {
  sandbox_.reset(switches());
}

bool AssemblyContract::tells_missing() const {
  return switches().missing != sandbox::Missing::status_400 ||
         switches().error_body != sandbox::ErrorBody::empty;
}

bool AssemblyContract::tells_present() const {
  return switches().already_exists_status != 400 ||
         switches().error_body != sandbox::ErrorBody::empty;
}

AssemblyId AssemblyContract::id_of(const Outcome& outcome, Collection collection,
                                   const Identifier& identifier) {
  EXPECT_EQ(kind_of(outcome), "delivered");
  const auto* const delivered = std::get_if<Delivered>(&outcome);
  if (delivered == nullptr || !delivered->id.empty())
    return delivered ? delivered->id : AssemblyId();
  EXPECT_EQ(switches().create_status, 204) << "an answer without id";
  const auto found = get(collection, identifier);
  return found ? found->id : AssemblyId();
}

AssemblyId AssemblyContract::upsert(Collection collection, const char* key, Value::Object body) {
  return id_of(client_.upsert(collection, Key(key), std::move(body)), collection, by_key(key));
}

AssemblyId AssemblyContract::company(const char* key, const char* domain, Value::Object more) {
  more.merge(Value::Object{{"type", "Company"}, {"name", "Acme"}, {"domain", domain}});
  return upsert(kAccounts, key, std::move(more));
}

AssemblyId AssemblyContract::contact(const char* key, const char* email, Value::Object more) {
  more.merge(
      Value::Object{{"name", "Ann"}, {"domain", email}, {"company_source_specific_id", "c-1"}});
  return upsert(kContacts, key, std::move(more));
}

AssemblyId AssemblyContract::label(LabelType type, const std::string& name) {
  const Outcome outcome = client_.create_label({type, name, "#545A92", ""});
  EXPECT_EQ(kind_of(outcome), "delivered");
  if (AssemblyId id = std::get<Delivered>(outcome).id; !id.empty()) return id;
  const auto labels = client_.labels(type);
  for (const Label& label : labels.value()) {
    if (label.name == name) return label.id;
  }
  return AssemblyId();
}

AssemblyId AssemblyContract::usage(const UsageTarget& target, const std::string& timestamp,
                                   const std::string& content, Value::Object more) {
  more.merge(Value::Object{
      {"timestamp", timestamp}, {"type", "Action"}, {"content", content}, {"attribute", "Login"}});
  const Outcome outcome = client_.create_usage(target, more);
  EXPECT_EQ(kind_of(outcome), "delivered");
  const auto* const delivered = std::get_if<Delivered>(&outcome);
  if (delivered != nullptr && !delivered->id.empty()) return delivered->id;
  for (const UsageLog& log : all_usage(target)) {
    if (log.content == content) return log.id;
  }
  return AssemblyId();
}

std::optional<AccountView> AssemblyContract::get(Collection collection,
                                                 const Identifier& identifier) {
  const auto answer = client_.get(collection, identifier);
  if (!answer && !tells_missing()) return std::nullopt;
  EXPECT_TRUE(answer.has_value());
  return answer.value_or(std::nullopt);
}

std::vector<AccountView> AssemblyContract::all(Collection collection) {
  return every_page<AccountView>(
      [&](std::size_t offset) { return client_.list(collection, 3, offset); });
}

std::vector<AccountView> AssemblyContract::all_contacts_of(const Identifier& company) {
  return every_page<AccountView>(
      [&](std::size_t offset) { return client_.contacts_of(company, 2, offset); });
}

std::vector<UsageLog> AssemblyContract::all_usage(const UsageTarget& target) {
  return every_page<UsageLog>(
      [&](std::size_t offset) { return client_.list_usage(target, 3, offset); });
}

Value::Object AssemblyContract::properties_of(const Identifier& identifier) {
  const auto answer = client_.properties(kAccounts, identifier);
  EXPECT_TRUE(answer && *answer && (*answer)->values);
  return answer && *answer && (*answer)->values ? *(*answer)->values : Value::Object();
}

Value AssemblyContract::stored(Collection collection, const AssemblyId& id) {
  for (const Value& item : collection == kAccounts ? sandbox_.accounts() : sandbox_.contacts()) {
    if (item.text_or("id") == id.str()) return item;
  }
  return Value();
}

}  // namespace assembly_sync::assembly

// Records that HubSpot merges, deletes, restores and erases, and accounts that Assembly had before:
// one account for one customer, whatever comes in which order.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::CrmMergeRule;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

sandbox::SandboxOptions unlimited(sandbox::Switches switches = {}) {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  options.switches = switches;
  return options;
}

WorldOptions options_for(const std::string& on_delete,
                         CrmMergeRule rule = CrmMergeRule::new_record) {
  WorldOptions options;
  options.assembly = unlimited();
  options.labels = false;
  options.on_delete = on_delete;
  options.rate_per_second = 500;
  options.crm.merge_rule = rule;
  return options;
}

std::string add_company(World& world, const std::string& name) {
  return world.crm().create("companies", {{"name", name}, {"domain", name + ".test"}});
}

std::string add_contact(World& world, const std::string& name, const std::string& company) {
  return world.crm().create("contacts", {{"firstname", name},
                                         {"lastname", "Doe"},
                                         {"email", name + "@people.test"},
                                         {"associatedcompanyid", company}});
}

std::set<std::string> texts(const Value& list) {
  std::set<std::string> out;
  if (!list.is_list()) return out;
  for (const Value& item : list.as_list()) out.insert(item.as_string());
  return out;
}

/// The only item that bears the key; null when there is none or another too.
Value holder(const std::vector<Value>& items, const std::string& key) {
  Value found;
  for (const Value& item : items) {
    if (!texts(item.at("source_specific_ids")).contains(key)) continue;
    EXPECT_TRUE(found.is_null()) << key << " is on two";
    found = item;
  }
  return found;
}

/// The calls that Assembly refused.
std::vector<std::string> refused(World& world) {
  std::vector<std::string> out;
  for (const sandbox::JournalEntry& entry : world.assembly().journal()) {
    if (entry.method != "GET" && entry.status >= 400) {
      out.push_back(entry.method + ' ' + entry.target + ' ' + std::to_string(entry.status));
    }
  }
  return out;
}

struct Pair {
  std::string primary;
  std::string secondary;
  std::string survivor;
  std::string contact_of_primary;
  std::string contact_of_secondary;
};

Pair add_pair(World& world, const std::string& name) {
  Pair pair;
  pair.primary = add_company(world, name + "-a");
  pair.secondary = add_company(world, name + "-b");
  pair.contact_of_primary = add_contact(world, name + "-pa", pair.primary);
  pair.contact_of_secondary = add_contact(world, name + "-pb", pair.secondary);
  return pair;
}

void expect_merged(World& world, const Pair& pair) {
  const auto accounts = world.assembly().accounts();
  const Value account = holder(accounts, company_key(pair.survivor));
  ASSERT_TRUE(account.is_object());
  EXPECT_EQ(holder(accounts, company_key(pair.primary)).text_or("id"), account.text_or("id"));
  EXPECT_EQ(holder(accounts, company_key(pair.secondary)).text_or("id"), account.text_or("id"));
  for (const std::string& contact : {pair.contact_of_primary, pair.contact_of_secondary}) {
    const Value held = holder(world.assembly().contacts(), contact_key(contact));
    ASSERT_TRUE(held.is_object()) << contact;
    EXPECT_EQ(held.text_or("company_id"), account.text_or("id")) << contact;
  }
}

/// Each order in which a merge's events can arrive, each for two companies of its own.
void every_order(const std::string& on_delete, CrmMergeRule rule, bool wait_between) {
  World world(options_for(on_delete, rule));
  world.start();
  std::vector<int> order = {0, 1, 2};
  if (rule == CrmMergeRule::new_record) order.push_back(3);
  std::map<std::vector<int>, Pair> pairs;
  do {
    pairs[order] = add_pair(world, "p" + std::to_string(pairs.size()));
  } while (std::next_permutation(order.begin(), order.end()));
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  for (auto& [arrival, pair] : pairs) {
    pair.survivor = world.crm().merge("companies", pair.primary, pair.secondary);
    auto events = world.crm().take_events();  // the merge and a deletion of each that is gone
    world.crm().update("companies", pair.survivor, {{"industry", "timber"}});
    const auto change = world.crm().take_events();
    events.insert(events.end(), change.begin(), change.end());
    ASSERT_THAT(events, SizeIs(arrival.size()));
    for (const int next : arrival) {
      ASSERT_EQ(world.deliver({events[static_cast<std::size_t>(next)]}), 200);
      if (wait_between) {
        ASSERT_TRUE(world.wait_settled());
      }
    }
  }
  ASSERT_TRUE(world.wait_settled());
  for (const auto& [arrival, pair] : pairs) {
    SCOPED_TRACE(testing::PrintToString(arrival));
    expect_merged(world, pair);
  }
  EXPECT_THAT(refused(world), IsEmpty());
  EXPECT_EQ(world.notices("dead"), 0);
  if (on_delete == "delete") {
    EXPECT_THAT(world.assembly().accounts(), SizeIs(pairs.size()));
  }
}

TEST(Merges, EveryOrderOfANewRecordsEventsLeadsToOneAccount) {
  every_order("delete", CrmMergeRule::new_record, false);
}

TEST(Merges, EveryOrderOfANewRecordsEventsActedOnOneByOne) {
  every_order("delete", CrmMergeRule::new_record, true);
}

TEST(Merges, EveryOrderWhereThePrimarySurvivesLeadsToOneAccount) {
  every_order("delete", CrmMergeRule::primary, false);
  every_order("tag", CrmMergeRule::primary, true);
}

TEST(Merges, OnDeleteTagMarksTheOtherAccount) {
  World world(options_for("tag"));
  world.start();
  Pair pair = add_pair(world, "ash");
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  pair.survivor = world.crm().merge("companies", pair.primary, pair.secondary);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  expect_merged(world, pair);
  const auto accounts = world.assembly().accounts();
  ASSERT_THAT(accounts, SizeIs(2));
  const auto labels = world.assembly().labels();
  ASSERT_THAT(labels, SizeIs(1));
  EXPECT_EQ(labels.front().text_or("name"), "Merged in CRM");
  const auto left = std::find_if(accounts.begin(), accounts.end(), [](const Value& account) {
    return texts(account.at("source_specific_ids")).empty();
  });
  ASSERT_NE(left, accounts.end());
  EXPECT_THAT(texts(left->at("tags")), ElementsAre(labels.front().text_or("id")));
  EXPECT_GE(world.notices("ignored"), 2) << "its deletions are part of the merge";
}

TEST(Merges, AKilledProcessGoesOnWithTheMerge) {
  World world(options_for("delete", CrmMergeRule::primary));
  world.start();
  Pair pair = add_pair(world, "birch");
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  // The contact's move has its effect, and nobody hears of it.
  world.assembly().add_fault({.kind = sandbox::Fault::Kind::delay,
                              .delay = std::chrono::seconds(60),
                              .method = "PUT",
                              .path_contains = contact_key(pair.contact_of_secondary)});
  pair.survivor = world.crm().merge("companies", pair.primary, pair.secondary);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world.status().at("outbox").at("in_flight") == Value(1); }));
  world.daemon().kill();
  world.start();
  ASSERT_TRUE(world.wait_settled());
  expect_merged(world, pair);
  EXPECT_THAT(world.assembly().accounts(), SizeIs(1));
  EXPECT_THAT(refused(world), IsEmpty());
}

TEST(Merges, ContactsAreMergedToo) {
  World world(options_for("delete"));
  world.start();
  const std::string company = add_company(world, "cedar");
  const std::string one = add_contact(world, "cleo", company);
  const std::string two = add_contact(world, "cora", company);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  const std::string survivor = world.crm().merge("contacts", one, two);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  const auto contacts = world.assembly().contacts();
  ASSERT_THAT(contacts, SizeIs(1));
  EXPECT_THAT(texts(contacts.front().at("source_specific_ids")),
              UnorderedElementsAre(contact_key(one), contact_key(two), contact_key(survivor)));
  EXPECT_THAT(refused(world), IsEmpty());
}

TEST(Deletions, ARestoredRecordIsBackWhateverItsDeletionDid) {
  for (const std::string rule : {"ignore", "tag", "delete"}) {
    SCOPED_TRACE(rule);
    World world(options_for(rule));
    world.start();
    const std::string company = add_company(world, "elm");
    const std::string contact = add_contact(world, "eve", company);
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    world.crm().archive("contacts", contact);
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    const auto deleted = world.assembly().contacts();
    EXPECT_THAT(deleted, SizeIs(rule == "delete" ? 0 : 1));
    if (rule == "tag") {
      EXPECT_THAT(texts(deleted.at(0).at("tags")), SizeIs(1));
    }
    world.crm().restore("contacts", contact);
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    EXPECT_THAT(world.wrong(), IsEmpty());
    ASSERT_THAT(world.assembly().contacts(), SizeIs(1));
    EXPECT_THAT(texts(world.assembly().contacts().front().at("tags")), IsEmpty());
  }
}

std::string all_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The bytes of the store, its log included.
std::string stored(World& world) {
  return all_of(world.store()) + all_of(world.store().string() + "-wal");
}

TEST(Erasure, LeavesNothingOfThePersonHereInEitherOrderOfItsEvents) {
  for (const std::string rule : {"delete", "tag", "ignore"}) {
    for (const bool erasure_first : {true, false}) {
      SCOPED_TRACE(rule + (erasure_first ? ", erasure first" : ", deletion first"));
      World world(options_for(rule));
      world.start();
      const std::string company = add_company(world, "fir");
      const std::string kept = add_contact(world, "fay", company);
      const std::string erased = add_contact(world, "zebulonia", company);
      world.crm().update("contacts", erased, {{"jobtitle", "Quetzalist"}});
      ASSERT_EQ(world.deliver_events(), 200);
      ASSERT_TRUE(world.wait_settled());
      ASSERT_THAT(stored(world), HasSubstr("zebulonia"));
      world.crm().erase(erased);
      auto events = world.crm().take_events();
      ASSERT_THAT(events, SizeIs(2));
      if (!erasure_first) std::swap(events[0], events[1]);
      for (const Value& event : events) {
        ASSERT_EQ(world.deliver({event}), 200);
        ASSERT_TRUE(world.wait_settled());
      }
      const Value held = holder(world.assembly().contacts(), contact_key(erased));
      EXPECT_EQ(held.is_null(), rule == "delete");
      if (rule == "tag") {
        EXPECT_THAT(texts(held.at("tags")), SizeIs(1));
      }
      const bool warned = world.daemon().log().find("erasure_not_passed_on") != std::string::npos;
      EXPECT_EQ(warned, rule == "ignore");
      EXPECT_EQ(world.daemon().stop(), 0);
      const std::string bytes = stored(world);
      EXPECT_THAT(bytes, Not(HasSubstr("zebulonia")));
      EXPECT_THAT(bytes, Not(HasSubstr("Quetzalist")));
      EXPECT_THAT(bytes, HasSubstr("fay@people.test")) << "the others' data stay";
    }
  }
}

/// As a person who works in Assembly.
std::string by_hand(World& world, const std::string& method, const std::string& path,
                    const Value& body = {}) {
  core::HttpRequest request;
  request.method = method;
  request.url = world.assembly().url() + path;
  request.headers = {{"Authorization", kApiKey}, {"Content-Type", "application/json"}};
  if (!body.is_null()) request.body = core::dump_json(body);
  const auto answer = world.transport().send(request);
  EXPECT_TRUE(answer && answer->status < 300) << method << ' ' << path;
  return answer ? json(answer->body).text_or("id") : "";
}

Value an_account(const std::string& name) {
  return Value::object(
      {{"type", "Company"}, {"name", "By hand"}, {"domain", name + ".test"}, {"notes", "dear"}});
}

std::vector<sandbox::Switches> three_kinds() {
  sandbox::Switches duplicates;
  sandbox::Switches conflict;
  conflict.domain_unique = true;
  conflict.already_exists_status = 409;
  sandbox::Switches bad_request = conflict;
  bad_request.already_exists_status = 400;
  return {duplicates, conflict, bad_request};
}

void expect_adopted(World& world, const std::string& id, const std::string& company) {
  const auto accounts = world.assembly().accounts();
  ASSERT_THAT(accounts, SizeIs(1));
  EXPECT_EQ(accounts.front().text_or("id"), id);
  EXPECT_EQ(accounts.front().text_or("notes"), "dear");
  EXPECT_THAT(texts(accounts.front().at("source_specific_ids")), ElementsAre(company_key(company)));
  EXPECT_EQ(world.notices("dead"), 0);
  EXPECT_THAT(world.wrong(), IsEmpty());
}

TEST(Directory, ALiveCreationAdoptsWhatTheListsShow) {
  for (const sandbox::Switches& switches : three_kinds()) {
    WorldOptions options = options_for("");
    options.assembly = unlimited(switches);
    World world(options);
    const std::string id = by_hand(world, "POST", "/accounts", an_account("gum"));
    world.start();
    ASSERT_TRUE(wait_until([&] {
      const auto journal = world.assembly().journal();
      return std::any_of(journal.begin(), journal.end(), [](const auto& entry) {
        return entry.target.starts_with("/contacts?limit");
      });
    }));
    const std::string company = add_company(world, "gum");
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    expect_adopted(world, id, company);
  }
}

TEST(Directory, WithoutListsALiveCreationLooksFirst) {
  for (const sandbox::Switches& switches : three_kinds()) {
    WorldOptions options = options_for("");
    options.assembly = unlimited(switches);
    World world(options);
    const std::string id = by_hand(world, "POST", "/accounts", an_account("hazel"));
    world.assembly().add_fault({.kind = sandbox::Fault::Kind::status,
                                .status = 500,
                                .method = "GET",
                                .path_contains = "limit=100",
                                .count = 1000});
    world.start();
    const std::string company = add_company(world, "hazel");
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    expect_adopted(world, id, company);
    EXPECT_THAT(refused(world), IsEmpty());
  }
}

TEST(Directory, ARefusalAsExistingIsAdoptedAndNoDeadLetter) {
  for (const int status : {409, 400}) {
    sandbox::Switches switches;
    switches.domain_unique = true;
    switches.already_exists_status = status;
    WorldOptions options = options_for("");
    options.assembly = unlimited(switches);
    World world(options);
    world.start();
    ASSERT_TRUE(wait_until([&] {
      const auto journal = world.assembly().journal();
      return std::any_of(journal.begin(), journal.end(), [](const auto& entry) {
        return entry.target.starts_with("/contacts?limit");
      });
    }));
    const std::string id = by_hand(world, "POST", "/accounts", an_account("iris"));
    const std::string company = add_company(world, "iris");
    ASSERT_EQ(world.deliver_events(), 200);
    ASSERT_TRUE(world.wait_settled());
    expect_adopted(world, id, company);
  }
}

TEST(Directory, AFirstBackfillOfMostlyRightRecordsCostsAFifteenthOfBlindUpserts) {
  constexpr std::size_t kEach = 500;
  WorldOptions options = options_for("");
  options.rate_per_second = 1000;
  World world(options);
  world.crm().populate(kEach, kEach);
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  ASSERT_THAT(world.wrong(), IsEmpty());
  for (const char* object : {"companies", "contacts"}) {
    const auto records = world.crm().records(object);
    for (std::size_t i = 0; i < kEach; i += 20) {
      const char* property = object == std::string("companies") ? "industry" : "jobtitle";
      world.crm().update(object, records[i].text_or("id"), {{property, "changed"}});
    }
  }
  world.crm().take_events();
  const auto before = world.assembly().stats().requests;
  world.use_store("first-day.db");
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  EXPECT_THAT(world.wrong(), IsEmpty());
  const auto calls = world.assembly().stats().requests - before;
  EXPECT_LE(calls * 15, 2 * kEach) << calls << " calls";
  RecordProperty("calls", static_cast<int>(calls));
}

}  // namespace
}  // namespace assembly_sync::test

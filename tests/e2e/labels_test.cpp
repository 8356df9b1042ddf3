// Tags and labels that somebody changes in Assembly while the program runs.
#include <algorithm>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// One company in Assembly, and a person who works there with the web product.
class LabelWorld : public testing::Test {
 protected:
  LabelWorld() {
    world_.start();
    ash_ = add("ash", "gold", "Retail;VIP");
    bring();
  }
  std::string add(const std::string& name, const std::string& tier, const std::string& segments) {
    return world_.crm().create("companies", {{"name", name},
                                             {"domain", name + ".test"},
                                             {"lifecyclestage", "customer"},
                                             {"tier", tier},
                                             {"segments", segments}});
  }
  void bring() {
    ASSERT_EQ(world_.deliver_events(), 200);
    ASSERT_TRUE(world_.wait_settled());
  }
  void by_hand(const char* method, const std::string& path, const Value& body) {
    core::HttpRequest request;
    request.method = method;
    request.url = world_.assembly().url() + path;
    request.headers = {{"Authorization", kApiKey}, {"Content-Type", "application/json"}};
    request.body = core::dump_json(body);
    const auto answer = world_.transport().send(request);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status / 100, 2) << answer->body;
  }
  std::vector<Value> labels() { return world_.assembly().labels(); }
  std::string label_id(const std::string& name) {
    for (const Value& label : labels()) {
      if (label.text_or("name") == name) return label.text_or("id");
    }
    return {};
  }
  std::string name_of(const std::string& id) {
    for (const Value& label : labels()) {
      if (label.text_or("id") == id) return label.text_or("name");
    }
    return {};
  }
  Value account(const std::string& id) {
    for (Value account : world_.assembly().accounts()) {
      if (account.at("source_specific_ids") == Value::list({company_key(id)})) return account;
    }
    return {};
  }
  std::vector<std::string> tags(const std::string& id) {
    std::vector<std::string> names;
    const Value held = account(id);
    for (const Value& tag : held.at("tags").as_list()) names.push_back(name_of(tag.as_string()));
    return names;
  }

  World world_;
  std::string ash_;
};

TEST_F(LabelWorld, ATagThatLeftTheRecordLeavesAssemblyAndOneSetByHandStays) {
  ASSERT_THAT(tags(ash_), UnorderedElementsAre("Retail", "VIP"));
  by_hand("POST", "/accounts/labels",
          Value::object({{"type", "AccountTag"}, {"name", "By hand"}, {"color", "#000000"}}));
  by_hand("PUT", "/accounts/" + account(ash_).text_or("id"),
          Value::object({{"tags", Value::list({label_id("By hand")})}}));
  world_.crm().update("companies", ash_, {{"segments", "Retail;Export"}});
  bring();
  EXPECT_THAT(tags(ash_), UnorderedElementsAre("Retail", "Export", "By hand"));
}

TEST_F(LabelWorld, ARenamedLabelGetsNoSecondOne) {
  const std::string gold = label_id("Gold");
  by_hand("PUT", "/accounts/labels/" + gold, Value::object({{"name", "Premium"}}));
  const std::size_t before = labels().size();
  world_.daemon().stop();
  world_.start();
  const std::string birch = add("birch", "gold", "Retail");
  bring();
  EXPECT_EQ(account(birch).text_or("tier"), gold);
  EXPECT_EQ(labels().size(), before);
  EXPECT_THAT(label_id("Gold"), IsEmpty());
}

TEST_F(LabelWorld, ADeletedLabelIsMadeAnewWhenARecordNeedsIt) {
  by_hand("DELETE", "/accounts/labels/" + label_id("Gold"), Value::object());
  ASSERT_THAT(label_id("Gold"), IsEmpty());
  const std::string birch = add("birch", "gold", "Retail");
  ASSERT_EQ(world_.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world_.settled(); }, std::chrono::seconds{60}));
  EXPECT_EQ(world_.status().at("dead"), Value(0));
  EXPECT_EQ(name_of(account(birch).text_or("tier")), "Gold");
}

TEST_F(LabelWorld, EqualNamesOfDifferentKindsAreDifferentLabels) {
  const std::string birch = add("birch", "gold", "Gold");
  bring();
  EXPECT_EQ(name_of(account(birch).text_or("tier")), "Gold");
  EXPECT_THAT(tags(birch), UnorderedElementsAre("Gold"));
  const auto labelled = labels();
  EXPECT_EQ(std::count_if(labelled.begin(), labelled.end(),
                          [](const Value& label) { return label.text_or("name") == "Gold"; }),
            2);
}

}  // namespace
}  // namespace assembly_sync::test

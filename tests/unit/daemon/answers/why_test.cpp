#include "daemon/answers/why.hpp"

#include "core/json.hpp"
#include "daemon/answers/entities.hpp"
#include "tests/unit/daemon/delivery/merges_world.hpp"

namespace assembly_sync::delivery {
namespace {

using answers::why;
using answers::why_text;

/// The same planner, outbox and settling as the daemon's, under configurations that are recorded.
class Why : public Merges {
 protected:
  void SetUp() override {
    load("mappings:\n  - name: companies\n    fields:\n      name: properties.name\n");
  }
  void load(const std::string& yaml) {
    const Value files = Value::list({Value::object({{"path", "/etc/c.yaml"}, {"text", yaml}})});
    store_.write([&](Tx& tx) { tx.record_config(yaml, core::dump_json(files), now_); });
  }
  Value asked(const std::string& key, const std::string& field,
              const answers::Steps& steps = nullptr) {
    const store::RowId id = entity(key).id;
    return store_.read([&](const store::View& v) { return why(v, id, field, steps); });
  }
  /// The only field of the answer.
  Value field_of(const std::string& key, const std::string& field) {
    const Value all = asked(key, field).at("fields");
    EXPECT_EQ(all.as_list().size(), 1U) << core::dump_json(all);
    return all.as_list().empty() ? Value() : all.as_list().front();
  }
  void rename(const std::string& id, const std::string& name) {
    auto verdict = intent(id, false, OnDelete::tag);
    verdict.intent.fields["name"] = name;
    read_as(ref_of("companies", id), verdict);
  }
};

TEST_F(Why, TheChainLeadsFromTheValueToTheRecord) {
  read_company("1");
  drain();
  const Value name = field_of("company-1", "name");
  EXPECT_EQ(name.at("value"), Value("N1"));
  EXPECT_EQ(name.at("from"), Value());
  EXPECT_EQ(name.at("record"), answers::to_value(ref_of("companies", "1")));
  EXPECT_EQ(name.at("mapping"), Value("companies"));
  EXPECT_EQ(name.at("config"), Value(1));
  EXPECT_EQ(name.at("rule").at("file"), Value("/etc/c.yaml"));
  EXPECT_EQ(name.at("rule").at("line"), Value(4));
  EXPECT_EQ(name.at("rule").at("text"), Value("properties.name"));
  EXPECT_EQ(name.at("request").at("method"), Value("PUT"));
  EXPECT_NE(name.find("at"), nullptr);
}

TEST_F(Why, AnotherConfigurationIsNamedWithItsOwnLine) {
  read_company("1");
  drain();
  load("# moved\n\nmappings:\n  - name: companies\n    fields:\n      name: properties.title\n");
  rename("1", "Acme");
  drain();
  const Value name = field_of("company-1", "name");
  EXPECT_EQ(name.at("from"), Value("N1"));
  EXPECT_EQ(name.at("config"), Value(2));
  EXPECT_EQ(name.at("rule").at("line"), Value(6));
  EXPECT_EQ(name.at("rule").at("text"), Value("properties.title"));
  EXPECT_EQ(name.at("rule_before").at("text"), Value("properties.name"));
  EXPECT_EQ(name.at("rule_before").at("config"), Value(1));
  EXPECT_THAT(why_text(asked("company-1", "name")),
              HasSubstr("was       properties.name  (configuration 1)"));
  const auto history = asked("company-1", "name").at("history");
  ASSERT_EQ(history.as_list().size(), 2U);
  EXPECT_EQ(history.as_list().back().at("config"), Value(1));
  const Value domain = field_of("company-1", "domain");
  EXPECT_EQ(domain.at("config"), Value(1)) << "nothing was said of it since";
  EXPECT_EQ(domain.find("rule_before"), nullptr);
}

TEST_F(Why, ThroughAMergeAndTwoConfigurations) {
  on_delete_ = OnDelete::tag;
  two_companies();
  load("mappings:\n  - name: companies\n    fields:\n      name: properties.title\n");
  merge("companies", "1", {"2"});
  rename("1", "Both");
  drain();
  const Value answer = asked("company-1", "");
  EXPECT_EQ(field_of("company-1", "name").at("config"), Value(2));
  EXPECT_EQ(field_of("company-1", "name").at("from"), Value("N1"));
  ASSERT_FALSE(answer.at("merged").as_list().empty()) << core::dump_json(answer);
  EXPECT_EQ(answer.at("merged").as_list().front().at("record"),
            answers::to_value(ref_of("companies", "2")));
  EXPECT_THAT(why_text(answer), HasSubstr("merged in"));
  EXPECT_EQ(asked("company-2", "").at("merged_into").at("key"), Value("company-1"));
  EXPECT_THAT(why_text(asked("company-2", "")), HasSubstr("merged into Both"));
}

TEST_F(Why, WhatIsOnItsWayIsShownWithWhatItWaitsFor) {
  read_company("1");
  read_contact("1", "1");
  const Value answer = asked("contact-1", "name");
  ASSERT_EQ(answer.at("pending").as_list().size(), 1U);
  const Value& change = answer.at("pending").as_list().front();
  EXPECT_THAT(change.text_or("waits_for"), HasSubstr("company-1"));
  EXPECT_EQ(change.at("sets").as_list().front().at("to"), Value("N1"));
  EXPECT_THAT(why_text(answer), HasSubstr("on its way"));
}

TEST_F(Why, AValueThatNoCallToldIsSaidToBeSo) {
  read_company("1");
  drain();
  store_.write([&](Tx& tx) { tx.clear_lineage(); });
  const Value name = field_of("company-1", "name");
  EXPECT_EQ(name.find("at"), nullptr);
  EXPECT_THAT(name.text_or("note"), HasSubstr("history that is kept"));
  EXPECT_EQ(name.at("record"), answers::to_value(ref_of("companies", "1")));
}

TEST_F(Why, StepsOfTodaysMappingAreAskedForTheRecordThatSaidIt) {
  read_company("1");
  drain();
  const auto steps = [](const store::View&, const core::RecordRef& record,
                        const std::string& mapping, const std::string& attribute) {
    EXPECT_EQ(record, ref_of("companies", "1"));
    EXPECT_EQ(mapping + '.' + attribute, "companies.name");
    return Value::list({Value::object({{"expression", "properties.name"}, {"result", "N1"}})});
  };
  EXPECT_THAT(why_text(asked("company-1", "name", steps)), HasSubstr("properties.name  =>  N1"));
}

TEST_F(Why, ErasedDataIsNotInTheHistory) {
  read_company("1");
  drain();
  const store::RowId id = entity("company-1").id;
  store_.write([&](Tx& tx) {
    sync::Occasion occasion;
    occasion.record = ref_of("companies", "1");
    occasion.now_ms = now_;
    sync::plan_erasure(tx, occasion, "erased");
  });
  drain();
  const auto entries = store_.read([&](const store::View& v) { return v.lineage(id, 0, 10); });
  for (const auto& entry : entries) EXPECT_THAT(entry.sets, testing::Not(HasSubstr("N1")));
  EXPECT_EQ(entity("company-1").name, "");
}

TEST_F(Why, EntitiesAreFoundByWhateverPeopleCallThem) {
  two_companies();
  rename("1", "Acme Tools");
  rename("2", "Acme");
  drain();
  const auto found = [&](const std::string& text) {
    return store_.read([&](const store::View& v) {
      std::vector<std::string> keys;
      for (const auto& one : answers::find_entities(v, text, 10)) keys.push_back(one.key.str());
      return keys;
    });
  };
  EXPECT_THAT(found("company-1"), ElementsAre("company-1"));
  EXPECT_THAT(found("hubspot.companies 1"), ElementsAre("company-1"));
  EXPECT_THAT(found("hubspot.companies/1"), ElementsAre("company-1"));
  EXPECT_THAT(found(entity("company-2").assembly_id->str()), ElementsAre("company-2"));
  EXPECT_THAT(found("C1.test"), ElementsAre("company-1"));
  EXPECT_THAT(found(" acme "), ElementsAre("company-2")) << "the whole name";
  EXPECT_THAT(found("acme t"), ElementsAre("company-1")) << "a beginning";
  EXPECT_THAT(found("tools"), ElementsAre("company-1")) << "a part";
  EXPECT_THAT(found("nobody"), IsEmpty());
  EXPECT_THAT(found("  "), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::delivery

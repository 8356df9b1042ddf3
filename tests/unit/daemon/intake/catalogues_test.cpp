// Labels of the CRM on the way of a record: never a wrong one, and what is not known is waited for.
#include "daemon/intake/catalogues.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "daemon/intake/resolver.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using store::EntityKind;
using testing::HasSubstr;

const core::ObjectName kCompanies("companies");

std::shared_ptr<const mapping::Rules> label_rules() {
  constexpr const char* kYaml = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("company-", id)
    fields: {name: name, domain: domain}
    additional_properties: {Industry: industry | label}
)yaml";
  return rules_of(kYaml);
}

class CataloguesTest : public testing::Test {
 protected:
  CataloguesTest() : crm_(std::make_shared<ScriptedCrm>()), log_(telemetry::LogStyle::quiet) {
    options_ = {{"SOFT", "Software"}};
    crm_->on_describe = [this](const core::ObjectName&) -> ReadResult<core::Catalogue> {
      ++described_;
      if (failure_) return tl::unexpected(*failure_);
      core::Catalogue catalogue;
      catalogue.texts = true;
      catalogue.fields["industry"] = {
          .label = "Industry", .type = core::FieldType::choice, .options = options_};
      catalogue.fields["name"] = {.label = "Name"};
      return catalogue;
    };
    start();
  }

  /// As after a restart: nothing is in memory.
  void start() {
    resolver_.reset();
    catalogues_ = std::make_shared<Catalogues>(CatalogueParts{
        .store = &*store_, .transport = transport_, .clock = store_.clock(), .log = log_});
    mapper_ = std::make_unique<Mapper>(label_rules(), catalogues_);
    resolver_ = std::make_unique<Resolver>(
        ResolverParts{kSource, crm_, *mapper_, *store_, transport_, store_.clock(), log_});
  }
  std::int64_t now() { return core::to_ms(store_.clock().wall_now()); }
  void work() {
    for (int i = 0; i < 100 && resolver_->work(); ++i) {
    }
  }
  void change(const std::string& id, const std::string& industry) {
    crm_->put(record("companies", id, now(),
                     R"("name":"N","domain":"c)" + id + R"(.test","industry":")" + industry + '"'));
    store_.write(
        [&](store::Tx& tx) { tx.add_receipt(kSource, now(), R"([{"id":")" + id + "\"}]"); });
    work();
  }
  /// The label that is to be sent; empty when nothing is.
  std::string planned(const std::string& id) {
    return store_.read([&](const store::View& view) -> std::string {
      const auto entity = view.entity(EntityKind::company, core::Key("company-" + id));
      if (!entity) return "";
      const auto change = view.pending_of(entity->id);
      if (!change) return "";
      return core::parse_json(change->wanted)->at("properties").text_or("Industry");
    });
  }
  std::string source_error() {
    return store_.read([](const store::View& view) { return view.activity(kSource).last_error; });
  }
  std::string reason_of_the_dead() {
    const auto dead = store_.read([](const store::View& view) { return view.dead_notices(1); });
    return dead.empty() ? "" : dead.front().reason;
  }

  test::TempStore store_;
  Ends ended_{store_};
  std::shared_ptr<ScriptedCrm> crm_;
  std::map<std::string, std::string, std::less<>> options_;
  std::optional<ReadError> failure_;
  int described_ = 0;
  NoTransport transport_;
  telemetry::Log log_;
  std::shared_ptr<Catalogues> catalogues_;
  std::unique_ptr<Mapper> mapper_;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(CataloguesTest, AreReadOnceBeforeTheFirstRecordThatNeedsThem) {
  EXPECT_EQ(described_, 0);
  change("1", "SOFT");
  change("2", "SOFT");
  EXPECT_EQ(planned("1"), "Software");
  EXPECT_EQ(planned("2"), "Software");
  EXPECT_EQ(described_, 1);
}

TEST_F(CataloguesTest, SurviveARestartWhileTheSourceDoesNotTellThem) {
  change("1", "SOFT");
  failure_ = ReadError{ReadError::Kind::transient, {}, "no answer"};
  start();
  change("2", "SOFT");
  EXPECT_EQ(planned("2"), "Software");
  EXPECT_EQ(described_, 1);
  EXPECT_EQ(catalogues_->read_ms(kSource, kCompanies), now());
}

TEST_F(CataloguesTest, AreWaitedForWhenTheyAreNotKnown) {
  failure_ = ReadError{ReadError::Kind::transient, {}, "no answer"};
  change("1", "SOFT");
  EXPECT_EQ(ended_(NoticeState::open), 1);
  EXPECT_EQ(planned("1"), "");
  EXPECT_THAT(source_error(), HasSubstr("the labels of companies are needed and could not be "
                                        "read: no answer"));
  failure_.reset();
  store_.clock().advance(10min);
  work();
  EXPECT_EQ(planned("1"), "Software");
  EXPECT_EQ(source_error(), "");
}

TEST_F(CataloguesTest, AreWaitedForHoweverLongAPersonNeedsToGrantTheScope) {
  failure_ = ReadError{ReadError::Kind::rejected, {}, "403 MISSING_SCOPES"};
  change("1", "SOFT");
  for (int i = 0; i < 50; ++i) {
    store_.clock().advance(10min);
    work();
  }
  EXPECT_EQ(ended_(NoticeState::open), 1) << "no attempt is burnt";
  EXPECT_EQ(ended_(NoticeState::dead), 0);
  EXPECT_THAT(source_error(), HasSubstr("403 MISSING_SCOPES"));
  failure_.reset();
  store_.clock().advance(10min);
  work();
  EXPECT_EQ(planned("1"), "Software");
}

TEST_F(CataloguesTest, AreReadAnewForAnOptionOfToday) {
  change("1", "SOFT");
  options_["MINING"] = "Mining";
  store_.clock().advance(2min);
  change("2", "MINING");
  EXPECT_EQ(planned("2"), "Mining");
  EXPECT_EQ(described_, 2);
  EXPECT_EQ(ended_(NoticeState::dead), 0);
}

TEST_F(CataloguesTest, AnOptionThatThereIsNotRefusesTheRecordAndCallsOnceAMinute) {
  change("1", "SOFT");
  store_.clock().advance(2min);
  for (int i = 2; i < 10; ++i) change(std::to_string(i), "NONE");
  EXPECT_EQ(described_, 2);
  EXPECT_EQ(ended_(NoticeState::dead), 8);
  EXPECT_THAT(reason_of_the_dead(),
              HasSubstr("label: no option of industry has the record's value"));
  EXPECT_THAT(reason_of_the_dead(), testing::Not(HasSubstr("NONE")));
}

TEST_F(CataloguesTest, AMissingOptionIsWaitedForWhileTheSourceDoesNotTell) {
  change("1", "SOFT");
  options_["MINING"] = "Mining";
  store_.clock().advance(2min);
  failure_ = ReadError{ReadError::Kind::transient, {}, "no answer"};
  change("2", "MINING");
  EXPECT_EQ(ended_(NoticeState::dead), 0);
  EXPECT_EQ(planned("2"), "");
  failure_.reset();
  store_.clock().advance(10min);
  work();
  EXPECT_EQ(planned("2"), "Mining");
}

TEST_F(CataloguesTest, AChangedLabelIsSeenAfterAWhile) {
  change("1", "SOFT");
  options_["SOFT"] = "Software and more";
  store_.clock().advance(1min);
  change("2", "SOFT");
  EXPECT_EQ(planned("2"), "Software");
  store_.clock().advance(kCatalogueAge);
  change("3", "SOFT");
  EXPECT_EQ(planned("3"), "Software and more");
}

TEST_F(CataloguesTest, AnOldOneServesWhileTheSourceDoesNotTellAndIsNotAskedForAllTheTime) {
  change("1", "SOFT");
  failure_ = ReadError{ReadError::Kind::transient, {}, "no answer"};
  store_.clock().advance(kCatalogueAge);
  for (int i = 2; i < 6; ++i) change(std::to_string(i), "SOFT");
  EXPECT_EQ(planned("5"), "Software");
  EXPECT_EQ(described_, 2);
}

TEST_F(CataloguesTest, AreReadAnewWhenTheMirrorIsMappedAgain) {
  change("1", "SOFT");
  store_.write([&](store::Tx& tx) {
    core::Record mirrored = crm_->records.at("companies 1");
    mirrored.ref.source = kSource;
    mirrored.version = now() + 1;
    mirrored.json = R"({"id":"1","name":"N","domain":"c1.test","industry":"MINING"})";
    tx.put_record(mirrored, now(), now());
    store::NewNotice row;
    row.ref = mirrored.ref;
    row.received_ms = now();
    tx.add_mirror_notice(row);
  });
  options_["MINING"] = "Mining";
  store_.clock().advance(2min);
  work();
  EXPECT_EQ(planned("1"), "Mining");
  EXPECT_EQ(ended_(NoticeState::dead), 0);
}

TEST_F(CataloguesTest, OfAVerbAreReadAndNotKept) {
  Catalogues verb({.store = &*store_,
                   .keeps = false,
                   .transport = transport_,
                   .clock = store_.clock(),
                   .log = log_});
  EXPECT_FALSE(verb.ensure(*crm_, kSource, kCompanies));
  ASSERT_NE(verb.known(kSource, kCompanies), nullptr);
  EXPECT_EQ(verb.known(kSource, kCompanies)->find("name"), nullptr) << "only options are needed";
  start();
  EXPECT_EQ(catalogues_->known(kSource, kCompanies), nullptr);
}

TEST_F(CataloguesTest, ConcurrencyOfManyThreadsThatNeedThem) {
  crm_->on_describe = [](const core::ObjectName&) -> ReadResult<core::Catalogue> {
    core::Catalogue catalogue;
    catalogue.fields["industry"] = {
        .label = "Industry", .type = core::FieldType::choice, .options = {{"SOFT", "Software"}}};
    return catalogue;
  };
  std::atomic<int> unknown{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (catalogues_->ensure(*crm_, kSource, kCompanies)) ++unknown;
        if (!catalogues_->renew(*crm_, kSource, kCompanies)) ++unknown;
        if (catalogues_->known(kSource, kCompanies) == nullptr) ++unknown;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(unknown, 0);
}

TEST_F(CataloguesTest, Invariant12_BeyondTheirLimitRecordsWait) {
  options_["BIG"] = std::string(core::limits::kCatalogueBytes, 'x');
  change("1", "SOFT");
  EXPECT_EQ(ended_(NoticeState::open), 1);
  EXPECT_THAT(source_error(), HasSubstr("take more than"));
}

}  // namespace
}  // namespace assembly_sync::intake

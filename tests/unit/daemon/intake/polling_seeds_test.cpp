// HubSpot polled into the store while people work in it: after quiet, the mirror equals the source.
#include "tests/unit/connectors/local_hubspot.hpp"
#include "tests/unit/daemon/intake/poller_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRules = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("company-", id)
    fields: {name: 'concat("c", id, properties.name)', domain: 'concat("c", id, ".test")'}
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("contact-", id)
    company: concat("company-", associations.company)
    fields: {name: 'concat("p", id, properties.email)', domain: 'concat("p", id, "@c.test")'}
)yaml";

class PolledHubspot : public testing::TestWithParam<std::uint64_t> {
 protected:
  PolledHubspot() : mapper_(rules_of(kRules)), log_(telemetry::LogStyle::quiet) {
    hubspot_.crm.populate(250, 200);
  }

  PulledSource source() const { return {kSource, hubspot_.source, {.every = 300s}}; }
  void make_poller() {
    poller_.emplace(
        PollerParts{source(), mapper_, *store_, hubspot_.transport, hubspot_.clock, log_});
  }
  void resolve() {
    Resolver resolver(
        {kSource, hubspot_.source, mapper_, *store_, hubspot_.transport, hubspot_.clock, log_});
    while (resolver.work()) {
    }
  }
  /// Everything that is due.
  void settle() {
    while (poller_->work()) {
    }
    resolve();
  }
  void backfill() {
    store::Run run;
    run.what = "crm.companies,crm.contacts";
    execute(store_, run,
            {{source()}, mapper_, *store_, hubspot_.transport, hubspot_.clock, log_, nullptr, {}});
    resolve();
  }

  test::RecordTexts mirrored(const std::string& object) {
    test::RecordTexts out;
    store_.read([&](const store::View& view) {
      for (const store::MirrorRow& row : view.mirror_after(0, 1'000'000)) {
        if (row.ref.object.str() != object) continue;
        if (row.record.state != store::RecordState::present) continue;
        out[row.ref.id.str()] = row.record.json;
      }
    });
    return out;
  }
  test::RecordTexts listed(const std::string& object) {
    const core::ObjectName name(object);
    return test::Copy(hubspot_, object.c_str(), mapper_.rules().paths(kSource, name)).listed();
  }

  test::LocalHubspot hubspot_;
  test::TempStore store_;
  Mapper mapper_;
  telemetry::Log log_;
  std::optional<Poller> poller_;
};

TEST_P(PolledHubspot, AfterQuietTheMirrorEqualsTheSource) {
  test::Editor editor(hubspot_, GetParam());
  hubspot_.crm.set_search_lag(std::chrono::milliseconds(editor.below(240'000)));
  make_poller();
  settle();
  backfill();
  hubspot_.transport.before = [&](const core::HttpRequest&) {
    for (auto edits = editor.below(3); edits > 0; --edits) {
      if (editor.below(2) == 0) editor.move_on(2s);
      editor.edit(editor.below(2) == 0 ? "companies" : "contacts");
    }
  };
  for (int round = 0; round < 6; ++round) {
    editor.move_on(10min);
    if (editor.below(3) == 0) editor.edit_many("companies", 200);
    if (editor.below(3) == 0) {
      poller_.reset();  // as after a start of the program
      store_.reopen();
      make_poller();
    }
    settle();
  }
  hubspot_.transport.before = nullptr;
  // Late rows, the recycle bin and what the deep look back finds.
  for (const auto quiet : {5min, 61min, 6min}) {
    hubspot_.clock.advance(quiet);
    settle();
  }
  for (const char* object : {"companies", "contacts"}) {
    EXPECT_EQ(test::differences(mirrored(object), listed(object)), std::vector<std::string>())
        << object;
  }
  store_.read([](const store::View& view) {
    EXPECT_EQ(view.unresolved(kSource, 10), 0);
    EXPECT_EQ(view.totals().notices[static_cast<std::size_t>(NoticeState::dead)], 0);
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, PolledHubspot, testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace assembly_sync::intake

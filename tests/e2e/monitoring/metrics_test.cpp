// The metrics of a real run, as Prometheus, its alerts, the dashboard and the documents take them.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

constexpr const char* kPrefix = "assembly_sync_";

/// Every word that begins with the prefix; of a histogram without its _bucket, _sum and _count.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  for (auto at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at + 1)) {
    auto end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    std::string name = text.substr(at, end - at);
    for (const char* part : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(part)) name.resize(name.size() - std::string(part).size());
    }
    names.insert(std::move(name));
  }
  return names;
}

/// The value of the one series, labels and all; -1 when it is not there.
double value_of(const std::string& page, const std::string& series) {
  const auto at = page.find('\n' + series + ' ');
  return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
}

/// Of all series of a family.
double sum_of(const std::string& page, const std::string& family) {
  std::istringstream lines(page);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(family + '{') || line.starts_with(family + ' ')) {
      sum += std::stod(line.substr(line.rfind(' ')));
    }
  }
  return sum;
}

/// Where ./dev put it, else where the system has it; empty = nowhere.
std::string promtool() {
  const fs::path brought = source_dir() / "build/tools/prometheus/usr/bin/promtool";
  if (fs::exists(brought)) return brought.string();
  for (const char* folder : {"/usr/bin", "/usr/local/bin"}) {
    if (fs::exists(fs::path(folder) / "promtool")) return std::string(folder) + "/promtool";
  }
  return {};
}

/// What it printed, both streams; `code` is its exit code.
std::string run_promtool(const std::string& arguments, const fs::path& input, int& code) {
  const TempDir folder;
  const std::string out = (folder / "out").string();
  const std::string line =
      '\'' + promtool() + "' " + arguments + " <'" + input.string() + "' >'" + out + "' 2>&1";
  code = std::system(line.c_str());
  return read_file(out);
}

class Monitoring : public testing::Test {
 protected:
  /// A run that uses every lane, refuses and quarantines something, and has a finished backfill.
  static void SetUpTestSuite() {
    World world({.labels = false,
                 .when = "properties.industry != \"HIDDEN\"",
                 .poll_seconds = 1,
                 .rate_per_second = 200});
    sandbox::SampleCrm& crm = world.crm();
    crm.populate(12, 20);
    world.start();
    EXPECT_EQ(world.run({"backfill"}).code, 0);
    using Kind = sandbox::Fault::Kind;
    world.assembly().add_fault(
        {.kind = Kind::status, .status = 500, .method = "PUT", .path_contains = "company"});
    world.assembly().add_fault(
        {.kind = Kind::drop_after, .method = "PUT", .path_contains = "contact"});
    int n = 0;
    for (const Value& record : crm.records("companies")) {
      crm.update("companies", record.text_or("id"),
                 {{"industry", ++n % 4 == 0 ? "HIDDEN" : "MEDIA"}});
    }
    for (const char* job : {"Sailor", "Pilot"}) {
      crm.update("contacts", crm.records("contacts")[0].text_or("id"), {{"jobtitle", job}});
    }
    for (const Value& record : crm.records("contacts")) {
      crm.update("contacts", record.text_or("id"), {{"jobtitle", "Captain"}});
    }
    const auto events = crm.take_events();
    EXPECT_EQ(world.deliver(events), 200);
    EXPECT_TRUE(world.wait_settled(120s)) << world.admin("/");
    EXPECT_EQ(world.deliver(events), 200);
    world.transport().send(crm.webhook(events, "https://elsewhere.test",
                                       world.daemon().webhook_url() + "/hooks/hubspot"));
    EXPECT_TRUE(world.wait_settled(120s)) << world.admin("/");
    world.assembly().add_fault(
        {.kind = Kind::status, .status = 422, .method = "PUT", .path_contains = "company"});
    crm.update("companies", crm.records("companies")[0].text_or("id"), {{"industry", "RETAIL"}});
    EXPECT_EQ(world.deliver(crm.take_events()), 200);
    EXPECT_TRUE(world.wait_settled(120s)) << world.admin("/");
    EXPECT_TRUE(wait_until(
        [&] { return sum_of(world.admin("/metrics"), "assembly_sync_source_reads_total") >= 2; }));
    page_ = world.admin("/metrics");
    status_ = world.status();
    world.daemon().kill();
    world.start();
    page_after_ = world.admin("/metrics");
  }

  static std::string page_;
  static std::string page_after_;
  static Value status_;
};
std::string Monitoring::page_;
std::string Monitoring::page_after_;
Value Monitoring::status_;

TEST_F(Monitoring, Invariant2_TheFinalStatesAndTheOpenNoticesAreAllThatWereReceived) {
  for (const std::string& page : {page_, page_after_}) {
    const double received = value_of(page, "assembly_sync_notices_received_total");
    EXPECT_GT(received, 60);
    EXPECT_EQ(sum_of(page, "assembly_sync_notices_finished") +
                  value_of(page, "assembly_sync_notices_open"),
              received);
  }
  for (const char* state : {"delivered", "unchanged", "filtered", "superseded", "dead"}) {
    EXPECT_GT(
        value_of(page_, "assembly_sync_notices_finished{state=\"" + std::string(state) + "\"}"), 0)
        << state;
  }
}

TEST_F(Monitoring, CountsWhatHappened) {
  const std::string answers = "assembly_sync_webhook_answers_total{source=\"hubspot\",status=";
  EXPECT_EQ(value_of(page_, answers + "\"200\"}"), 3);
  EXPECT_EQ(value_of(page_, answers + "\"401\"}"), 1);
  EXPECT_EQ(value_of(page_, "assembly_sync_quarantined"), 1);
  EXPECT_GE(value_of(page_, "assembly_sync_runs_finished_total{state=\"done\"}"), 1);
  EXPECT_EQ(value_of(page_, "assembly_sync_notices_finished{state=\"delivered\"}"),
            static_cast<double>(status_.at("notices").at("delivered").as_int()));
  EXPECT_GT(sum_of(page_, "assembly_sync_delivery_delay_seconds_count"), 20);
  EXPECT_EQ(value_of(page_, "assembly_sync_deliveries_total{lane=\"live\",outcome=\"rejected\"}"),
            1);
  EXPECT_EQ(value_of(page_, "assembly_sync_store_commits_total{result=\"failed\"}"), 0);
  EXPECT_EQ(value_of(page_, "assembly_sync_bounded{of=\"waiting_for_a_person\"}"), 1);
  EXPECT_GT(value_of(page_, "assembly_sync_bounded{of=\"deliveries_kept\"}"), 20);
  EXPECT_EQ(value_of(page_, "assembly_sync_source_fresh{source=\"hubspot\"}"), 1);
  EXPECT_EQ(value_of(page_, "assembly_sync_authorized"), 1);
}

TEST_F(Monitoring, EveryThingThatIsBoundedHasItsLimit) {
  std::istringstream lines(page_);
  std::set<std::string> is;
  std::set<std::string> most;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("assembly_sync_bounded{")) {
      is.insert(line.substr(line.find('{'), line.find('}') - line.find('{')));
    }
    if (line.starts_with("assembly_sync_bounded_limit{")) {
      most.insert(line.substr(line.find('{'), line.find('}') - line.find('{')));
    }
  }
  EXPECT_EQ(is, most);
  EXPECT_GE(is.size(), 12U);
}

TEST_F(Monitoring, PromtoolFindsNothingWrongWithThePage) {
  if (promtool().empty()) GTEST_SKIP() << "promtool is not here; ./dev test brings it";
  const TempDir folder;
  write_file(folder / "page", page_);
  int code = -1;
  const std::string said = run_promtool("check metrics", folder / "page", code);
  EXPECT_EQ(code, 0) << said;
  EXPECT_EQ(said, "");
}

TEST_F(Monitoring, PromtoolFindsNothingWrongWithTheAlertsAndEachFiresWhenItShould) {
  if (promtool().empty()) GTEST_SKIP() << "promtool is not here; ./dev test brings it";
  int code = -1;
  const std::string rules = (source_dir() / "docs/monitoring/alerts.yaml").string();
  std::string said =
      run_promtool("check rules --lint=all --lint-fatal '" + rules + '\'', "/dev/null", code);
  EXPECT_EQ(code, 0) << said;
  const std::string tests = (source_dir() / "tests/data/monitoring/alerts_test.yaml").string();
  said = run_promtool("test rules '" + tests + '\'', "/dev/null", code);
  EXPECT_EQ(code, 0) << said;
}

TEST_F(Monitoring, EveryAlertIsTried) {
  const std::string rules = read_file(source_dir() / "docs/monitoring/alerts.yaml");
  const std::string tests = read_file(source_dir() / "tests/data/monitoring/alerts_test.yaml");
  std::size_t alerts = 0;
  for (auto at = rules.find("- alert: "); at != std::string::npos;
       at = rules.find("- alert: ", at + 1)) {
    const std::string name = rules.substr(at + 9, rules.find('\n', at) - at - 9);
    EXPECT_THAT(tests, HasSubstr("alertname=\"" + name + "\"")) << name;
    ++alerts;
  }
  EXPECT_GE(alerts, 15U);
}

TEST_F(Monitoring, WhatAlertsAndDashboardAskForIsThere) {
  const std::set<std::string> there = names_in(page_);
  EXPECT_GE(there.size(), 40U);
  for (const char* file : {"alerts.yaml", "dashboard.json"}) {
    const std::string text = read_file(source_dir() / "docs/monitoring" / file);
    const std::set<std::string> asked = names_in(text);
    EXPECT_GE(asked.size(), 15U) << file;
    for (const std::string& name : asked) {
      EXPECT_TRUE(there.contains(name)) << file << " asks for " << name;
    }
  }
  EXPECT_TRUE(core::parse_json(read_file(source_dir() / "docs/monitoring/dashboard.json")));
}

TEST_F(Monitoring, TheManualExplainsEachMetricAndNoOther) {
  const std::string manual = read_file(source_dir() / "docs/operations.md");
  const std::set<std::string> explained = names_in(manual);
  const std::set<std::string> there = names_in(page_);
  std::vector<std::string> differ;
  std::set_symmetric_difference(explained.begin(), explained.end(), there.begin(), there.end(),
                                std::back_inserter(differ));
  EXPECT_THAT(differ, IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::test

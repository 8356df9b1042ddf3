#include "daemon/telemetry/metrics.hpp"

#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace assembly_sync::telemetry {
namespace {

using testing::HasSubstr;

TEST(Metrics, CountsBySeries) {
  Metrics metrics;
  metrics.count(Counted::webhook_answers, {"crm", "200"});
  metrics.count(Counted::webhook_answers, {"crm", "200"}, 2);
  metrics.count(Counted::webhook_answers, {"crm", "503"}, 0);
  const std::string text = metrics.text({});
  EXPECT_THAT(text,
              HasSubstr("assembly_sync_webhook_answers_total{source=\"crm\",status=\"200\"} 3\n"));
  EXPECT_THAT(text,
              HasSubstr("assembly_sync_webhook_answers_total{source=\"crm\",status=\"503\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE assembly_sync_webhook_answers_total counter\n"));
}

TEST(Metrics, TimesInBuckets) {
  Metrics metrics;
  metrics.announce(Timed::delivery_delay, {"retry"});
  metrics.time(Timed::delivery_delay, {"live"}, 0.3);
  metrics.time(Timed::delivery_delay, {"live"}, 1'000'000);
  const std::string text = metrics.text({});
  const std::string name = "assembly_sync_delivery_delay_seconds";
  EXPECT_THAT(text, HasSubstr(name + "_bucket{lane=\"live\",le=\"0.25\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{lane=\"live\",le=\"0.5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{lane=\"live\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count{lane=\"retry\"} 0\n"));
}

TEST(Metrics, WritesWhatIsHandedIn) {
  const Metrics metrics;
  const std::string text =
      metrics.text({{.name = "assembly_sync_bounded",
                     .help = "How much there is.",
                     .samples = {{{{"of", "log \"bytes\""}}, 5'000'000'000.0}}}});
  EXPECT_THAT(text, HasSubstr("# HELP assembly_sync_bounded How much there is.\n"
                              "# TYPE assembly_sync_bounded gauge\n"
                              "assembly_sync_bounded{of=\"log \\\"bytes\\\"\"} 5000000000\n"));
}

TEST(Metrics, WrongLabelsAreAMistakeOfOurs) {
  Metrics metrics;
  EXPECT_THROW(metrics.count(Counted::runs, {}), std::logic_error);
}

TEST(MetricsConcurrency, CountFromManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        for (int n = 0; n < 500; ++n) {
          metrics.count(Counted::commits, {"done"});
          metrics.time(Timed::commit, {}, 0.001);
          if (n % 100 == 0) metrics.text({});
        }
      });
    }
  }
  EXPECT_THAT(metrics.text({}),
              HasSubstr("assembly_sync_store_commits_total{result=\"done\"} 2000\n"));
}

}  // namespace
}  // namespace assembly_sync::telemetry

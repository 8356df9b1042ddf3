#include "daemon/cli/patient_listing.hpp"

#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::cli {
namespace {

using namespace connectors::test;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = connectors::ReadError::Kind;

/// Whose time passes by sleeping alone.
class SleepersClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return kNow + slept(); }
  core::SteadyTime steady_now() const override { return steady_; }
  bool sleep_until(core::SteadyTime when, std::stop_token) override {
    sleeps.push_back(std::chrono::duration_cast<core::Millis>(when - steady_).count());
    steady_ = when;
    return true;
  }
  std::vector<std::int64_t> sleeps;  // ms

 private:
  core::Millis slept() const {
    return std::chrono::duration_cast<core::Millis>(steady_ - core::SteadyTime{});
  }
  core::SteadyTime steady_{};
};

const core::ObjectName kPeople("people");
const std::string kObjects =
    "objects: {people: {request: {path: /p, query: {page: \"{page}\"}}, pages: {scheme: page}}}";

TEST(PatientListing, keeps_to_the_rate_of_a_source_and_reads_all_of_it) {
  const auto source = make_rest("rate: {requests: 2, seconds: 60}\n" + kObjects);
  int row = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    return ++row == 4 ? answer(200, "[]") : answer(200, "[{\"id\":" + std::to_string(row) + "}]");
  });
  SleepersClock clock;
  std::optional<std::string> cursor;
  std::vector<std::string> ids;
  do {
    auto page = list_patiently(*source, kPeople, cursor, {}, transport, clock);
    ASSERT_TRUE(page.has_value()) << page.error().reason;
    for (const std::string& id : ids_of(page->records)) ids.push_back(id);
    cursor = page->next;
  } while (cursor);
  EXPECT_THAT(ids, ElementsAre("1", "2", "3"));
  EXPECT_THAT(clock.sleeps, ElementsAre(30'000, 30'000, 30'000));
}

TEST(PatientListing, does_not_wait_for_ever_nor_without_being_asked_to) {
  const auto source = make_rest(kObjects);
  const auto slept = [&](const core::HttpResponse& always, Kind kind) {
    ScriptedTransport transport([&](const core::HttpRequest&) { return always; });
    SleepersClock clock;
    const auto page = list_patiently(*source, kPeople, {}, {}, transport, clock);
    EXPECT_FALSE(page.has_value());
    EXPECT_EQ(page.error().kind, kind);
    return clock.sleeps;
  };
  EXPECT_THAT(slept(answer(429, "", {{"Retry-After", "7"}}), Kind::throttled),
              ElementsAre(7000, 7000, 7000, 7000, 7000));
  EXPECT_THAT(slept(answer(429, "", {{"Retry-After", "3600"}}), Kind::throttled), IsEmpty());
  EXPECT_THAT(slept(answer(429, ""), Kind::throttled), IsEmpty());
  EXPECT_THAT(slept(answer(503, "", {{"Retry-After", "7"}}), Kind::transient), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::cli

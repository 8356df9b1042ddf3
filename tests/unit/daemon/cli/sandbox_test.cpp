// `sandbox --switch`: what it lists and what it refuses, before anything listens.
#include <sstream>

#include <gmock/gmock.h>

#include "daemon/cli/cli.hpp"

namespace assembly_sync::cli {
namespace {

using testing::HasSubstr;

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

Ended run_with(const std::vector<std::string>& arguments) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const auto secrets = config::make_system_secret_provider();
  const int code = run(arguments, Streams{in, out, err}, *secrets);
  return {code, out.str(), err.str()};
}

TEST(SandboxVerb, SwitchHelpListsEverySwitchWithItsValues) {
  const Ended ended = run_with({"sandbox", "--switch", "help"});
  EXPECT_EQ(ended.code, kDone);
  EXPECT_THAT(ended.out, HasSubstr("null=refused|clears|ignored"));
  EXPECT_THAT(ended.out, HasSubstr("labels_path=accounts|account|both"));
  EXPECT_EQ(ended.err, "");
}

TEST(SandboxVerb, ASlipInASwitchIsToldWithTheNearestName) {
  const Ended name = run_with({"sandbox", "--switch", "page_cap=2", "--switch", "page_cup=2"});
  EXPECT_EQ(name.code, kUsage);
  EXPECT_THAT(name.err, HasSubstr("no switch page_cup; did you mean page_cap?"));
  const Ended value = run_with({"sandbox", "--switch", "page_cap=3"});
  EXPECT_EQ(value.code, kUsage);
  EXPECT_THAT(value.err, HasSubstr("page_cap: expected 1000 or 50 or 2, got 3"));
  EXPECT_EQ(value.out, "");
}

}  // namespace
}  // namespace assembly_sync::cli

// The one table behind --switch, /_sandbox/switches and the tests of the client.
#include <algorithm>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>

#include "daemon/sandbox/switches.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::Switches;
using testing::HasSubstr;

const std::filesystem::path kRoot = test::source_dir();

TEST(SwitchTable, TheFirstValueOfEachIsTheDefaultAndEachValueIsAnotherState) {
  for (const sandbox::SwitchRow& row : sandbox::switch_table()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.get(Switches{}), 0U);
    ASSERT_GE(row.values.size(), 2U);
    for (std::size_t value = 0; value < row.values.size(); ++value) {
      Switches switches;
      row.set(switches, value);
      EXPECT_EQ(row.get(switches), value);
      EXPECT_EQ(switches == Switches{}, value == 0);
    }
  }
}

TEST(SwitchTable, NamesAreUniqueAndEachIsExplainedWithItsNumber) {
  const std::string document = read_file(kRoot / "docs" / "assembly-api.md");
  std::set<std::string_view> names;
  for (const sandbox::SwitchRow& row : sandbox::switch_table()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_FALSE(row.help.empty());
    // The number's row in the document names the switch.
    const auto at = document.find("\n| " + std::string(row.rule) + " |");
    ASSERT_NE(at, std::string::npos) << row.rule;
    const std::string line = document.substr(at + 1, document.find('\n', at + 1) - at - 1);
    EXPECT_THAT(line, HasSubstr(row.name));
  }
}

TEST(SwitchTable, ASlipIsToldWithTheNearestName) {
  const auto error = [](std::string_view assignment) {
    const auto changed = sandbox::with_switch({}, assignment);
    return changed ? "none" : changed.error().message;
  };
  EXPECT_EQ(error("next_curser=null"), "no switch next_curser; did you mean next_cursor?");
  EXPECT_EQ(error("next_curser"), "no switch next_curser; did you mean next_cursor?");
  EXPECT_EQ(error("quite_something_else=1"), "no switch quite_something_else");
  EXPECT_EQ(error("retry_after"), "expected NAME=VALUE, got retry_after");
  EXPECT_EQ(error("retry_after=never"), "retry_after: expected seconds or date or none, got never");
  EXPECT_EQ(error("retry_after=none"), "none");
}

TEST(SwitchTable, SwitchesAsJsonAndBack) {
  const Switches switches = with({"null=clears", "page_cap=2", "create_answer=201"});
  const Value object = sandbox::to_value(switches);
  EXPECT_EQ(object.as_object().size(), sandbox::switch_table().size());
  EXPECT_EQ(object.text_or("null"), "clears");
  EXPECT_EQ(object.text_or("page_cap"), "2");
  EXPECT_EQ(*sandbox::with_switches({}, object), switches);
  EXPECT_FALSE(sandbox::with_switches({}, Value("null")));
  EXPECT_FALSE(sandbox::with_switches({}, json(R"({"null":1})")));
}

TEST(SwitchTable, HelpHasOneLineForEach) {
  const std::string help = sandbox::switch_help();
  EXPECT_EQ(static_cast<std::size_t>(std::count(help.begin(), help.end(), '\n')),
            sandbox::switch_table().size());
  EXPECT_THAT(help, HasSubstr("next_cursor=offset|zero|null|absent"));
}

}  // namespace
}  // namespace assembly_sync::test

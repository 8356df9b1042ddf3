#include "mapping/reference.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/support.hpp"

namespace assembly_sync::mapping {
namespace {

TEST(Reference, InDocsIsWhatTheFunctionTableSays) {
  const std::string fresh = reference_markdown();
  const std::filesystem::path stored =
      std::filesystem::path(ASSEMBLY_SYNC_SOURCE_DIR) / "docs" / "mapping-language.md";
  const std::string text =
      std::filesystem::exists(stored) ? assembly_sync::test::read_file(stored) : std::string();
  if (text == fresh) return;
  const std::filesystem::path made = std::filesystem::temp_directory_path() / "mapping-language.md";
  assembly_sync::test::write_file(made, fresh);
  FAIL() << "docs/mapping-language.md is out of date. To renew it:\n  cp " << made.string() << ' '
         << stored.string();
}

}  // namespace
}  // namespace assembly_sync::mapping

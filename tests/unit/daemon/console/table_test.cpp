// A table that can be read at any width.
#include "daemon/console/table.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assembly_sync::console {
namespace {

using testing::HasSubstr;

TEST(Table, EachCellKnowsTheNameOfItsColumn) {
  const std::string html =
      table("Dead letters", {"Name", "How many", "Reason"},
            {{head_cell("a"), number_cell("1"), prose_cell("because ", tag("b", "of it"))},
             {head_cell("b"), number_cell("2"), ""}})
          .html();
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\" role=\"rowheader\">a</th>"));
  EXPECT_THAT(html, HasSubstr("<td role=\"cell\" data-label=\"How many\" class=\"number\">1</td>"));
  EXPECT_THAT(html, HasSubstr("<td role=\"cell\" data-label=\"Reason\" class=\"long\">because "
                              "<b>of it</b></td>"));
  EXPECT_THAT(html, HasSubstr("<td role=\"cell\" data-label=\"Reason\"></td>"))
      << "empty: a stylesheet leaves it out";
}

TEST(Table, ItStaysATableWhereAStylesheetShowsBlocks) {
  const std::string html = table("Runs", {"Run"}, {{"1"}}).html();
  for (const char* const role :
       {"<table role=\"table\">", "<thead role=\"rowgroup\">", "<tbody role=\"rowgroup\">",
        "<tr role=\"row\">", "<th scope=\"col\" role=\"columnheader\">"}) {
    EXPECT_THAT(html, HasSubstr(role));
  }
}

TEST(Table, WhatStandsInItIsEscaped) {
  const std::string html = table("a\"b", {"<i>"}, {{"<script>"}}).html();
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_THAT(html, HasSubstr("data-label=\"&lt;i&gt;\">&lt;script&gt;</td>"));
}

TEST(Table, ARowHasACellForEachHead) {
  EXPECT_THROW(table("Runs", {"Run", "State"}, {{"1"}}), std::logic_error);
}

}  // namespace
}  // namespace assembly_sync::console

#include "connectors/ndjson/ndjson.hpp"

#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors::ndjson {
namespace {

using Texts = std::vector<std::string>;

const core::ObjectName kTeams{"teams"};

class NdjsonFile : public testing::Test {
 protected:
  void write(const std::string& text) { test::write_file(folder_ / "teams.ndjson", text); }
  SourceSettings settings() const {
    SourceSettings result;
    result.name = core::SourceName("s");
    result.texts = {{"path", (folder_ / "teams.ndjson").string()}};
    result.objects = {{kTeams, "data.id"}};
    result.objects.front().updated = "at";
    return result;
  }
  Page whole(int* pages = nullptr) {
    const auto source = find_type("ndjson")->make(settings());
    Page all;
    std::optional<std::string> cursor;
    do {
      auto page = source->list(kTeams, cursor, {}, no_transport_, {});
      if (!page) throw std::runtime_error(page.error().reason);
      for (core::Record& record : page->records) all.records.push_back(std::move(record));
      for (std::string& row : page->bad_rows) all.bad_rows.push_back(std::move(row));
      for (std::string& text : page->warnings) all.warnings.push_back(std::move(text));
      cursor = page->next;
      if (pages != nullptr) ++*pages;
    } while (cursor);
    return all;
  }

  test::TempDir folder_;
  test::ScriptedTransport no_transport_{std::vector<core::HttpResponse>{}};
};

TEST_F(NdjsonFile, a_line_is_a_record_as_it_was_written) {
  write("\xEF\xBB\xBF" + std::string(R"({"data":{"id":"a"},"sum":1.50,"at":"2026-01-31"})") +
        "\r\n\n  \n" + R"({"data":{"id":7}})");
  const Page all = whole();
  ASSERT_EQ(all.records.size(), 2U);
  EXPECT_EQ(all.records[0].ref,
            (core::RecordRef{core::SourceName("s"), kTeams, core::RecordId("a")}));
  EXPECT_EQ(all.records[0].json, R"({"data":{"id":"a"},"sum":1.50,"at":"2026-01-31"})");
  EXPECT_EQ(all.records[0].version, 1'769'817'600'000);
  EXPECT_EQ(all.records[1].ref.id.str(), "7");
  EXPECT_EQ(all.records[1].version, 0);
  EXPECT_EQ(all.bad_rows, Texts{});
  EXPECT_EQ(all.warnings, Texts{});
}

TEST_F(NdjsonFile, bad_lines_are_named_without_a_value_and_the_others_go_on) {
  write(
      "{\"data\":{\"id\":1}}\n"
      "{\"data\":{\"id\":\"secret\"\n"
      "[\"secret\"]\n"
      "{\"data\":{\"id\":1.5}}\n"
      "{\"data\":\"secret\"}\n"
      "{\"data\":{\"id\":\"\"}}\n"
      "{\"data\":{\"id\":2},\"at\":\"secret\"}\n"
      "\xFF\n"
      "{\"data\":{\"id\":3}} {}\n"
      "{\"data\":{\"id\":4}}\n");
  const Page all = whole();
  std::string ids;
  for (const core::Record& record : all.records) ids += record.ref.id.str() + ' ';
  EXPECT_EQ(ids, "1 2 4 ");
  ASSERT_EQ(all.bad_rows.size(), 7U);
  EXPECT_EQ(all.bad_rows[1], "line 3: expected a JSON object, got a list");
  EXPECT_EQ(all.bad_rows[2], "line 4: expected a text or a whole number at data.id, got a number");
  EXPECT_EQ(all.bad_rows[3], "line 5: expected a text or a whole number at data.id, got nothing");
  EXPECT_EQ(all.bad_rows[4], "line 6: expected a text or a whole number at data.id, got a text");
  EXPECT_EQ(all.warnings, Texts{"line 7: expected a time at at, got a text of another form; the "
                                "record is taken as one without a time"});
  for (const std::string& row : all.bad_rows) {
    EXPECT_EQ(row.find("secret"), std::string::npos) << row;
  }
}

TEST_F(NdjsonFile, a_line_that_is_too_long_costs_nothing_but_itself) {
  const std::string filler(core::limits::kRecordBytes, 'x');
  write("{\"data\":{\"id\":1}}\n{\"data\":{\"id\":2},\"a\":\"" + filler +
        "\"}\n{\"data\":{\"id\":3}}\n");
  const Page all = whole();
  ASSERT_EQ(all.records.size(), 2U);
  EXPECT_EQ(all.records[1].ref.id.str(), "3");
  EXPECT_EQ(all.bad_rows, Texts{"line 2: longer than 4194304 bytes"});
}

TEST_F(NdjsonFile, pages_go_on_where_the_one_before_ended) {
  std::string text;
  for (int i = 1; i <= 1050; ++i) {
    text += "{\"data\":{\"id\":" + std::to_string(i) + "}}" + (i % 7 == 0 ? "\r\n\n" : "\n");
  }
  write(text);
  int pages = 0;
  const Page all = whole(&pages);
  EXPECT_EQ(pages, 11);
  ASSERT_EQ(all.records.size(), 1050U);
  for (std::size_t i = 0; i < all.records.size(); ++i) {
    EXPECT_EQ(all.records[i].ref.id.str(), std::to_string(i + 1));
  }
}

}  // namespace
}  // namespace assembly_sync::connectors::ndjson

#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "connectors/files/file_set.hpp"
#include "connectors/registry.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors::files {
namespace {

using Texts = std::vector<std::string>;

const core::ObjectName kRows{"rows"};

/// Files `*.csv` of a folder as one object.
class Files : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) {
    test::write_file(folder_ / name, text);
  }
  /// A header and the rows `first` to `last`.
  static std::string rows(int first, int last) {
    std::string text = "id,name\n";
    for (int i = first; i <= last; ++i) text += std::to_string(i) + ",x\n";
    return text;
  }
  std::unique_ptr<Connector> source(const std::string& pattern) const {
    SourceSettings settings;
    settings.name = core::SourceName("s");
    settings.texts = {{"path", path(pattern)}};
    settings.objects = {{kRows, "id"}};
    return find_type("csv")->make(settings);
  }
  ReadResult<Page> page(const std::optional<std::string>& cursor, core::WallTime now = {}) {
    return source_->list(kRows, cursor, {}, no_transport_, now);
  }
  static Texts ids(const Page& page) {
    Texts out;
    for (const core::Record& record : page.records) out.push_back(record.ref.id.str());
    return out;
  }
  /// The ids of all pages from `cursor` to the end; `between` is called after each page.
  template <class Between>
  Texts whole(std::optional<std::string> cursor, Between between) {
    Texts all;
    do {
      const auto one = page(cursor);
      if (!one) return {one.error().reason};
      for (const std::string& id : ids(*one)) all.push_back(id);
      for (const std::string& row : one->bad_rows) all.push_back("! " + row);
      for (const std::string& text : one->warnings) warnings_.push_back(text);
      cursor = one->next;
      between();
    } while (cursor);
    return all;
  }
  Texts whole() {
    return whole({}, [] {});
  }
  /// When the file was written to, plus `ms`.
  core::WallTime after_writing(const std::string& name, std::int64_t ms) const {
    return core::from_ms(state_of(path(name))->modified_ns / 1'000'000 + ms);
  }

  test::TempDir folder_;
  test::ScriptedTransport no_transport_{std::vector<core::HttpResponse>{}};
  std::unique_ptr<Connector> source_ = source("*.csv");
  Texts warnings_;
};

TEST_F(Files, of_a_pattern_are_read_by_name_and_name_their_bad_rows) {
  write("b.csv", "name,id\ny,3\nz\n");
  write("a.csv", "id\n1\n2\n");
  write(".hidden.csv", "id\n9\n");
  write("c.txt", "id\n8\n");
  std::filesystem::create_directory(folder_ / "d.csv");
  EXPECT_EQ(whole(), (Texts{"1", "2", "3", "! b.csv: line 3: expected 2 fields, got 1"}));
}

TEST_F(Files, that_no_pattern_finds_are_an_error_with_the_pattern) {
  const auto result = page({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ReadError::Kind::rejected);
  EXPECT_EQ(result.error().reason,
            path("*.csv") + ": expected at least one file of such a name, got none");
}

TEST_F(Files, may_have_a_name_that_looks_like_a_pattern) {
  write("a[1].csv", "id\n1\n");
  source_ = source("a[1].csv");
  EXPECT_EQ(whole(), Texts{"1"});
}

TEST_F(Files, may_each_fill_many_pages) {
  write("a.csv", rows(1, 250));
  write("b.csv", rows(251, 500));
  Texts expected;
  for (int i = 1; i <= 500; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(whole(), expected);
}

TEST_F(Files, that_change_between_two_pages_are_read_again_as_a_whole) {
  const struct {
    std::string what;
    void (*change)(const std::filesystem::path& folder);
    int last;  // of the rows from 1 on that are there afterwards
  } kChanges[] = {
      {"cut", [](const auto& f) { test::write_file(f / "a.csv", rows(1, 120)); }, 120},
      {"longer", [](const auto& f) { test::write_file(f / "a.csv", rows(1, 333)); }, 333},
      {"another file under the name",
       [](const auto& f) {
         test::write_file(f / "new", rows(1, 290));
         std::filesystem::rename(f / "new", f / "a.csv");
       },
       290},
      {"a further file before it",
       [](const auto& f) { test::write_file(f / "0.csv", rows(251, 300)); }, 300},
      {"a further file behind it",
       [](const auto& f) { test::write_file(f / "z.csv", rows(251, 300)); }, 300},
  };
  for (const auto& [what, change, last] : kChanges) {
    SCOPED_TRACE(what);
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::filesystem::remove(entry);
    }
    warnings_.clear();
    write("a.csv", rows(1, 250));
    const auto first = page({});
    ASSERT_TRUE(first && first->next);
    change(folder_.path());
    const Texts rest = whole(first->next, [] {});
    const std::set<std::string> seen(rest.begin(), rest.end());
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(last));
    EXPECT_EQ(warnings_,
              Texts{path("*.csv") + ": changed while it was read, so all is read again"});
  }
}

TEST_F(Files, that_vanish_while_they_are_read_do_not_end_the_listing) {
  write("a.csv", rows(1, 250));
  const auto first = page({});
  ASSERT_TRUE(first && first->next);
  std::filesystem::remove(folder_ / "a.csv");
  const auto second = page(first->next);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ReadError::Kind::transient);
  EXPECT_EQ(second.error().reason, path("*.csv") +
                                       ": expected at least one file of such a name, got none; it "
                                       "was there when its reading began");
  write("a.csv", rows(1, 3));
  EXPECT_EQ(whole(first->next, [] {}), (Texts{"1", "2", "3"}));
}

TEST_F(Files, that_are_still_being_written_are_waited_for) {
  write("a.csv", rows(1, 250));
  const auto first = page({});
  ASSERT_TRUE(first && first->next);
  write("a.csv", rows(1, 251));
  const auto soon = page(first->next, after_writing("a.csv", 1000));
  ASSERT_FALSE(soon);
  EXPECT_EQ(soon.error().kind, ReadError::Kind::transient);
  EXPECT_NE(soon.error().reason.find("is still being written"), std::string::npos);
  EXPECT_TRUE(page(first->next, after_writing("a.csv", 3000)));
}

TEST_F(Files, a_last_line_without_an_end_is_a_row_only_when_nobody_writes_any_more) {
  write("a.csv", "id,name\n1,x\n2,half of a na");
  const auto soon = page({}, after_writing("a.csv", 500));
  ASSERT_FALSE(soon);
  EXPECT_EQ(soon.error().kind, ReadError::Kind::transient);
  EXPECT_EQ(soon.error().reason, path("a.csv") +
                                     ": the last line has no end, and the file was changed a "
                                     "moment ago: it is still being written");
  EXPECT_EQ(ids(*page({}, after_writing("a.csv", 2500))), (Texts{"1", "2"}));
  write("a.csv", "id,name\n1,x\n2,whole\n");
  EXPECT_EQ(ids(*page({}, after_writing("a.csv", 500))), (Texts{"1", "2"}));
}

TEST_F(Files, have_a_fingerprint_that_any_change_moves) {
  EXPECT_EQ(source_->fingerprint(kRows), std::nullopt);
  write("a.csv", "id\n1\n");
  std::set<std::string> seen;
  const auto is_new = [&] { return seen.insert(source_->fingerprint(kRows).value()).second; };
  EXPECT_TRUE(is_new());
  EXPECT_FALSE(is_new()) << "nothing changed";
  write("a.csv", "id\n2\n");
  EXPECT_TRUE(is_new()) << "same size, perhaps within one tick of the clock";
  const auto time = std::filesystem::last_write_time(folder_ / "a.csv");
  write("a.csv", "id\n3\n");
  std::filesystem::last_write_time(folder_ / "a.csv", time);
  EXPECT_TRUE(is_new()) << "same size and time";
  write("b.csv", "id\n4\n");
  EXPECT_TRUE(is_new()) << "a further file";
  std::filesystem::rename(folder_ / "b.csv", folder_ / "c.csv");
  EXPECT_TRUE(is_new()) << "another name";
  std::filesystem::remove(folder_ / "c.csv");
  is_new();  // the state before, or not: rights and names count as changes
  write("a.txt", "id\n5\n");
  EXPECT_FALSE(is_new()) << "a file of another kind";
}

}  // namespace
}  // namespace assembly_sync::connectors::files

#include "connectors/csv/csv_reader.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "core/random.hpp"

namespace assembly_sync::connectors::csv {
namespace {

using Fields = std::vector<std::string>;

std::vector<Row> read_all(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in, {});
  std::vector<Row> rows;
  for (Row row; reader.next(row);) rows.push_back(row);
  return rows;
}

/// "2: a|b" for a row, "3! problem" for a malformed one.
std::vector<std::string> summary(const std::string& text) {
  std::vector<std::string> lines;
  for (const Row& row : read_all(text)) {
    std::string line = std::to_string(row.line);
    if (!row.problem.empty()) {
      lines.push_back(line + "! " + row.problem);
      continue;
    }
    line += ": ";
    for (std::size_t i = 0; i < row.fields.size(); ++i) line += (i == 0 ? "" : "|") + row.fields[i];
    lines.push_back(line);
  }
  return lines;
}

TEST(CsvReader, reads_well_formed_text) {
  const struct {
    std::string text;
    std::vector<std::string> rows;
  } kCases[] = {
      {"", {}},
      {"\n", {}},
      {"\r\n\n\r\n", {}},
      {"a", {"1: a"}},
      {"a,b\n", {"1: a|b"}},
      {"a,b", {"1: a|b"}},
      {"a,b\nc,d", {"1: a|b", "2: c|d"}},
      {"a,b\r\nc,d\r\n", {"1: a|b", "2: c|d"}},
      {"a,b\nc,d\r", {"1: a|b", "2: c|d"}},
      {"\n\na\n\n\nb\n", {"3: a", "6: b"}},
      {",\n", {"1: |"}},
      {",,", {"1: ||"}},
      {"a,\n,b\n", {"1: a|", "2: |b"}},
      {R"("a","b")", {"1: a|b"}},
      {R"("a,b",c)", {"1: a,b|c"}},
      {R"("a ""b"" c")", {R"(1: a "b" c)"}},
      {R"("""")", {R"(1: ")"}},
      {R"("")", {"1: "}},
      {"\"\",\"\"\n", {"1: |"}},
      {"\"a\nb\",c\nd,e\n", {"1: a\nb|c", "3: d|e"}},
      {"\"a\r\nb\",c\r\nd,e\r\n", {"1: a\r\nb|c", "3: d|e"}},
      {" a , b \n", {"1:  a | b "}},
      {"a\rb,c\n", {"1: a\rb|c"}},
      {"\xC5\xBC,\xF0\x9F\x98\x80\n", {"1: \xC5\xBC|\xF0\x9F\x98\x80"}},
  };
  for (const auto& [text, rows] : kCases) EXPECT_EQ(summary(text), rows) << text;
}

TEST(CsvReader, reports_malformed_rows_and_goes_on_at_the_next_line) {
  const struct {
    std::string text;
    std::vector<std::string> rows;
  } kCases[] = {
      {"a\"b,c\nd,e\n", {"1! a quote inside a field that does not begin with one", "2: d|e"}},
      {" \"a\"\nb\n", {"1! a quote inside a field that does not begin with one", "2: b"}},
      {"\"a\"b,c\nd,e\n", {"1! text follows a closing quote", "2: d|e"}},
      {"\"a\" ,c\nd,e\n", {"1! text follows a closing quote", "2: d|e"}},
      {"\"a\"\rb\nc\n", {"1! text follows a closing quote", "2: c"}},
      {"a,\"b\nc,d\ne,f\n", {"1! a quote is never closed", "2: c|d", "3: e|f"}},
      {"\"", {"1! a quote is never closed"}},
      {"a,\"b\nc,\"d\"\n", {"1! text follows a closing quote", "2: c|d"}},
      {"a\n\xFF,b\nc\n", {"1: a", "2! not UTF-8 (is `encoding` another one?)", "3: c"}},
      {"\"x\ny\xC0\x80\",b\nc\n", {"1! not UTF-8 (is `encoding` another one?)", "3: c"}},
  };
  for (const auto& [text, rows] : kCases) EXPECT_EQ(summary(text), rows) << text;
}

TEST(CsvReader, a_row_may_be_as_long_as_the_limit_and_no_longer) {
  const std::size_t limit = core::limits::kCsvRowBytes;
  EXPECT_EQ(read_all(std::string(limit, 'x') + "\n").at(0).fields.at(0).size(), limit);
  const std::string problem = "longer than " + std::to_string(limit) + " bytes";
  for (const std::string& text :
       {std::string(limit + 1, 'x'), "\"" + std::string(limit, 'x') + "\"",
        std::string(3 * limit, 'x'), "\"" + std::string(3 * limit, '\n')}) {
    EXPECT_EQ(read_all(text + "\nnext\n").at(0).problem, problem);
    EXPECT_EQ(read_all(text + "\nnext\n").back().fields, Fields{"next"});
  }
}

TEST(CsvReader, a_row_may_have_as_many_fields_as_the_limit_and_no_more) {
  const std::size_t limit = core::limits::kCsvColumns;
  EXPECT_EQ(read_all(std::string(limit - 1, ',') + "\n").at(0).fields.size(), limit);
  const auto rows = read_all(std::string(limit, ',') + "\nnext\n");
  EXPECT_EQ(rows.at(0).problem, "more than " + std::to_string(limit) + " fields");
  EXPECT_EQ(rows.at(1).fields, Fields{"next"});
}

TEST(CsvReader, fields_of_an_earlier_row_do_not_show_in_a_shorter_one) {
  std::istringstream in("aaa,bbb,ccc\nd\n,\n");
  CsvReader reader(in, {});
  Row row;
  ASSERT_TRUE(reader.next(row));
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.fields, Fields{"d"});
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.fields, (Fields{"", ""}));
  EXPECT_FALSE(reader.next(row));
}

TEST(CsvReader, knows_text_that_is_not_utf8) {
  for (const std::string good :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "a\xC5\xBC"
        "b"}) {
    EXPECT_TRUE(is_utf8(good)) << testing::PrintToString(good);
  }
  for (const std::string bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2",
                                "\xC2"
                                "a",
                                "\xE0\x9F\xBF", "\xE1\x80",
                                "\xE1\x80"
                                "a",
                                "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                                "\xF0\x90\x80"
                                "a",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "a\xC5"}) {
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
  }
}

/// Tables of awkward texts, the same ones for the same seed.
class RandomTable {
 public:
  explicit RandomTable(std::uint64_t seed) : random_(core::make_seeded_random(seed)) {}

  std::size_t below(std::size_t limit) { return random_->next() % limit; }

  std::vector<Fields> make() {
    std::vector<Fields> table(1 + below(40), Fields(1 + below(6)));
    for (Fields& row : table) {
      for (std::string& field : row) {
        static const std::string kPieces[] = {"a", "bc",       ",",    "\"",  "\n", "\r\n", "\r",
                                              " ", "\xC5\xBC", "\"\"", "x,y", ";",  "\t",   "0"};
        for (std::size_t i = below(6); i > 0; --i) field += kPieces[below(std::size(kPieces))];
      }
    }
    return table;
  }

  /// Quotes where it must, and here and there where it need not.
  std::string write(const std::vector<Fields>& table) {
    const std::string end = below(2) == 0 ? "\n" : "\r\n";
    std::string text;
    for (std::size_t r = 0; r < table.size(); ++r) {
      for (std::size_t i = 0; i < table[r].size(); ++i) {
        text += (i == 0 ? "" : ",") + write(table[r][i], table[r].size() == 1);
      }
      if (r + 1 < table.size() || below(2) == 0) text += end;
      if (below(5) == 0 && r + 1 < table.size()) text += end;
    }
    return text;
  }

 private:
  std::string write(const std::string& field, bool alone) {
    const bool must = field.find_first_of(",\"\r\n") != std::string::npos;
    if (!must && !(alone && field.empty()) && below(3) != 0) return field;
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
  }

  std::unique_ptr<core::Random> random_;
};

TEST(CsvReader, reads_back_any_table_that_was_written) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    RandomTable random(seed);
    const std::vector<Fields> table = random.make();
    const std::string text = random.write(table);
    std::vector<Fields> read;
    for (const Row& row : read_all(text)) {
      ASSERT_EQ(row.problem, "") << "seed " << seed;
      read.push_back(row.fields);
    }
    ASSERT_EQ(read, table) << "seed " << seed << ": " << testing::PrintToString(text);
  }
}

TEST(CsvReader, reading_on_from_any_row_equals_reading_in_one_go) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomTable random(seed);
    std::string text = random.write(random.make());
    // A few broken bytes, so that positions behind malformed rows are tried too.
    for (int i = 0; i < 3; ++i) text[random.below(text.size())] = "\"\xFF,\n"[random.below(4)];
    const std::vector<Row> whole = read_all(text);
    Position position;
    for (const Row& expected : whole) {
      std::istringstream in(text);
      in.seekg(static_cast<std::streamoff>(position.offset));
      CsvReader reader(in, position);
      Row row;
      ASSERT_TRUE(reader.next(row));
      EXPECT_EQ(row.line, expected.line) << "seed " << seed;
      EXPECT_EQ(row.problem, expected.problem) << "seed " << seed;
      if (row.problem.empty()) {
        EXPECT_EQ(row.fields, expected.fields) << "seed " << seed;
      }
      ASSERT_LT(position, reader.position());
      position = reader.position();
    }
  }
}

TEST(CsvReader, rows_across_the_borders_of_its_buffer_are_whole) {
  std::string text;
  std::vector<Fields> expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(i);
    const std::string filler(static_cast<std::size_t>(i % 37), 'x');
    expected.push_back({number, filler + "\"\r\n" + number});
    text += number + ",\"" + filler + "\"\"\r\n" + number + "\"\r\n";
  }
  std::vector<Fields> read;
  for (const Row& row : read_all(text)) read.push_back(row.fields);
  EXPECT_EQ(read, expected);
}

}  // namespace
}  // namespace assembly_sync::connectors::csv

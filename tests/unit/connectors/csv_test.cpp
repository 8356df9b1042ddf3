#include "connectors/csv/csv.hpp"

#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors::csv {
namespace {

using test::json;

const core::ObjectName kCustomers{"customers"};

class CsvFile : public testing::Test {
 protected:
  void write(const std::string& text) { test::write_file(file(), text); }
  std::string file() const { return (folder_ / "billing.csv").string(); }

  SourceSettings settings() const {
    SourceSettings result;
    result.name = core::SourceName("billing");
    result.texts = {{"path", file()}};
    result.objects = {{kCustomers, "id"}};
    return result;
  }
  std::unique_ptr<Connector> source() const { return find_type("csv")->make(settings()); }

  ReadResult<Page> page(const std::optional<std::string>& cursor = {}) {
    return source()->list(kCustomers, cursor, {}, no_transport_, {});
  }
  /// All pages together; `cursors` gets those in between.
  Page whole(std::vector<std::string>* cursors = nullptr) {
    Page all;
    std::optional<std::string> cursor;
    do {
      auto one = page(cursor);
      if (!one) throw std::runtime_error(one.error().reason);
      append(*one, all);
      cursor = one->next;
      if (cursor && cursors != nullptr) cursors->push_back(*cursor);
    } while (cursor);
    return all;
  }
  static void append(const Page& one, Page& all) {
    all.records.insert(all.records.end(), one.records.begin(), one.records.end());
    all.bad_rows.insert(all.bad_rows.end(), one.bad_rows.begin(), one.bad_rows.end());
    all.warnings.insert(all.warnings.end(), one.warnings.begin(), one.warnings.end());
  }
  std::string refusal(const std::optional<std::string>& cursor = {}) {
    const auto result = page(cursor);
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ReadError::Kind::rejected);
    return result.error().reason;
  }

  test::TempDir folder_;
  test::ScriptedTransport no_transport_{std::vector<core::HttpResponse>{}};
};

TEST_F(CsvFile, a_row_becomes_a_record_of_texts) {
  write("id,name,seats\n7,\"Żółć, Ltd\",\n");
  const auto result = page();
  ASSERT_TRUE(result);
  ASSERT_EQ(result->records.size(), 1u);
  const core::Record& record = result->records.at(0);
  EXPECT_EQ(record.ref,
            (core::RecordRef{core::SourceName("billing"), kCustomers, core::RecordId("7")}));
  EXPECT_EQ(json(record.json), json(R"({"id":"7","name":"Żółć, Ltd","seats":""})"));
  EXPECT_EQ(record.version, 0);
  EXPECT_TRUE(record.related.empty());
  EXPECT_EQ(result->next, std::nullopt);
  EXPECT_TRUE(result->bad_rows.empty());
}

TEST_F(CsvFile, the_id_column_may_be_anywhere_and_a_byte_order_mark_is_no_part_of_it) {
  write("\xEF\xBB\xBFid,name\r\n7,Acme\r\n");
  EXPECT_EQ(page()->records.at(0).ref.id.str(), "7");
  write("name,seats,id\nAcme,3,8");
  EXPECT_EQ(page()->records.at(0).ref.id.str(), "8");
}

TEST_F(CsvFile, bad_rows_are_named_and_the_others_go_on) {
  write(
      "id,a,b,c,d\n"
      "1,,,,\n"
      "2,x,y,z\n"
      "3,,,,,\n"
      ",a,b,c,d\n"
      "5,\"x\"y,,,\n"
      "\n"
      "6,a\"b,,,\n"
      "7,\xFF,,,\n"
      "8,,,,\n"
      "9,\"never closed,,,\n"
      "10,,,,\n");
  const Page all = whole();
  std::vector<std::string> ids;
  for (const core::Record& record : all.records) ids.push_back(record.ref.id.str());
  EXPECT_EQ(ids, (std::vector<std::string>{"1", "8", "10"}));
  EXPECT_EQ(
      all.bad_rows,
      (std::vector<std::string>{
          "line 3: expected 5 fields, got 4", "line 4: expected 5 fields, got 6",
          "line 5: column \"id\" is empty", "line 6: text follows a closing quote",
          "line 8: a quote inside a field that does not begin with one",
          "line 9: not UTF-8 (is `encoding` another one?)", "line 11: a quote is never closed"}));
}

TEST_F(CsvFile, no_value_of_a_row_is_in_what_is_said_of_it) {
  write("id,name\n1,secret,secret\nsecret,\"secret\"secret\n,secret\n");
  for (const std::string& row : whole().bad_rows) {
    EXPECT_EQ(row.find("secret"), std::string::npos) << row;
  }
}

TEST_F(CsvFile, of_two_columns_with_one_name_the_first_is_read_and_this_is_said_once) {
  std::string text = "id,name,name\n";
  for (int i = 0; i < 150; ++i) text += std::to_string(i + 1) + ",first,second\n";
  write(text);
  const Page all = whole();
  EXPECT_EQ(all.warnings,
            (std::vector<std::string>{
                "line 1: column 3 repeats the name \"name\", only the first of them is read"}));
  EXPECT_EQ(json(all.records.at(149).json), json(R"({"id":"150","name":"first"})"));
}

TEST_F(CsvFile, a_column_without_a_name_is_left_out) {
  write("id,,name,\n1,x,Acme,y\n");
  const Page all = whole();
  EXPECT_EQ(json(all.records.at(0).json), json(R"({"id":"1","name":"Acme"})"));
  EXPECT_TRUE(all.bad_rows.empty());
}

TEST_F(CsvFile, pages_hold_a_hundred_rows_good_and_bad_together) {
  std::string text = "id,name\n";
  for (int i = 1; i <= 250; ++i) text += std::to_string(i) + (i % 10 == 0 ? "\n" : ",x\n");
  write(text);
  const auto first = page();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->records.size(), 90u);
  EXPECT_EQ(first->bad_rows.size(), 10u);
  ASSERT_TRUE(first->next);
  EXPECT_NE(first->next->find(":102:" + file()), std::string::npos) << *first->next;
  const auto second = page(first->next);
  const auto third = page(second->next);
  EXPECT_EQ(third->records.size(), 45u);
  EXPECT_EQ(third->bad_rows.back(), "line 251: expected 2 fields, got 1");
  EXPECT_EQ(third->next, std::nullopt);
}

TEST_F(CsvFile, a_file_that_ends_with_a_full_page_has_no_next_one) {
  std::string text = "id\n";
  for (int i = 1; i <= 100; ++i) text += std::to_string(i) + "\n";
  write(text);
  EXPECT_EQ(page()->next, std::nullopt);
  EXPECT_EQ(page()->records.size(), 100u);
}

TEST_F(CsvFile, reading_on_from_every_cursor_equals_reading_in_one_go) {
  std::string text = "\xEF\xBB\xBFid,text\r\n";
  for (int i = 1; i <= 1234; ++i) {
    const std::string id = std::to_string(i);
    switch (i % 5) {
      case 0:
        text += id + ",\"a\r\nb, \"\"c\"\"\"\r\n";
        break;
      case 1:
        text += id + ",plain\n";
        break;
      case 2:
        text += id + "\r\n";
        break;
      case 3:
        text += id + ",\"x\"y\n";
        break;
      default:
        text += id + ",ż\n\n";
        break;
    }
  }
  write(text);
  std::vector<std::string> cursors;
  const Page all = whole(&cursors);
  EXPECT_EQ(all.records.size() + all.bad_rows.size(), 1234u);
  ASSERT_EQ(cursors.size(), 12u);
  Page joined = *page();
  for (const std::string& cursor : cursors) append(*page(cursor), joined);
  ASSERT_EQ(joined.records.size(), all.records.size());
  for (std::size_t i = 0; i < all.records.size(); ++i) {
    EXPECT_EQ(joined.records[i].json, all.records[i].json);
  }
  EXPECT_EQ(joined.bad_rows, all.bad_rows);
}

TEST_F(CsvFile, a_file_with_names_only_has_no_rows) {
  for (const std::string text : {"id,name", "id,name\n", "id,name\r\n\r\n", "\n\nid,name\n"}) {
    write(text);
    const Page all = whole();
    EXPECT_TRUE(all.records.empty()) << text;
    EXPECT_TRUE(all.bad_rows.empty()) << text;
  }
}

TEST_F(CsvFile, a_file_that_cannot_be_read_is_refused_by_its_name) {
  EXPECT_EQ(refusal(), file() + ": no such file");
  std::filesystem::create_directory(file());
  EXPECT_EQ(refusal(), file() + ": is not a file");
}

TEST_F(CsvFile, a_file_without_usable_names_is_refused_with_the_reason) {
  const struct {
    std::string text;
    std::string reason;
  } kCases[] = {
      {"", "the file is empty, expected a row of names"},
      {"\xEF\xBB\xBF\n\n", "the file is empty, expected a row of names"},
      {"name,seats\n1,2\n", "line 1: expected a column \"id\""},
      {"ID,name\n1,2\n", "line 1: expected a column \"id\""},
      {"\nid;name\n1;2\n",
       "line 2: expected a column \"id\"; is the file separated by semicolons instead of commas? "
       "Then write: delimiter: \";\""},
      {"id\tname\n",
       "line 1: expected a column \"id\"; is the file separated by tabs instead of commas? Then "
       "write: delimiter: tab"},
      {"id,\"name\n1,2\n", "line 1: a quote is never closed"},
      {"id,\xFF\n1,2\n", "line 1: not UTF-8 (is `encoding` another one?)"},
      {std::string("\xFF\xFEi\0d\0", 6), "expected UTF-8, got UTF-16; write: encoding: utf-16"},
      {std::string("\xFE\xFF\0i\0d", 6), "expected UTF-8, got UTF-16; write: encoding: utf-16"},
  };
  for (const auto& [text, reason] : kCases) {
    write(text);
    EXPECT_EQ(refusal(), file() + ": " + reason);
  }
}

TEST_F(CsvFile, a_cursor_of_another_kind_is_refused) {
  write("id\n1\n");
  for (const std::string cursor : {"", "12", "12:3", "a:b:1:2", "a:b:1:2:", ":b:1:2:f", "a::1:2:f",
                                   "a:b:-1:2:f", "a:b:1:2x:f"}) {
    EXPECT_EQ(refusal(cursor), file() + ": the cursor is not one of this source") << cursor;
  }
}

TEST_F(CsvFile, the_roots_are_the_names_in_the_file_if_it_can_be_read) {
  EXPECT_EQ(source()->roots(kCustomers), std::nullopt);
  write("id,Company Name,,id\n");
  EXPECT_EQ(source()->roots(kCustomers), (std::set<std::string>{"id", "Company Name"}));
}

TEST_F(CsvFile, there_are_no_webhooks_and_no_reading_by_id) {
  write("id\n1\n");
  const auto csv = source();
  EXPECT_EQ(csv->objects(), std::vector{kCustomers});
  EXPECT_FALSE(csv->takes_webhooks());
  EXPECT_FALSE(csv->reads_by_id());
  EXPECT_FALSE(csv->verify({}, {}).ok);
  EXPECT_FALSE(csv->decode({"[]"}));
  const auto batch = csv->read(kCustomers, {core::RecordId("1")}, {}, no_transport_, {});
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, ReadError::Kind::rejected);
  EXPECT_EQ(batch.error().reason, "a CSV file is read whole");
}

TEST_F(CsvFile, an_object_that_is_not_configured_is_refused) {
  write("id\n1\n");
  const auto result = source()->list(core::ObjectName("others"), {}, {}, no_transport_, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "object others is not configured");
}

TEST_F(CsvFile, every_object_needs_a_path_of_its_own) {
  const auto problems = [](const SourceSettings& settings) {
    std::vector<std::string> texts;
    try {
      find_type("csv")->make(settings);
    } catch (const SettingProblems& found) {
      for (const SettingProblem& problem : found.problems) {
        std::string text;
        for (const std::string& step : problem.path) text += step + ": ";
        texts.push_back(text + problem.message);
      }
    }
    return texts;
  };
  using Texts = std::vector<std::string>;
  SourceSettings two = settings();
  two.objects.push_back({core::ObjectName("others"), "id"});
  EXPECT_EQ(problems(two), Texts{"objects: others: expected a path of its own (all rows of a file "
                                 "are of one kind), got that of customers"});
  two.objects.back().texts["path"] = file() + "2";
  EXPECT_EQ(problems(two), Texts{});
  two.texts.clear();
  EXPECT_EQ(problems(two), Texts{"objects: customers: path: expected a file name here or in the "
                                 "source, got nothing"});
  SourceSettings none = settings();
  none.objects.clear();
  EXPECT_EQ(problems(none), Texts{"objects: expected at least one object, got none"});
  SourceSettings no_id = settings();
  no_id.objects.front().id.clear();
  EXPECT_EQ(problems(no_id),
            Texts{"objects: customers: id: expected what identifies a row, got nothing"});
}

TEST_F(CsvFile, each_object_is_read_from_its_own_file) {
  write("id,name\n1,Acme\n");
  test::write_file(folder_ / "plans.csv", "id,price\n7,12\n");
  SourceSettings two = settings();
  two.objects.push_back({core::ObjectName("plans"), "id"});
  two.objects.back().texts["path"] = (folder_ / "plans.csv").string();
  const auto csv = find_type("csv")->make(two);
  EXPECT_EQ(csv->objects(), (std::vector{kCustomers, core::ObjectName("plans")}));
  const auto page = csv->list(core::ObjectName("plans"), {}, {}, no_transport_, {});
  ASSERT_TRUE(page);
  EXPECT_EQ(json(page->records.at(0).json), json(R"({"id":"7","price":"12"})"));
  EXPECT_EQ(page->records.at(0).ref.object, core::ObjectName("plans"));
}

TEST_F(CsvFile, a_delimiter_may_be_configured) {
  SourceSettings with = settings();
  for (const auto& [delimiter, text] :
       {std::pair(";", "id;a,b\n1;\"x;y\"\n"), std::pair("tab", "id\ta,b\n1\tx;y\n"),
        std::pair("|", "id|a,b\n1|x;y\n")}) {
    write(text);
    with.texts["delimiter"] = delimiter;
    const auto page = find_type("csv")->make(with)->list(kCustomers, {}, {}, no_transport_, {});
    ASSERT_TRUE(page) << page.error().reason;
    EXPECT_EQ(json(page->records.at(0).json), json(R"({"id":"1","a,b":"x;y"})"));
  }
  for (const std::string wrong : {"\"", ";;", "\n"}) {
    with.texts["delimiter"] = wrong;
    EXPECT_THROW(find_type("csv")->make(with), SettingProblems) << wrong;
  }
}

TEST_F(CsvFile, configured_texts_stand_for_no_value) {
  write("id,a,b,c,d\n1,,NULL,\\N,null\nNULL,,,,\n");
  SourceSettings with = settings();
  with.lists["nulls"] = {"", "NULL", "\\N"};
  const auto page = find_type("csv")->make(with)->list(kCustomers, {}, {}, no_transport_, {});
  ASSERT_TRUE(page);
  EXPECT_EQ(json(page->records.at(0).json),
            json(R"({"id":"1","a":null,"b":null,"c":null,"d":"null"})"));
  EXPECT_EQ(page->bad_rows, std::vector<std::string>{"line 3: column \"id\" holds no value"});
}

TEST_F(CsvFile, a_column_may_hold_the_time_of_a_row) {
  write("id,at\n1,2026-01-31T10:00:00Z\n2,\n3,soon\n");
  SourceSettings with = settings();
  with.objects.front().updated = "at";
  const auto csv = find_type("csv")->make(with);
  const auto page = csv->list(kCustomers, {}, {}, no_transport_, {});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->records.at(0).version, 1'769'853'600'000);
  EXPECT_EQ(page->records.at(1).version, 0);
  EXPECT_EQ(page->records.at(2).version, 0);
  EXPECT_EQ(page->warnings,
            std::vector<std::string>{
                "line 4: column \"at\": expected a time such as 2026-01-31T10:00:00Z, got a text "
                "of another form; the row is taken as one without a time"});
  write("id,name\n1,x\n");
  const auto without = csv->list(kCustomers, {}, {}, no_transport_, {});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, file() + ": line 1: expected a column \"at\"");
}

TEST_F(CsvFile, of_rows_with_one_id_the_newest_or_else_the_last_counts) {
  write("id,n\n1,a\n2,b\n1,c\n");
  const auto page = this->page();
  ASSERT_EQ(page->records.size(), 2U);
  EXPECT_EQ(json(page->records.at(0).json), json(R"({"id":"1","n":"c"})"));
  EXPECT_EQ(page->warnings,
            std::vector<std::string>{"line 4: the same id as in line 2; this one counts"});

  write("id,at\n1,2026-01-02\n1,2026-01-01\n1,2026-01-03\n");
  SourceSettings with = settings();
  with.objects.front().updated = "at";
  const auto dated = find_type("csv")->make(with)->list(kCustomers, {}, {}, no_transport_, {});
  ASSERT_EQ(dated->records.size(), 1U);
  EXPECT_EQ(json(dated->records.at(0).json), json(R"({"id":"1","at":"2026-01-03"})"));
  EXPECT_EQ(dated->warnings,
            (std::vector<std::string>{
                "line 3: the same id as in line 2, which has a newer time and counts",
                "line 4: the same id as in line 2; this one counts"}));
}

TEST_F(CsvFile, other_encodings_are_read_from_every_cursor) {
  struct Case {
    std::string encoding;
    std::string (*encode)(const std::u16string&);
  };
  const auto single = [](const std::u16string& text) {
    std::string out;
    for (const char16_t c : text) out += c == u'\u20AC' ? '\x80' : static_cast<char>(c);
    return out;
  };
  const auto little = [](const std::u16string& text) {
    std::string out = "\xFF\xFE";
    for (const char16_t c : text) {
      out += static_cast<char>(c & 0xFF);
      out += static_cast<char>(c >> 8);
    }
    return out;
  };
  const auto big = [](const std::u16string& text) {
    std::string out = "\xFE\xFF";
    for (const char16_t c : text) {
      out += static_cast<char>(c >> 8);
      out += static_cast<char>(c & 0xFF);
    }
    return out;
  };
  for (const Case& one :
       {Case{"windows-1252", single}, Case{"utf-16", little}, Case{"utf-16", big}}) {
    const bool is_single = one.encoding == "windows-1252";
    std::u16string text = u"id,name\r\n";
    for (int i = 1; i <= 1000; ++i) {
      for (const char c : std::to_string(i)) text += static_cast<char16_t>(c);
      text += is_single ? u",\"\u00e9 \u20AC\n\"\r\n" : u",\"\u00e9 \U0001F600\n\"\r\n";
    }
    write(one.encode(text));
    SourceSettings with = settings();
    with.texts["encoding"] = one.encoding;
    const auto csv = find_type("csv")->make(with);
    std::optional<std::string> cursor;
    int n = 0;
    do {
      const auto page = csv->list(kCustomers, cursor, {}, no_transport_, {});
      ASSERT_TRUE(page) << page.error().reason;
      EXPECT_EQ(page->bad_rows, std::vector<std::string>{});
      for (const core::Record& record : page->records) {
        const core::Value value = json(record.json);
        EXPECT_EQ(value.text_or("id"), std::to_string(++n));
        EXPECT_EQ(value.text_or("name"), is_single ? "é €\n" : "é 😀\n");
      }
      cursor = page->next;
    } while (cursor);
    EXPECT_EQ(n, 1000);
  }
  SourceSettings latin = settings();
  latin.texts["encoding"] = "iso-8859-1";
  const auto wrong = find_type("csv")->make(latin)->list(kCustomers, {}, {}, no_transport_, {});
  EXPECT_EQ(wrong.error().reason,
            file() + ": expected ISO-8859-1, got UTF-16; write: encoding: utf-16");
}

}  // namespace
}  // namespace assembly_sync::connectors::csv

// The complete pass: small objects by queries, large ones by a bulk job, whose result is a CSV.
#include <algorithm>
#include <sstream>

#include "connectors/csv/csv_reader.hpp"
#include "connectors/read_error.hpp"
#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/records.hpp"
#include "connectors/salesforce/soql.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;

/// From this many records on a bulk job costs fewer requests than pages of 2,000.
constexpr std::int64_t kBulkFrom = 10'000;
/// Of one download. Each is a request; two pages are held in memory.
constexpr int kBulkRows = 5'000;
constexpr auto kPollPause = 5s;
/// A job that takes longer hangs.
constexpr auto kLongestJob = 6h;

std::string id_after(const std::string& id) {
  return id.empty() ? std::string() : "Id > '" + id + '\'';
}

}  // namespace

/// Where a listing is. By queries: the page that Salesforce named, and the id after which to go on
/// when that is no longer good. By a job: which, and where in its result.
struct Reader::ListCursor {
  std::string after{};
  std::string next{};
  std::string job{};
  std::string locator{};
  std::int64_t job_ms = 0;  // when the job was made
  bool by_queries = false;  // a job was of no use

  std::string text() const {
    return core::dump_json(core::Value::object({{"after", after},
                                                {"next", next},
                                                {"job", job},
                                                {"locator", locator},
                                                {"job_ms", job_ms},
                                                {"by_queries", by_queries}}));
  }
  /// Nothing when it is no cursor of ours.
  static std::optional<ListCursor> of(const std::optional<std::string>& text) {
    if (!text) return ListCursor{};
    const auto value = core::parse_json(*text);
    if (!value || !value->is_object()) return std::nullopt;
    ListCursor cursor{.after = value->text_or("after"),
                      .next = value->text_or("next"),
                      .job = value->text_or("job"),
                      .locator = value->text_or("locator")};
    if (value->at("job_ms").is_int()) cursor.job_ms = value->at("job_ms").as_int();
    cursor.by_queries = value->at("by_queries") == core::Value(true);
    const bool good = (cursor.after.empty() || to_18(cursor.after)) &&
                      (cursor.job.empty() || to_18(cursor.job)) &&
                      (cursor.next.empty() || cursor.next.starts_with("/services/data/"));
    return good ? std::optional(cursor) : std::nullopt;
  }
};

ReadResult<Page> Reader::page(const std::optional<std::string>& cursor) {
  const auto at = ListCursor::of(cursor);
  if (!at) {
    return tl::unexpected(
        rejected("the kept place in Salesforce's listing can't be "
                 "read: start the backfill anew"));
  }
  auto page = at->job.empty() ? rest_page(*at) : bulk_page(*at);
  if (!page) return tl::unexpected(std::move(page.error().error));
  page->warnings.insert(page->warnings.end(), warnings_.begin(), warnings_.end());
  return std::move(*page);
}

Page Reader::begin_again(const std::string& why) {
  Page page;
  page.next = ListCursor{.by_queries = true}.text();
  page.warnings.push_back("Salesforce's bulk job for " + object_.api_name + " " + why +
                          ": the listing goes on by queries, from its beginning");
  return page;
}

Answer<Page> Reader::rest_page(const ListCursor& cursor) {
  Answer<Rows> rows = tl::unexpected(Failure{});
  if (!cursor.next.empty()) rows = rows_.next(cursor.next);
  if (cursor.next.empty() || (!rows && is_lost_cursor(rows.error()))) {
    rows = rows_.first(RowReader::Scope::living, id_after(cursor.after), "Id ASC");
  }
  const bool at_start = cursor.after.empty() && cursor.next.empty();
  const bool too_slow = !rows && rows.error().code == "QUERY_TIMEOUT";
  if (!rows && !(too_slow && at_start)) return tl::unexpected(rows.error());
  const auto selection = rows_.selection();
  if (!selection) return tl::unexpected(selection.error());
  if (at_start && !cursor.by_queries && (too_slow || rows->total > kBulkFrom)) {
    auto job = start_job(*selection);
    if (job) {
      Page page;
      page.next = ListCursor{.job = *job, .job_ms = core::to_ms(client_.now())}.text();
      return page;
    }
    if (job.error().error.kind != Kind::rejected) return tl::unexpected(job.error());
    warnings_.push_back("Salesforce refuses a bulk job for " + object_.api_name + " (" +
                        job.error().error.reason + "): it is listed by queries");
  }
  if (!rows) return tl::unexpected(rows.error());
  Page page;
  if (!rows->next.empty()) {
    page.next = ListCursor{.after = to_18(rows->last_id).value_or(cursor.after),
                           .next = rows->next,
                           .by_queries = cursor.by_queries}
                    .text();
    if (page.next == cursor.text()) {
      return tl::unexpected(failure(Kind::transient, "Salesforce's listing does not advance"));
    }
  }
  std::vector<core::Value> normal;
  for (const core::Value& row : rows->rows) normal.push_back(normal_row(row, selection->all()));
  auto records = records_of(std::move(normal), *selection);
  if (!records) return tl::unexpected(records.error());
  page.records = std::move(*records);
  return page;
}

/// Without ORDER BY, which would keep Salesforce from splitting the work.
Answer<std::string> Reader::start_job(const Selection& selection) {
  const auto answer =
      client_.post(client_.data_path() + "/jobs/query",
                   core::Value::object({{"operation", "query"},
                                        {"query", soql(selection.all(), object_.api_name, {})},
                                        {"contentType", "CSV"},
                                        {"columnDelimiter", "COMMA"},
                                        {"lineEnding", "LF"}}));
  if (!answer) return tl::unexpected(answer.error());
  const auto id = to_18(answer->text_or("id"));
  if (!id) return tl::unexpected(failure(Kind::rejected, "its answer names no job"));
  return *id;
}

Answer<Page> Reader::bulk_page(const ListCursor& cursor) {
  const std::string path = client_.data_path() + "/jobs/query/" + cursor.job;
  if (cursor.locator.empty()) {
    const auto job = client_.get(path);
    // Results are kept for seven days.
    if (!job && is_lost_cursor(job.error())) return begin_again("is gone");
    if (!job) return tl::unexpected(job.error());
    const std::string state = job->text_or("state");
    if (state == "Failed" || state == "Aborted") return begin_again("ended as " + state);
    if (state != "JobComplete") {
      if (client_.now() >= core::from_ms(cursor.job_ms) + kLongestJob) {
        return begin_again("does not end");
      }
      Failure waits = failure(Kind::transient,
                              "Salesforce is still preparing the list of " + object_.name.str());
      waits.error.retry_after = kPollPause;
      return tl::unexpected(std::move(waits));
    }
  }
  std::string results = path + "/results?maxRecords=" + std::to_string(kBulkRows);
  if (!cursor.locator.empty()) results += "&locator=" + core::percent_encode(cursor.locator);
  const auto response = client_.get_csv(results);
  if (!response && response.error().error.kind == Kind::rejected) {
    return begin_again("has no readable result");
  }
  if (!response) return tl::unexpected(response.error());
  const auto selection = rows_.selection();
  if (!selection) return tl::unexpected(selection.error());
  return page_of_csv(*response, *selection, cursor);
}

Answer<Page> Reader::page_of_csv(const core::HttpResponse& response, const Selection& selection,
                                 const ListCursor& cursor) {
  Page page;
  const std::string locator(core::find_header(response.headers, "Sforce-Locator").value_or(""));
  if (!locator.empty() && locator != "null") {
    if (locator == cursor.locator) {
      return tl::unexpected(failure(Kind::transient, "Salesforce's bulk result does not advance"));
    }
    ListCursor next = cursor;
    next.locator = locator;
    page.next = next.text();
  }
  std::string text = response.body;
  std::erase(text, '\0');  // seen in the wild; no text of JSON or of Assembly can hold it
  std::istringstream in(text);
  csv::CsvReader reader(in, {});
  csv::Row row;
  if (!reader.next(row)) return page;  // no rows may mean no header, either
  const std::vector<std::string> header = row.fields;
  const std::vector<Column> columns = selection.all();
  std::vector<core::Value> rows;
  while (reader.next(row)) {
    if (!row.problem.empty() || row.fields.size() != header.size()) {
      page.bad_rows.push_back("line " + std::to_string(row.line) + " of a bulk result: " +
                              (row.problem.empty()
                                   ? "expected " + std::to_string(header.size()) + " fields, got " +
                                         std::to_string(row.fields.size())
                                   : row.problem));
      continue;
    }
    rows.push_back(normal_row(row_of_csv(header, row.fields, columns), columns));
  }
  auto records = records_of(std::move(rows), selection);
  if (!records) return tl::unexpected(records.error());
  page.records = std::move(*records);
  return page;
}

}  // namespace assembly_sync::connectors::salesforce

// The complete pass: small objects by queries; large ones by a bulk job, whose result is a CSV,
// from the second page on. The first page is asked for by whoever wants to see some records only,
// and must not leave a job behind.
#include <algorithm>
#include <sstream>

#include "connectors/csv/csv_reader.hpp"
#include "connectors/read_error.hpp"
#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/kept.hpp"
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
/// How long Salesforce keeps a job's result.
constexpr auto kResultKept = 7 * 24h;

std::string id_after(const std::string& id) {
  return id.empty() ? std::string() : "Id > '" + id + '\'';
}

}  // namespace

/// Where a listing is. By queries: the page that Salesforce named, and the id after which to go on
/// when that is no longer good. By a job: which, and where in its result; it has what follows
/// `after`, in no order, so that whoever drops it begins there again.
struct Reader::ListCursor {
  std::string after{};
  std::string next{};
  std::string job{};
  std::string locator{};
  std::string columns{};      // Selection::mark of what the query or the job asked for
  std::int64_t asked_ms = 0;  // when they were made: their rows are as they were then
  bool by_job = false;        // a job is to be made for what follows
  bool by_queries = false;    // a job was of no use
  bool is_read = false;       // the job's result is, to its end

  std::string text() const {
    return core::dump_json(core::Value::object({{"after", after},
                                                {"next", next},
                                                {"job", job},
                                                {"locator", locator},
                                                {"columns", columns},
                                                {"asked_ms", asked_ms},
                                                {"by_job", by_job},
                                                {"by_queries", by_queries},
                                                {"is_read", is_read}}));
  }
  /// The error: what is wrong with it.
  static tl::expected<ListCursor, std::string> of(const std::optional<std::string>& text) {
    if (!text) return ListCursor{};
    const auto value = kept_object(*text);
    if (!value) return tl::unexpected(value.error());
    for (const auto& wrong :
         {wrong_id(*value, "after"), wrong_id(*value, "job"), wrong_path(*value, "next")}) {
      if (wrong) return tl::unexpected(*wrong);
    }
    const auto is_set = [&](const char* name) { return value->at(name) == core::Value(true); };
    ListCursor cursor{.after = value->text_or("after"),
                      .next = value->text_or("next"),
                      .job = value->text_or("job"),
                      .locator = value->text_or("locator"),
                      .columns = value->text_or("columns"),
                      .by_job = is_set("by_job"),
                      .by_queries = is_set("by_queries"),
                      .is_read = is_set("is_read")};
    if (value->at("asked_ms").is_int()) cursor.asked_ms = value->at("asked_ms").as_int();
    return cursor;
  }
};

ReadResult<Page> Reader::page(const std::optional<std::string>& cursor) {
  const auto at = ListCursor::of(cursor);
  if (!at) {
    return tl::unexpected(rejected("the kept place in Salesforce's listing of " +
                                   object_.name.str() + ": " + at.error()));
  }
  auto page = list_step(*at);
  if (!page) return tl::unexpected(std::move(page.error().error));
  tell(page->warnings);
  return std::move(*page);
}

Answer<Page> Reader::list_step(const ListCursor& cursor) {
  if (cursor.job.empty()) return cursor.by_job ? begin_job(cursor) : rest_page(cursor);
  if (!cursor.is_read) return bulk_page(cursor);
  // A step of its own: until then the last page can be asked for again.
  client_.delete_job(job_path(cursor));
  return Page{};
}

Answer<Page> Reader::rest_page(const ListCursor& cursor) {
  Answer<Rows> rows = tl::unexpected(Failure{});
  if (!cursor.next.empty()) rows = rows_.next(cursor.next, cursor.columns);
  const bool anew = cursor.next.empty() || (!rows && is_lost_cursor(rows.error()));
  if (anew) rows = rows_.first(RowReader::Scope::living, id_after(cursor.after), "Id ASC");
  Page page;
  if (!rows && anew && !cursor.by_queries && rows.error().code == "QUERY_TIMEOUT") {
    page.next = ListCursor{.after = cursor.after, .by_job = true}.text();
    return page;
  }
  if (!rows) return tl::unexpected(rows.error());
  const std::int64_t asked_ms = anew ? core::to_ms(client_.now()) : cursor.asked_ms;
  if (!anew) page.as_of = core::from_ms(asked_ms);  // the pages of one query may be of its time
  if (!rows->next.empty()) {
    if (!anew && rows->next == cursor.next) {
      return tl::unexpected(failure(Kind::transient, "Salesforce's listing does not advance"));
    }
    page.next = ListCursor{.after = to_18(rows->last_id).value_or(cursor.after),
                           .next = rows->next,
                           .columns = rows->selection.mark(),
                           .asked_ms = asked_ms,
                           .by_job = !cursor.by_queries && rows->total > kBulkFrom,
                           .by_queries = cursor.by_queries}
                    .text();
  }
  std::vector<core::Value> normal;
  for (const core::Value& row : rows->rows) {
    normal.push_back(normal_row(row, rows->selection.all()));
  }
  auto records = records_of(std::move(normal), rows->selection);
  if (!records) return tl::unexpected(records.error());
  page.records = std::move(*records);
  return page;
}

/// A page without records: that there is a job must be kept before anything else is done.
Answer<Page> Reader::begin_job(const ListCursor& cursor) {
  const auto selection = rows_.selection();
  if (!selection) return tl::unexpected(selection.error());
  const auto job = start_job(*selection, id_after(cursor.after));
  if (job) {
    Page page;
    page.next = ListCursor{.after = cursor.after,
                           .job = *job,
                           .columns = selection->mark(),
                           .asked_ms = core::to_ms(client_.now())}
                    .text();
    return page;
  }
  if (job.error().error.kind != Kind::rejected) return tl::unexpected(job.error());
  ListCursor queries = cursor;
  queries.by_job = false;
  if (job.error().code == "INVALID_FIELD") {
    queries.next.clear();
    return rest_page(queries);  // which finds out what has to be left out; a job goes on from there
  }
  queries.by_queries = true;
  warnings_.push_back("Salesforce refuses a bulk job for " + object_.api_name + " (" +
                      job.error().error.reason + "): it is listed by queries");
  return rest_page(queries);
}

/// Without ORDER BY, which would keep Salesforce from splitting the work.
Answer<std::string> Reader::start_job(const Selection& selection, const std::string& condition) {
  const auto answer = client_.post(
      client_.data_path() + "/jobs/query",
      core::Value::object({{"operation", "query"},
                           {"query", soql(selection.all(), object_.api_name, condition)},
                           {"contentType", "CSV"},
                           {"columnDelimiter", "COMMA"},
                           {"lineEnding", "LF"}}));
  if (!answer) return tl::unexpected(answer.error());
  const auto id = to_18(answer->text_or("id"));
  if (!id) return tl::unexpected(failure(Kind::rejected, "its answer names no job"));
  return *id;
}

std::string Reader::job_path(const ListCursor& cursor) const {
  return client_.data_path() + "/jobs/query/" + cursor.job;
}

Page Reader::without_job(const ListCursor& cursor, const std::string& why) {
  Page page;
  page.next = ListCursor{.after = cursor.after, .by_queries = true}.text();
  page.warnings.push_back("Salesforce's bulk job for " + object_.api_name + " " + why +
                          ": what it was to bring is listed by queries");
  return page;
}

/// Nothing when the job is done.
std::optional<Answer<Page>> Reader::await_job(const ListCursor& cursor) {
  const auto job = client_.get(job_path(cursor));
  if (!job && is_lost_cursor(job.error())) return without_job(cursor, "is gone");
  if (!job) return tl::unexpected(job.error());
  const std::string state = job->text_or("state");
  if (state == "JobComplete") return std::nullopt;
  if (state == "Failed" || state == "Aborted") {
    client_.delete_job(job_path(cursor));
    return without_job(cursor, "ended as " + state);
  }
  if (client_.now() >= core::from_ms(cursor.asked_ms) + kLongestJob) {
    client_.abort_job(job_path(cursor));
    client_.delete_job(job_path(cursor));
    return without_job(cursor, "does not end");
  }
  Failure waits =
      failure(Kind::not_yet, "Salesforce is still preparing the list of " + object_.name.str());
  waits.error.retry_after = kPollPause;
  return tl::unexpected(std::move(waits));
}

Answer<Page> Reader::bulk_page(const ListCursor& cursor) {
  if (client_.now() >= core::from_ms(cursor.asked_ms) + kResultKept) {
    return without_job(cursor, "is older than Salesforce keeps its result");
  }
  const auto selection = rows_.selection();
  if (!selection) return tl::unexpected(selection.error());
  if (selection->mark() != cursor.columns) {
    client_.abort_job(job_path(cursor));
    client_.delete_job(job_path(cursor));
    Page page;
    page.next = ListCursor{.after = cursor.after, .by_job = true}.text();
    return page;
  }
  if (cursor.locator.empty()) {
    if (auto instead = await_job(cursor)) return std::move(*instead);
  }
  std::string results = job_path(cursor) + "/results?maxRecords=" + std::to_string(kBulkRows);
  if (!cursor.locator.empty()) results += "&locator=" + core::percent_encode(cursor.locator);
  const auto response = client_.get_csv(results);
  if (!response && response.error().error.kind == Kind::rejected) {
    client_.delete_job(job_path(cursor));
    return without_job(cursor, "has no readable result");
  }
  if (!response) return tl::unexpected(response.error());
  return page_of_csv(*response, *selection, cursor);
}

Answer<Page> Reader::page_of_csv(const core::HttpResponse& response, const Selection& selection,
                                 const ListCursor& cursor) {
  Page page;
  page.as_of = core::from_ms(cursor.asked_ms);
  ListCursor next = cursor;
  const std::string locator(core::find_header(response.headers, "Sforce-Locator").value_or(""));
  next.is_read = locator.empty() || locator == "null";
  if (!next.is_read && locator == cursor.locator) {
    return tl::unexpected(failure(Kind::transient, "Salesforce's bulk result does not advance"));
  }
  next.locator = next.is_read ? std::string() : locator;
  page.next = next.text();
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

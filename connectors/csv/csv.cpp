#include "connectors/csv/csv.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "connectors/csv/csv_reader.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"

namespace assembly_sync::connectors::csv {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

tl::unexpected<ReadError> rejected(std::string reason) {
  return tl::unexpected(
      ReadError{.kind = ReadError::Kind::rejected, .retry_after = {}, .reason = std::move(reason)});
}

std::string at_line(std::uint64_t line, const std::string& problem) {
  return "line " + std::to_string(line) + ": " + problem;
}

/// `123456:789`: byte offset and line of the next row.
std::string to_cursor(Position position) {
  return std::to_string(position.offset) + ":" + std::to_string(position.line);
}

std::optional<Position> parse_cursor(std::string_view text) {
  Position position;
  const char* const end = text.data() + text.size();
  const auto offset = std::from_chars(text.data(), end, position.offset);
  if (offset.ec != std::errc{} || offset.ptr == end || *offset.ptr != ':') return std::nullopt;
  const auto line = std::from_chars(offset.ptr + 1, end, position.line);
  if (line.ec != std::errc{} || line.ptr != end) return std::nullopt;
  return position;
}

struct Header {
  std::vector<std::string> columns;
  std::size_t id_index = 0;
  Position end;                       // where the rows begin
  std::vector<std::string> problems;  // what does not stop the reading
};

/// Columns without a name, or with the name of an earlier one, can't be addressed.
bool is_addressable(const std::vector<std::string>& columns, std::size_t index) {
  const auto here = columns.begin() + static_cast<std::ptrdiff_t>(index);
  return !here->empty() && std::find(columns.begin(), here, *here) == here;
}

class CsvConnector final : public Connector {
 public:
  explicit CsvConnector(const SourceSettings& settings)
      : source_(settings.name),
        path_(settings.texts.at("path")),
        object_(settings.objects.front().name),
        id_column_(settings.objects.front().id) {}

  std::vector<core::ObjectName> objects() const override { return {object_}; }

  /// The names in the file's first row; nothing when the file can't be read now.
  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    std::ifstream in;
    const auto header = open(in);
    if (!header) return std::nullopt;
    std::set<std::string> names(header->columns.begin(), header->columns.end());
    names.erase("");
    return names;
  }

  bool takes_webhooks() const override { return false; }

  Verification verify(const WebhookRequest&, core::WallTime) const override {
    return {.ok = false, .reason = "a CSV file sends no webhooks"};
  }

  core::Result<std::vector<core::Notice>> decode(const Received&) const override {
    return core::fail("a CSV file sends no webhooks");
  }

  bool reads_by_id() const override { return false; }
  std::size_t batch_size() const override { return kPageRows; }

  ReadResult<BatchRead> read(const core::ObjectName&, const std::vector<core::RecordId>&,
                             const Paths&, core::HttpTransport&, core::WallTime) const override {
    return rejected("a CSV file is read whole");
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths&, core::HttpTransport&, core::WallTime) const override {
    if (object != object_) return not_configured(object);
    std::ifstream in;
    const auto header = open(in);
    if (!header) return tl::unexpected(header.error());
    Page page;
    if (!cursor) page.bad_rows = header->problems;
    const auto start = cursor ? parse_cursor(*cursor) : header->end;
    if (!start) return rejected(path_ + ": the cursor is not one of this source");
    in.clear();
    if (cursor && !is_row_start(in, *header, *start)) {
      return rejected(path_ + ": the file was changed while it was read");
    }
    in.seekg(static_cast<std::streamoff>(start->offset));
    return read_page(in, *header, *start, std::move(page));
  }

  std::optional<std::string> catalogue_root() const override { return std::string(); }

  /// The columns of the first row: all of them texts, and their own labels.
  ReadResult<core::Catalogue> describe(const core::ObjectName& object, core::HttpTransport&,
                                       core::WallTime) const override {
    if (object != object_) return not_configured(object);
    std::ifstream in;
    const auto header = open(in);
    if (!header) return tl::unexpected(header.error());
    core::Catalogue catalogue;
    catalogue.texts = true;
    for (const std::string& column : header->columns) {
      if (!column.empty()) catalogue.fields.emplace(column, core::Field{.label = column});
    }
    return catalogue;
  }

 private:
  static tl::unexpected<ReadError> not_configured(const core::ObjectName& object) {
    return rejected("object " + object.str() + " is not configured");
  }

  /// Opens the file and reads its first row.
  ReadResult<Header> open(std::ifstream& in) const {
    std::error_code error;
    const fs::file_status status = fs::status(path_, error);
    if (status.type() == fs::file_type::not_found) return rejected(path_ + ": no such file");
    if (status.type() != fs::file_type::regular) return rejected(path_ + ": is not a file");
    in.open(path_, std::ios::binary);
    if (!in) return rejected(path_ + ": can't be opened");
    return read_header(in);
  }

  ReadResult<Header> read_header(std::istream& in) const {
    std::string mark(kUtf8Mark.size(), '\0');
    in.read(mark.data(), static_cast<std::streamsize>(mark.size()));
    if (mark.starts_with("\xFF\xFE") || mark.starts_with("\xFE\xFF")) {
      return rejected(path_ + ": expected UTF-8, got UTF-16");
    }
    Position start;
    if (mark == kUtf8Mark) start.offset = mark.size();
    in.clear();
    in.seekg(static_cast<std::streamoff>(start.offset));

    CsvReader reader(in, start);
    Row row;
    if (!reader.next(row)) return rejected(path_ + ": the file is empty, expected a row of names");
    if (!row.problem.empty()) return rejected(path_ + ": " + at_line(row.line, row.problem));
    Header header;
    header.columns = std::move(row.fields);
    header.end = reader.position();
    const auto id = std::find(header.columns.begin(), header.columns.end(), id_column_);
    if (id == header.columns.end()) return rejected(path_ + ": " + no_id_column(header, row.line));
    header.id_index = static_cast<std::size_t>(id - header.columns.begin());
    for (std::size_t i = 0; i < header.columns.size(); ++i) {
      if (header.columns[i].empty() || is_addressable(header.columns, i)) continue;
      header.problems.push_back(at_line(row.line, "column " + std::to_string(i + 1) +
                                                      " repeats the name \"" + header.columns[i] +
                                                      "\", only the first of them is read"));
    }
    return header;
  }

  std::string no_id_column(const Header& header, std::uint64_t line) const {
    std::string text = "expected a column \"" + id_column_ + "\"";
    if (header.columns.size() == 1) {
      for (const char separator : {';', '\t'}) {
        if (header.columns.front().find(separator) == std::string::npos) continue;
        text += std::string("; is the file separated by ") +
                (separator == ';' ? "semicolons" : "tabs") + " instead of commas?";
      }
    }
    return at_line(line, text);
  }

  /// True when a row may begin at `start`: right after a line's end, inside the file. A file that
  /// was replaced or cut between two pages mostly fails this.
  static bool is_row_start(std::istream& in, const Header& header, Position start) {
    if (start.offset < header.end.offset) return false;
    in.seekg(0, std::ios::end);
    if (std::cmp_less(std::streamoff{in.tellg()}, start.offset)) return false;
    if (start == header.end) return true;
    in.seekg(static_cast<std::streamoff>(start.offset - 1));
    return in.get() == '\n';
  }

  ReadResult<Page> read_page(std::istream& in, const Header& header, Position start,
                             Page page) const {
    CsvReader reader(in, start);
    Row row;
    for (std::size_t rows = 0; rows < kPageRows && reader.next(row); ++rows) {
      const std::string problem = problem_of(header, row);
      if (problem.empty()) {
        page.records.push_back(make_record(header, row));
      } else {
        page.bad_rows.push_back(at_line(row.line, problem));
      }
    }
    if (in.bad()) {
      return tl::unexpected(ReadError{.kind = ReadError::Kind::transient,
                                      .retry_after = {},
                                      .reason = path_ + ": reading failed"});
    }
    if (!reader.at_end()) page.next = to_cursor(reader.position());
    return page;
  }

  std::string problem_of(const Header& header, const Row& row) const {
    if (!row.problem.empty()) return row.problem;
    if (row.fields.size() != header.columns.size()) {
      return "expected " + std::to_string(header.columns.size()) + " fields, got " +
             std::to_string(row.fields.size());
    }
    if (row.fields[header.id_index].empty()) return "column \"" + id_column_ + "\" is empty";
    return {};
  }

  core::Record make_record(const Header& header, Row& row) const {
    core::Record record;
    record.ref = {source_, object_, core::RecordId(row.fields[header.id_index])};
    core::Value::Object members;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      if (header.columns[i].empty()) continue;
      members.try_emplace(header.columns[i], std::move(row.fields[i]));  // the first of a name
    }
    record.json = core::dump_json(core::Value(std::move(members)));
    return record;
  }

  const core::SourceName source_;
  const std::string path_;
  const core::ObjectName object_;
  const std::string id_column_;
};

}  // namespace

std::unique_ptr<Connector> make_csv(const SourceSettings& settings) {
  if (settings.objects.size() != 1) {
    throw std::invalid_argument(
        "objects: expected exactly one object (all rows of a CSV file are of one kind), got " +
        std::to_string(settings.objects.size()));
  }
  if (settings.objects.front().id.empty()) {
    throw std::invalid_argument("objects: expected the name of the column that identifies a row");
  }
  if (!settings.texts.contains("path")) {
    throw std::invalid_argument("path: expected the path of a CSV file");
  }
  return std::make_unique<CsvConnector>(settings);
}

}  // namespace assembly_sync::connectors::csv

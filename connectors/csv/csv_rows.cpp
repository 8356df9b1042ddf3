#include "connectors/csv/csv_rows.hpp"

#include <algorithm>

#include "connectors/read_error.hpp"
#include "connectors/record_fields.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::csv {
namespace {

std::string at_line(std::uint64_t line, const std::string& problem) {
  return "line " + std::to_string(line) + ": " + problem;
}

/// Columns with the name of an earlier one can't be addressed.
bool is_repeated(const std::vector<std::string>& columns, std::size_t index) {
  const auto here = columns.begin() + static_cast<std::ptrdiff_t>(index);
  return !here->empty() && std::find(columns.begin(), here, *here) != here;
}

std::string delimiter_in_words(char delimiter) {
  switch (delimiter) {
    case ',':
      return "commas";
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    case '|':
      return "bars";
    default:
      return std::string("\"") + delimiter + "\"";
  }
}

std::string no_column(const Header& header, std::uint64_t line, const std::string& name) {
  std::string text = "expected a column \"" + name + "\"";
  if (header.columns.size() > 1) return at_line(line, text);
  for (const char delimiter : {',', ';', '\t', '|'}) {
    if (delimiter == header.format.delimiter) continue;
    if (header.columns.front().find(delimiter) == std::string::npos) continue;
    text += "; is the file separated by " + delimiter_in_words(delimiter) + " instead of " +
            delimiter_in_words(header.format.delimiter) + "? Then write: delimiter: " +
            (delimiter == '\t' ? "tab" : std::string("\"") + delimiter + "\"");
    break;
  }
  return at_line(line, text);
}

std::optional<std::size_t> index_of(const Header& header, const std::string& name) {
  const auto found = std::find(header.columns.begin(), header.columns.end(), name);
  if (found == header.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.columns.begin());
}

}  // namespace

ReadResult<Header> read_header(const files::FileObject& object, std::istream& in,
                               const CsvFormat& format) {
  const auto opening = files::opening_of(in, format.encoding);
  if (!opening) return tl::unexpected(rejected(opening.error().message));
  Header header;
  header.format = {format.delimiter, opening->encoding};
  in.seekg(static_cast<std::streamoff>(opening->bytes));
  CsvReader reader(in, {opening->bytes, 1}, header.format);
  Row row;
  if (!reader.next(row))
    return tl::unexpected(rejected("the file is empty, expected a row of names"));
  if (!row.problem.empty()) return tl::unexpected(rejected(at_line(row.line, row.problem)));
  header.columns = std::move(row.fields);
  header.end = reader.position();
  const auto id = index_of(header, object.id);
  if (!id) return tl::unexpected(rejected(no_column(header, row.line, object.id)));
  header.id_index = *id;
  if (!object.updated.empty()) {
    header.updated_index = index_of(header, object.updated);
    if (!header.updated_index)
      return tl::unexpected(rejected(no_column(header, row.line, object.updated)));
  }
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    if (!is_repeated(header.columns, i)) continue;
    header.problems.push_back(at_line(row.line, "column " + std::to_string(i + 1) +
                                                    " repeats the name \"" + header.columns[i] +
                                                    "\", only the first of them is read"));
  }
  return header;
}

CsvRows::CsvRows(const core::SourceName& source, const files::FileObject& object,
                 const CsvOptions& options, Header header, std::istream& in, Position start)
    : source_(source),
      object_(object),
      options_(options),
      header_(std::move(header)),
      reader_(in, start, header_.format) {}

bool CsvRows::next(files::FileRow& row) {
  if (!reader_.next(fields_)) return false;
  row.line = fields_.line;
  row.warning.clear();
  row.problem = problem_of();
  if (row.problem.empty()) make_record(row);
  return true;
}

std::string CsvRows::problem_of() const {
  if (!fields_.problem.empty()) return fields_.problem;
  if (fields_.fields.size() != header_.columns.size()) {
    return "expected " + std::to_string(header_.columns.size()) + " fields, got " +
           std::to_string(fields_.fields.size());
  }
  const std::string& id = fields_.fields[header_.id_index];
  if (id.empty()) return "column \"" + object_.id + "\" is empty";
  if (options_.nulls.contains(id)) return "column \"" + object_.id + "\" holds no value";
  return {};
}

void CsvRows::make_record(files::FileRow& row) {
  std::vector<std::string>& fields = fields_.fields;
  row.record = {};
  row.record.ref = {source_, object_.name, core::RecordId(fields[header_.id_index])};
  if (header_.updated_index) {
    const std::string& text = fields[*header_.updated_index];
    const auto version = version_of(text);
    row.record.version = version.value_or(0);
    if (!version && !text.empty() && !options_.nulls.contains(text)) {
      row.warning = "column \"" + object_.updated +
                    "\": expected a time such as 2026-01-31T10:00:00Z, got a text of another form; "
                    "the row is taken as one without a time";
    }
  }
  core::Value::Object members;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (header_.columns[i].empty()) continue;  // can't be addressed
    const bool is_null = options_.nulls.contains(fields[i]);
    core::Value value = is_null ? core::Value() : core::Value(std::move(fields[i]));
    members.try_emplace(header_.columns[i], std::move(value));  // the first of a name
  }
  row.record.json = core::dump_json(core::Value(std::move(members)));
}

}  // namespace assembly_sync::connectors::csv

#include "connectors/csv/csv.hpp"

#include <fstream>
#include <utility>

#include "connectors/csv/csv_rows.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::csv {
namespace {

using files::FileObject;
using files::FileState;

std::string text_or(const SourceSettings& settings, const std::string& key,
                    const std::string& otherwise) {
  const auto found = settings.texts.find(key);
  return found == settings.texts.end() ? otherwise : found->second;
}

CsvOptions options_of(const SourceSettings& settings) {
  CsvOptions options;
  std::vector<SettingProblem> problems;
  const std::string delimiter = text_or(settings, "delimiter", ",");
  options.format.delimiter = delimiter == "tab" ? '\t' : delimiter.front();
  const bool single = delimiter == "tab" || delimiter.size() == 1;
  if (!single || delimiter.find_first_of("\"\r\n") != std::string::npos) {
    problems.push_back(
        {{"delimiter"},
         "expected one character such as \",\" or \";\", or tab, got " +
             std::string(single ? "one that can't divide fields" : "a longer text")});
  }
  const auto encoding = files::encoding_of(text_or(settings, "encoding", "utf-8"));
  if (!encoding) problems.push_back({{"encoding"}, "expected the name of an encoding"});
  options.format.encoding = encoding.value_or(files::Encoding::utf8);
  if (const auto nulls = settings.lists.find("nulls"); nulls != settings.lists.end()) {
    options.nulls.insert(nulls->second.begin(), nulls->second.end());
  }
  if (!problems.empty()) throw SettingProblems(std::move(problems));
  return options;
}

class CsvConnector final : public files::FileConnector {
 public:
  explicit CsvConnector(const SourceSettings& settings)
      : FileConnector(settings, "a CSV file"), options_(options_of(settings)) {}

  /// The names in the files' first rows; nothing when they can't be read now.
  std::optional<std::set<std::string>> roots(const core::ObjectName& object) const override {
    const auto columns = columns_of(object);
    if (!columns) return std::nullopt;
    std::set<std::string> names(columns->begin(), columns->end());
    names.erase("");
    return names;
  }

  std::optional<std::string> catalogue_root() const override { return std::string(); }

  /// The columns of the first rows: all of them texts, and their own labels.
  ReadResult<core::Catalogue> describe(const core::ObjectName& object, core::HttpTransport&,
                                       core::WallTime) const override {
    const auto columns = columns_of(object);
    if (!columns) return tl::unexpected(columns.error());
    core::Catalogue catalogue;
    catalogue.texts = true;
    for (const std::string& column : *columns) {
      if (!column.empty()) catalogue.fields.emplace(column, core::Field{.label = column});
    }
    return catalogue;
  }

 private:
  /// Of all files of the object.
  ReadResult<std::vector<std::string>> columns_of(const core::ObjectName& name) const {
    const FileObject* object = find(name);
    if (object == nullptr) return not_configured(name);
    const auto files = files::files_of(object->path);
    if (!files) return tl::unexpected(files.error());
    std::vector<std::string> columns;
    for (const FileState& file : *files) {
      std::ifstream in(file.path, std::ios::binary);
      if (!in) return tl::unexpected(rejected(file.path + ": can't be opened"));
      const auto header = read_header(*object, in, options_.format);
      if (!header) return tl::unexpected(rejected(file.path + ": " + header.error().reason));
      columns.insert(columns.end(), header->columns.begin(), header->columns.end());
    }
    return columns;
  }

  ReadResult<files::OpenedFile> open_rows(const FileObject& object, std::istream& in,
                                          const std::optional<Position>& from) const override {
    auto header = read_header(object, in, options_.format);
    if (!header) return tl::unexpected(header.error());
    files::OpenedFile opened;
    opened.ends_line = files::ends_line(in, header->format.encoding);
    if (!from) opened.warnings = header->problems;
    const Position start = from.value_or(header->end);
    in.clear();
    in.seekg(static_cast<std::streamoff>(start.offset));
    opened.rows =
        std::make_unique<CsvRows>(source(), object, options_, std::move(*header), in, start);
    return opened;
  }

  const CsvOptions options_;
};

}  // namespace

std::vector<Setting> settings() {
  using Kind = Setting::Kind;
  return {{.name = "path", .kind = Kind::path},
          {.name = "delimiter", .default_value = ","},
          {.name = "encoding",
           .kind = Kind::choice,
           .default_value = files::encoding_names().front(),
           .choices = files::encoding_names()},
          {.name = "nulls", .kind = Kind::texts},
          {.name = "objects",
           .kind = Kind::objects,
           .required = true,
           .settings = {{.name = "id", .required = true},
                        {.name = "path", .kind = Kind::path},
                        {.name = "updated"}}}};
}

std::unique_ptr<Connector> make_csv(const SourceSettings& settings) {
  return std::make_unique<CsvConnector>(settings);
}

}  // namespace assembly_sync::connectors::csv

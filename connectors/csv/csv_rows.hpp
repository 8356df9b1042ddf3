// The rows of one CSV file as records: the header, which column is what, what is wrong with a row.
// Not thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "connectors/csv/csv_reader.hpp"
#include "connectors/files/file_connector.hpp"

namespace assembly_sync::connectors::csv {

struct CsvOptions {
  CsvFormat format;
  std::set<std::string, std::less<>> nulls;  // texts that stand for no value
};

struct Header {
  std::vector<std::string> columns;
  std::size_t id_index = 0;
  std::optional<std::size_t> updated_index;
  Position end;                       // where the rows begin
  std::vector<std::string> problems;  // what does not stop the reading
  CsvFormat format;                   // with the encoding that the file's mark tells
};

/// Reads the first row. Rejected, without the file's name, when it can't be that of this object.
ReadResult<Header> read_header(const files::FileObject& object, std::istream& in,
                               const CsvFormat& format);

class CsvRows final : public files::RowReader {
 public:
  /// `in` must stand at `start`. All but `header` must outlive this.
  CsvRows(const core::SourceName& source, const files::FileObject& object,
          const CsvOptions& options, Header header, std::istream& in, Position start);

  bool next(files::FileRow& row) override;
  Position position() const override { return reader_.position(); }
  bool at_end() override { return reader_.at_end(); }

 private:
  std::string problem_of() const;
  void make_record(files::FileRow& row);

  const core::SourceName& source_;
  const files::FileObject& object_;
  const CsvOptions& options_;
  const Header header_;
  CsvReader reader_;
  Row fields_;
};

}  // namespace assembly_sync::connectors::csv

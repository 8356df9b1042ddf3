// What all sources of files have in common: which files belong to an object, pages with a cursor,
// files that change while they are read, rows of the same id. A format (CSV, NDJSON) says how the
// rows of one file become records. Thread-safe.
#pragma once

#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/files/file_set.hpp"
#include "connectors/registry.hpp"

namespace assembly_sync::connectors::files {

/// Rows on one page, good and bad ones together.
inline constexpr std::size_t kPageRows = 100;

/// Where a row begins.
struct Position {
  std::uint64_t offset = 0;  // in bytes
  std::uint64_t line = 1;    // from 1
  auto operator<=>(const Position&) const = default;
};

struct FileObject {
  core::ObjectName name;
  std::string path;  // of a file, or a pattern
  std::string id;
  std::string updated;  // empty = rows have no time
};

/// One row of a file as a record, or why it is none.
struct FileRow {
  std::uint64_t line = 0;
  std::string problem{};  // "expected 5 fields, got 4"; empty = `record` holds it
  std::string warning{};  // about a record that is taken all the same
  core::Record record{};
};

/// The rows of one file from some row on. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// False at the end of the file.
  virtual bool next(FileRow& row) = 0;
  /// Where the next row begins.
  virtual Position position() const = 0;
  /// True when nothing follows.
  virtual bool at_end() = 0;
};

struct OpenedFile {
  std::unique_ptr<RowReader> rows;
  std::vector<std::string> warnings{};  // of the file as a whole, told once: "line 1: …"
  bool ends_line = true;                // false: its last line has no end
};

class FileConnector : public Connector {
 public:
  /// `kind` for messages: "a CSV file". Throws SettingProblems when an object has no path, or no
  /// other than its neighbour's.
  FileConnector(const SourceSettings& settings, std::string kind);

  std::vector<core::ObjectName> objects() const override;
  bool takes_webhooks() const override { return false; }
  Verification verify(const WebhookRequest& request, core::WallTime now) const override;
  core::Result<std::vector<core::Notice>> decode(const Received& received) const override;
  bool reads_by_id() const override { return false; }
  std::size_t batch_size() const override { return kPageRows; }
  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const Paths& wanted, core::HttpTransport& transport,
                             core::WallTime now) const override;
  /// File after file, in order of their names. When a file changed since the first page, all is
  /// read again from the first row, with a warning, so that a listing that comes to its end has
  /// shown every row of one state of the files. As long as it is still being written, the error is
  /// transient.
  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths& wanted, core::HttpTransport& transport,
                        core::WallTime now) const override;
  std::optional<std::string> fingerprint(const core::ObjectName& object) const override;

 protected:
  /// `from`: nothing = the first row. `in` is open and outlives the result. An error's reason does
  /// not name the file.
  virtual ReadResult<OpenedFile> open_rows(const FileObject& object, std::istream& in,
                                           const std::optional<Position>& from) const = 0;

  const core::SourceName& source() const { return source_; }
  /// nullptr when it is not configured.
  const FileObject* find(const core::ObjectName& object) const;
  static tl::unexpected<ReadError> not_configured(const core::ObjectName& object);

 private:
  struct Cursor;
  class PageBuilder;
  ReadResult<Page> first_page(const FileObject& object, core::WallTime now) const;
  ReadResult<Page> read_page(const FileObject& object, const FileState& file, const Cursor& at,
                             core::WallTime now) const;
  ReadResult<Page> begin_again(const FileObject& object, const std::string& path,
                               core::WallTime now) const;
  ReadResult<Page> end_file(const FileObject& object, const FileState& file, const Cursor& at,
                            Page page, core::WallTime now) const;

  const core::SourceName source_;
  const std::string kind_;
  const std::string how_;  // the settings by which files are read, in short
  std::vector<FileObject> objects_;
};

}  // namespace assembly_sync::connectors::files

#include "connectors/ndjson/ndjson.hpp"

#include <utility>

#include "connectors/files/file_connector.hpp"
#include "connectors/ndjson/line_reader.hpp"
#include "connectors/read_error.hpp"
#include "connectors/record_fields.hpp"
#include "connectors/webhook/field.hpp"
#include "core/json_view.hpp"

namespace assembly_sync::connectors::ndjson {
namespace {

using core::JsonKind;
using files::FileObject;
using files::Position;
using webhook::Field;
using webhook::kind_in_words;

class NdjsonRows final : public files::RowReader {
 public:
  NdjsonRows(const core::SourceName& source, const FileObject& object, std::istream& in,
             Position start)
      : source_(source),
        object_(object),
        id_(object.id),
        updated_(object.updated),
        reader_(in, start) {}

  bool next(files::FileRow& row) override {
    Line line;
    if (!reader_.next(line)) return false;
    row.line = line.number;
    row.warning.clear();
    row.problem = line.too_long ? "longer than " + std::to_string(kLineBytes) + " bytes" : "";
    if (row.problem.empty()) read_record(line.text, row);
    return true;
  }
  Position position() const override { return reader_.position(); }
  bool at_end() override { return reader_.at_end(); }

 private:
  void read_record(std::string_view text, files::FileRow& row) {
    const auto root = document_.parse(text);
    if (!root) {
      row.problem = "expected a JSON object, got " + root.error().message;
      return;
    }
    if (root->kind() != JsonKind::object) {
      row.problem = "expected a JSON object, got " + std::string(kind_in_words(*root));
      return;
    }
    const auto id = id_.find(*root);
    const auto record_id = id_of(id);
    if (!record_id) {
      row.problem = "expected a text or a whole number at " + object_.id + ", got " +
                    std::string(kind_in_words(id));
      return;
    }
    row.record = {};
    row.record.ref = {source_, object_.name, *record_id};
    row.record.json = text;
    if (!updated_.empty()) read_version(*root, row);
  }

  void read_version(core::JsonView root, files::FileRow& row) const {
    const auto updated = updated_.find(root);
    const auto version = version_of(updated);
    row.record.version = version.value_or(0);
    if (version || !updated || updated->kind() == JsonKind::null) return;
    row.warning = "expected a time at " + object_.updated + ", got " +
                  std::string(kind_in_words(updated)) +
                  (updated->kind() == JsonKind::text ? " of another form" : "") +
                  "; the record is taken as one without a time";
  }

  const core::SourceName& source_;
  const FileObject& object_;
  const Field id_;
  const Field updated_;
  LineReader reader_;
  core::JsonDocument document_;
};

class NdjsonConnector final : public files::FileConnector {
 public:
  explicit NdjsonConnector(const SourceSettings& settings)
      : FileConnector(settings, "an NDJSON file") {}

  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    return std::nullopt;
  }

 private:
  ReadResult<files::OpenedFile> open_rows(const FileObject& object, std::istream& in,
                                          const std::optional<Position>& from) const override {
    const auto opening = files::opening_of(in, files::Encoding::utf8);
    if (!opening) return tl::unexpected(rejected("expected UTF-8, got UTF-16"));
    files::OpenedFile opened;
    opened.ends_line = files::ends_line(in, files::Encoding::utf8);
    const Position start = from.value_or(Position{opening->bytes, 1});
    in.clear();
    in.seekg(static_cast<std::streamoff>(start.offset));
    opened.rows = std::make_unique<NdjsonRows>(source(), object, in, start);
    return opened;
  }
};

}  // namespace

std::vector<Setting> settings() {
  using Kind = Setting::Kind;
  return {{.name = "path", .kind = Kind::path},
          {.name = "objects",
           .kind = Kind::objects,
           .required = true,
           .settings = {{.name = "id", .kind = Kind::field, .required = true},
                        {.name = "path", .kind = Kind::path},
                        {.name = "updated", .kind = Kind::field}}}};
}

std::unique_ptr<Connector> make_ndjson(const SourceSettings& settings) {
  return std::make_unique<NdjsonConnector>(settings);
}

}  // namespace assembly_sync::connectors::ndjson

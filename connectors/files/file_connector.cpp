#include "connectors/files/file_connector.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "connectors/crypto.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::files {
namespace {

tl::unexpected<ReadError> transient(std::string reason) {
  return tl::unexpected(ReadError{
      .kind = ReadError::Kind::transient, .retry_after = kQuiet, .reason = std::move(reason)});
}

std::string at_line(std::uint64_t line, const std::string& problem) {
  return "line " + std::to_string(line) + ": " + problem;
}

/// Takes the number before the next colon, and both off `text`.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || at == end || *at != ':') return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()) + 1);
  return true;
}

bool take_word(std::string_view& text, std::string& word) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  word = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return true;
}

std::string path_of(const SourceSettings& settings, const ObjectSettings& object) {
  const auto own = object.texts.find("path");
  if (own != object.texts.end()) return own->second;
  const auto shared = settings.texts.find("path");
  return shared == settings.texts.end() ? std::string() : shared->second;
}

/// How the files are read: another way makes other records of the same content.
std::string digest_of(const SourceSettings& settings) {
  std::string all;
  const auto add = [&](const std::map<std::string, std::string>& texts) {
    for (const auto& [name, text] : texts) all += name + '\0' + text + '\0';
  };
  add(settings.texts);
  for (const auto& [name, texts] : settings.lists) {
    all += name + '\0';
    for (const std::string& text : texts) all += text + '\0';
  }
  for (const ObjectSettings& object : settings.objects) {
    all += object.name.str() + '\0' + object.id + '\0' + object.updated + '\0';
    add(object.texts);
  }
  constexpr std::size_t kDigits = 16;
  return to_hex(sha256(all)).substr(0, kDigits);
}

}  // namespace

/// `FILES:FILE:OFFSET:LINE:PATH`: the state of all files when the listing began, the state of the
/// one at hand, and where in it the next row begins; line 0 = at its first row.
struct FileConnector::Cursor {
  std::string files;
  std::string file;
  Position position;
  std::string path;

  std::optional<Position> from() const {
    return position.line == 0 ? std::nullopt : std::optional(position);
  }
  std::string text() const {
    return files + ':' + file + ':' + std::to_string(position.offset) + ':' +
           std::to_string(position.line) + ':' + path;
  }
  static std::optional<Cursor> parse(std::string_view text) {
    Cursor cursor;
    if (!take_word(text, cursor.files) || !take_word(text, cursor.file) ||
        !take_number(text, cursor.position.offset) || !take_number(text, cursor.position.line) ||
        text.empty()) {
      return std::nullopt;
    }
    cursor.path = text;
    return cursor;
  }
};

/// Collects rows. Of two with the same id, the one with the newer time counts, else the later one.
class FileConnector::PageBuilder {
 public:
  PageBuilder(const FileObject& object, const FileState& file) {
    if (is_pattern(object.path)) {
      file_ = std::filesystem::path(file.path).filename().string() + ": ";
    }
  }

  void add_warning(const std::string& warning) { page_.warnings.push_back(file_ + warning); }

  void add(FileRow& row) {
    if (!row.problem.empty()) {
      page_.bad_rows.push_back(file_ + at_line(row.line, row.problem));
      return;
    }
    if (!row.warning.empty()) warn(row.line, row.warning);
    const std::string& id = row.record.ref.id.str();
    const auto [known, is_new] = lines_.try_emplace(id, page_.records.size(), row.line);
    if (is_new) {
      page_.records.push_back(std::move(row.record));
      return;
    }
    auto& [index, line] = known->second;
    const bool newer = row.record.version >= page_.records[index].version;
    warn(row.line, "the same id as in line " + std::to_string(line) +
                       (newer ? "; this one counts" : ", which has a newer time and counts"));
    if (!newer) return;
    page_.records[index] = std::move(row.record);
    line = row.line;
  }

  Page take() { return std::move(page_); }

 private:
  void warn(std::uint64_t line, const std::string& text) { add_warning(at_line(line, text)); }

  std::string file_;
  Page page_;
  std::unordered_map<std::string, std::pair<std::size_t, std::uint64_t>> lines_;
};

FileConnector::FileConnector(const SourceSettings& settings, std::string kind)
    : source_(settings.name), kind_(std::move(kind)), how_(digest_of(settings)) {
  std::vector<SettingProblem> problems;
  for (const ObjectSettings& object : settings.objects) {
    const std::string name = object.name.str();
    FileObject file{object.name, path_of(settings, object), object.id, object.updated};
    const auto same = std::find_if(objects_.begin(), objects_.end(),
                                   [&](const FileObject& o) { return o.path == file.path; });
    if (file.path.empty()) {
      problems.push_back(
          {{"objects", name, "path"}, "expected a file name here or in the source, got nothing"});
    } else if (same != objects_.end()) {
      problems.push_back({{"objects", name},
                          "expected a path of its own (all rows of a file are of one kind), got "
                          "that of " +
                              same->name.str()});
    }
    if (file.id.empty()) {
      problems.push_back({{"objects", name, "id"}, "expected what identifies a row, got nothing"});
    }
    objects_.push_back(std::move(file));
  }
  if (objects_.empty()) problems.push_back({{"objects"}, "expected at least one object, got none"});
  if (!problems.empty()) throw SettingProblems(std::move(problems));
}

std::vector<core::ObjectName> FileConnector::objects() const {
  std::vector<core::ObjectName> names;
  for (const FileObject& object : objects_) names.push_back(object.name);
  return names;
}

Verification FileConnector::verify(const WebhookRequest& /*request*/,
                                   core::WallTime /*now*/) const {
  return {.ok = false, .reason = kind_ + " sends no webhooks"};
}

core::Result<std::vector<core::Notice>> FileConnector::decode(const Received& /*received*/) const {
  return core::fail(kind_ + " sends no webhooks");
}

ReadResult<BatchRead> FileConnector::read(const core::ObjectName& /*object*/,
                                          const std::vector<core::RecordId>& /*ids*/,
                                          const Paths& /*wanted*/,
                                          core::HttpTransport& /*transport*/,
                                          core::WallTime /*now*/) const {
  return tl::unexpected(rejected(kind_ + " is read whole"));
}

const FileObject* FileConnector::find(const core::ObjectName& object) const {
  const auto found = std::find_if(objects_.begin(), objects_.end(),
                                  [&](const FileObject& o) { return o.name == object; });
  return found == objects_.end() ? nullptr : &*found;
}

tl::unexpected<ReadError> FileConnector::not_configured(const core::ObjectName& object) {
  return tl::unexpected(rejected("object " + object.str() + " is not configured"));
}

std::optional<std::string> FileConnector::fingerprint(const core::ObjectName& object) const {
  const FileObject* wanted = find(object);
  if (wanted == nullptr) return std::nullopt;
  const auto files = files_of(wanted->path);
  if (!files) return std::nullopt;
  auto text = files::fingerprint(*files);
  return text ? std::optional(*text + '/' + how_) : std::nullopt;
}

ReadResult<Page> FileConnector::list(const core::ObjectName& object,
                                     const std::optional<std::string>& cursor,
                                     const Paths& /*wanted*/, core::HttpTransport& /*transport*/,
                                     core::WallTime now) const {
  const FileObject* wanted = find(object);
  if (wanted == nullptr) return not_configured(object);
  if (!cursor) return first_page(*wanted, now);
  const auto at = Cursor::parse(*cursor);
  if (!at) return tl::unexpected(rejected(wanted->path + ": the cursor is not one of this source"));
  const auto file = state_of(at->path);
  if (!file || signature(*file) != at->file) return begin_again(*wanted, at->path, now);
  return read_page(*wanted, *file, *at, now);
}

ReadResult<Page> FileConnector::first_page(const FileObject& object, core::WallTime now) const {
  const auto files = files_of(object.path);
  if (!files) return tl::unexpected(files.error());
  const FileState& first = files->front();
  return read_page(object, first, {signature(*files), signature(first), {0, 0}, first.path}, now);
}

/// What was listed so far may be of another state than what would follow.
ReadResult<Page> FileConnector::begin_again(const FileObject& object, const std::string& path,
                                            core::WallTime now) const {
  const auto file = state_of(path);
  if (file && is_fresh(*file, now)) {
    return transient(path +
                     ": the file changed while it was read, and is still being written; "
                     "it is read again from its first row when nobody writes to it");
  }
  auto page = first_page(object, now);
  if (!page) {  // its writer may be between taking it away and putting the next one there
    return transient(page.error().reason + "; it was there when its reading began");
  }
  page->warnings.insert(page->warnings.begin(),
                        object.path + ": changed while it was read, so all is read again");
  return page;
}

ReadResult<Page> FileConnector::read_page(const FileObject& object, const FileState& file,
                                          const Cursor& at, core::WallTime now) const {
  std::ifstream in(file.path, std::ios::binary);
  if (!in) return tl::unexpected(rejected(file.path + ": can't be opened"));
  auto opened = open_rows(object, in, at.from());
  if (!opened) {
    opened.error().reason = file.path + ": " + opened.error().reason;
    return tl::unexpected(opened.error());
  }
  PageBuilder builder(object, file);
  for (const std::string& warning : opened->warnings) builder.add_warning(warning);
  FileRow row;
  for (std::size_t rows = 0; rows < kPageRows && opened->rows->next(row); ++rows) builder.add(row);
  const bool at_end = opened->rows->at_end();
  if (in.bad()) return transient(file.path + ": reading failed");
  // The name now stands for another file, or for another content: nothing of it is used.
  const auto after = state_of(file.path);
  if (!after || *after != file) return begin_again(object, file.path, now);
  if (at_end && !opened->ends_line && is_fresh(file, now)) {
    return transient(file.path +
                     ": the last line has no end, and the file was changed a moment "
                     "ago: it is still being written");
  }
  Page page = builder.take();
  if (at_end) return end_file(object, file, at, std::move(page), now);
  page.next = Cursor{at.files, at.file, opened->rows->position(), at.path}.text();
  return page;
}

ReadResult<Page> FileConnector::end_file(const FileObject& object, const FileState& file,
                                         const Cursor& at, Page page, core::WallTime now) const {
  const auto files = files_of(object.path);
  if (!files) return tl::unexpected(files.error());
  if (signature(*files) != at.files) return begin_again(object, file.path, now);
  const auto next = std::find_if(files->begin(), files->end(),
                                 [&](const FileState& f) { return f.path > file.path; });
  if (next != files->end()) {
    page.next = Cursor{at.files, signature(*next), {0, 0}, next->path}.text();
  }
  return page;
}

}  // namespace assembly_sync::connectors::files

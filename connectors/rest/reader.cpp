#include "connectors/rest/reader.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "connectors/read_error.hpp"
#include "connectors/rest/raw_json.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::rest {
namespace {

std::string text_of(const Path& path) {
  std::string text;
  for (const std::string& name : path) text += (text.empty() ? "" : ".") + name;
  return text.empty() ? "the body's root" : text;
}

/// Tells two pages apart by their ends.
std::string mark_of(const std::vector<std::string_view>& rows) {
  if (rows.empty()) return {};
  return std::to_string(std::hash<std::string_view>{}(rows.front())) + '-' +
         std::to_string(std::hash<std::string_view>{}(rows.back()));
}

}  // namespace

/// What stands where the records should. Items that are null are no rows: some APIs leave such
/// holes where a row may not be seen. They count where pages are counted.
struct Reader::Items {
  std::vector<std::string_view> rows;  // into the answer's body
  std::size_t count = 0;               // with the holes
};

struct Reader::Fetched {
  std::unique_ptr<const Answer>
      answer;  // at an address that stays: a short text moves with its owner
  std::vector<std::string_view> rows;  // into its body
  std::optional<PageState> next;
  core::WallTime told{};  // the API's own clock, where it tells it
};

Reader::Reader(const SourceSpec& source, const ObjectSpec& object, const Client& client,
               const Paths& wanted)
    : source_(source), object_(object), client_(client), rows_(source.name, object) {
  std::set<std::string> names;
  const auto add = [&](const Field& field) {
    if (!field.names().empty()) names.insert(field.names().front());
  };
  add(object.id);
  for (const Field& field : object.updated) add(field);
  if (object.company) add(object.company->field);
  if (object.deleted_at) add(*object.deleted_at);
  for (const auto& [field, texts] : object.deleted.fields()) add(field);
  for (const auto& path : wanted) {
    if (!path.empty()) names.insert(path.front());
  }
  fields_.assign(names.begin(), names.end());
}

Given Reader::fields() const {
  if (!object_.uses_fields) return {};
  core::Value::List names(fields_.begin(), fields_.end());
  return {{"fields", core::Value::list(std::move(names))}};
}

ReadResult<Reader::Items> Reader::items_of(const Answer& answer, const Path& path) const {
  Items items;
  if (answer.kind != Answer::Kind::ok) return items;
  const auto add = [&](std::string_view item) {
    ++items.count;
    if (item != "null") items.rows.push_back(item);
  };
  const auto places = raw_find(answer.body, path);
  for (const std::string_view place : places) {
    if (place.starts_with('[')) {
      for_each_raw_item(place, add);
    } else if (place != "null" || (!path.empty() && path.back() == "*")) {
      add(place);  // null where the whole list should be says that there are none
    }
  }
  const bool several = std::find(path.begin(), path.end(), "*") != path.end();
  if (places.empty() && !several) {
    return tl::unexpected(transient("the API's answer has no records at " + text_of(path)));
  }
  return items;
}

ReadResult<Reader::Fetched> Reader::fetch(const StreamSpec& stream, const PageState& state,
                                          std::optional<core::WallTime> since) const {
  Given given = fields();
  state.give(stream.pages, given);
  auto answer =
      client_.ask(stream.request, given, {client_.now(), since, std::nullopt}, state.address);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  Fetched fetched{std::make_unique<const Answer>(std::move(*answer)), {}, {}, client_.now()};
  if (const auto date = core::find_header(fetched.answer->headers, "Date")) {
    if (const auto ms = core::parse_http_date_ms(*date)) {
      fetched.told = core::WallTime{std::chrono::milliseconds(*ms)};
    }
  }
  core::JsonDocument document;
  std::optional<core::JsonView> body;
  if (fetched.answer->kind == Answer::Kind::ok) {
    const auto parsed = document.parse(fetched.answer->body);
    if (!parsed) {
      return tl::unexpected(transient("the API's answer: " + parsed.error().message));
    }
    body = *parsed;
  }
  auto items = items_of(*fetched.answer, stream.records);
  if (!items) return tl::unexpected(std::move(items.error()));
  fetched.rows = std::move(items->rows);
  core::JsonDocument last_row;
  std::optional<core::JsonView> last;
  if (!fetched.rows.empty()) {
    if (const auto view = last_row.parse(fetched.rows.back())) last = *view;
  }
  auto next = next_page(stream.pages, state,
                        {items->count, mark_of(fetched.rows), body, last, fetched.answer->headers,
                         fetched.answer->path});
  if (!next) return tl::unexpected(std::move(next.error()));
  fetched.next = std::move(*next);
  return fetched;
}

ReadResult<Page> Reader::page(const std::optional<std::string>& cursor) const {
  PageState state = PageState::first(object_.list.pages);
  if (cursor) {
    const auto value = core::parse_json(*cursor);
    const auto kept = value ? PageState::from_value(*value) : std::nullopt;
    if (!kept) return tl::unexpected(rejected("the listing's cursor is none of this source"));
    state = *kept;
  }
  auto fetched = fetch(object_.list, state, std::nullopt);
  if (!fetched) return tl::unexpected(std::move(fetched.error()));
  Page page;
  for (std::size_t i = 0; i < fetched->rows.size(); ++i) {
    auto row = rows_.read(fetched->rows[i]);
    if (!row) {
      page.bad_rows.push_back("row " + std::to_string(i + 1) + " of page " +
                              std::to_string(state.read + 1) + ": " + row.error().message);
    } else if (!row->deleted) {
      page.records.push_back(std::move(row->record));
    }
  }
  if (fetched->next) page.next = core::dump_json(fetched->next->to_value());
  return page;
}

// -- what changed

/// One walk over what changed since a moment.
struct Reader::Pass {
  std::int64_t since = 0;    // ms: from where this pass began
  std::int64_t highest = 0;  // ms: the newest change it has seen
  std::int64_t begun = 0;    // ms: when its first page was read; 0 = not yet
  bool deletions = false;    // in the stream of deletions
  std::int64_t pages = 0;    // read so far, of both streams
  std::int64_t refused = 0;  // so many were read when it was last begun anew; 0 = it was not
  std::int64_t read_at = 0;  // ms: when the last of them was read, by our clock
  std::optional<PageState> page{};

  static std::optional<Pass> from_text(const std::string& text) {
    const auto value = core::parse_json(text);
    if (!value || !value->at("since").is_int()) return std::nullopt;
    Pass pass;
    pass.since = value->at("since").as_int();
    const auto number = [&](const char* name) {
      return value->at(name).is_int() ? value->at(name).as_int() : 0;
    };
    pass.highest = number("highest");
    pass.begun = number("begun");
    pass.deletions = value->at("deletions") == core::Value(true);
    pass.pages = number("pages");
    pass.refused = number("refused");
    pass.read_at = number("read_at");
    if (const core::Value* page = value->find("page")) {
      pass.page = PageState::from_value(*page);
      if (!pass.page) return std::nullopt;
    }
    return pass;
  }

  std::string to_text() const {
    core::Value value = core::Value::object({{"since", since}});
    if (begun != 0) value.set("begun", begun);
    if (begun != 0) value.set("highest", highest);
    if (deletions) value.set("deletions", true);
    if (refused != 0) value.set("refused", refused);
    if (!page) return core::dump_json(value);
    value.set("pages", pages);
    value.set("read_at", read_at);
    value.set("page", page->to_value());
    return core::dump_json(value);
  }

  /// Where the next pass begins. Not behind the newest change that was seen, in the API's own time,
  /// and not behind this pass's beginning: what changed while pages were read may have been passed.
  Pass following() const { return {.since = std::max(since, std::min(highest, begun))}; }
};

struct Reader::Found {
  Changes changes;
  std::int64_t highest = 0;

  void seen(std::int64_t ms) { highest = std::max(highest, ms); }
  void bad(std::size_t row, const std::string& why) {
    changes.bad_rows.push_back("row " + std::to_string(row + 1) + ": " + why);
  }
};

core::WallTime Reader::asked_since(const Pass& pass) const {
  const ChangesSpec& spec = *object_.changes;
  constexpr std::int64_t kSecond = 1000;  // the coarsest unit of a `since`
  const std::int64_t ms = pass.since - spec.overlap_ms - (spec.inclusive ? 0 : kSecond);
  return core::WallTime{std::chrono::milliseconds(std::max<std::int64_t>(0, ms))};
}

void Reader::add_rows(const Fetched& fetched, const Pass& pass, Found& found) const {
  const bool filters = object_.changes->scheme == ChangesSpec::Scheme::client;
  const std::int64_t since = core::to_ms(asked_since(pass));
  for (std::size_t i = 0; i < fetched.rows.size(); ++i) {
    auto row = rows_.read(fetched.rows[i]);
    if (!row) {
      found.bad(i, row.error().message);
      continue;
    }
    const core::RecordVersion version = row->record.version;
    found.seen(version);
    // What has no time may have changed.
    if (filters && version != 0 && version < since) continue;
    core::Notice& notice = found.changes.notices.emplace_back();
    notice.ref = row->record.ref;
    notice.occurred_at_ms = version;
    if (row->deleted) notice.kind = core::NoticeKind::deleted;
    // Where it can be asked for, a deletion is looked at before it is believed.
    if (!row->deleted || !object_.detail) notice.record = std::move(row->record);
  }
}

void Reader::add_events(const Fetched& fetched, Found& found) const {
  const ChangesSpec& spec = *object_.changes;
  std::map<core::RecordId, std::size_t> thin;  // one notice for all events of a record
  for (std::size_t i = 0; i < fetched.rows.size(); ++i) {
    core::JsonDocument document;
    const auto event = document.parse(fetched.rows[i]);
    const auto id = id_in(fetched.rows[i], spec.id.names());
    if (!event || !id) {
      found.bad(i, "expected a text or a whole number as id at " + spec.id.text());
      continue;
    }
    core::Notice notice;
    notice.ref = {source_.name, object_.name, *id};
    notice.occurred_at_ms = time_in(spec.updated, *event).value_or(0);
    notice.event = spec.deleted.name_of(*event);
    const bool deleted = !spec.deleted.empty() && spec.deleted.holds(*event);
    if (deleted) notice.kind = core::NoticeKind::deleted;
    found.seen(notice.occurred_at_ms);
    if (auto merged = merge_in(spec.merges, *event)) {
      notice.kind = core::NoticeKind::merged;
      notice.ref.id = std::move(merged->winner);
      notice.merged_ids = {std::move(merged->loser)};
    } else if (spec.record && !deleted) {
      const auto raw = raw_find(fetched.rows[i], *spec.record);
      auto row = rows_.read(raw.empty() ? "null" : raw.front());
      if (!row) {
        found.bad(i, row.error().message);
        continue;
      }
      notice.record = std::move(row->record);
    } else if (deleted && !object_.detail) {
      notice.record =
          core::Record{notice.ref, std::string(fetched.rows[i]), notice.occurred_at_ms, {}};
    } else {
      const auto [known, is_new] = thin.emplace(*id, found.changes.notices.size());
      if (!is_new) {
        core::Notice& first = found.changes.notices[known->second];
        if (deleted) first.kind = notice.kind;
        first.occurred_at_ms = std::max(first.occurred_at_ms, notice.occurred_at_ms);
        continue;
      }
    }
    found.changes.notices.push_back(std::move(notice));
  }
}

void Reader::add_deletions(const Fetched& fetched, Found& found) const {
  const DeletionsSpec& spec = *object_.deletions;
  for (std::size_t i = 0; i < fetched.rows.size(); ++i) {
    core::JsonDocument document;
    const auto row = document.parse(fetched.rows[i]);
    const auto id = id_in(fetched.rows[i], spec.id.names());
    if (!row || !id) {
      found.bad(i, "expected a text or a whole number as id at " + spec.id.text());
      continue;
    }
    core::Notice& notice = found.changes.notices.emplace_back();
    notice.ref = {source_.name, object_.name, *id};
    notice.kind = core::NoticeKind::deleted;
    notice.occurred_at_ms = time_in(spec.updated, *row).value_or(0);
    found.seen(notice.occurred_at_ms);
    if (!object_.detail) {
      notice.record =
          core::Record{notice.ref, std::string(fetched.rows[i]), notice.occurred_at_ms, {}};
    }
  }
}

/// A page's cursor may be too old to be taken: the pass begins anew. At once where it came further
/// than the last time; else whoever asks is told, and it begins anew after the pause that follows.
ReadResult<Changes> Reader::restarted(const Pass& pass, const ReadError& why) const {
  constexpr std::int64_t kPauseMs = 60'000;
  const bool lost = why.kind == ReadError::Kind::rejected && pass.page && pass.page->read > 0;
  const bool came_further = pass.pages > pass.refused;
  const bool rested = core::to_ms(client_.now()) - pass.read_at >= kPauseMs;
  if (!lost || !(came_further || rested)) return tl::unexpected(why);
  Pass anew{.since = pass.since};
  anew.refused = std::max(pass.pages, pass.refused);
  Changes changes;
  changes.next = anew.to_text();
  changes.more = true;
  changes.warnings.push_back("page " + std::to_string(pass.page->read + 1) + " of the changes of " +
                             object_.name.str() + " was refused (" + why.reason +
                             "); they are read from the first page again");
  return changes;
}

ReadResult<Changes> Reader::changes(const std::string& cursor) const {
  auto pass = Pass::from_text(cursor);
  if (!pass) {
    return tl::unexpected(
        rejected("the cursor of " + object_.name.str() + " is none of this source"));
  }
  const StreamSpec& stream =
      pass->deletions && object_.deletions ? object_.deletions->stream : object_.changes->stream;
  const PageState state = pass->page.value_or(PageState::first(stream.pages));
  auto fetched = fetch(stream, state, asked_since(*pass));
  if (!fetched) return restarted(*pass, fetched.error());
  ++pass->pages;
  pass->read_at = core::to_ms(client_.now());
  if (pass->begun == 0) pass->begun = core::to_ms(fetched->told);
  Found found;
  if (pass->deletions) {
    add_deletions(*fetched, found);
  } else if (object_.changes->scheme == ChangesSpec::Scheme::events) {
    add_events(*fetched, found);
  } else {
    add_rows(*fetched, *pass, found);
  }
  pass->highest = std::max(pass->highest, found.highest);
  pass->page = std::move(fetched->next);
  if (!pass->page && object_.deletions && !pass->deletions) {
    pass->deletions = true;
    pass->page = PageState::first(object_.deletions->stream.pages);
  }
  Changes changes = std::move(found.changes);
  changes.more = pass->page.has_value();
  changes.next = changes.more ? pass->to_text() : pass->following().to_text();
  return changes;
}

std::string first_cursor(core::WallTime since) {
  return core::dump_json(core::Value::object({{"since", core::to_ms(since)}}));
}

// -- by id

ReadResult<Answer> Reader::ask_for(const Given& given) const {
  const DetailSpec& detail = *object_.detail;
  Given all = fields();
  all.insert(given.begin(), given.end());
  all["limit"] = core::Value(static_cast<std::int64_t>(detail.batch));
  auto answer = client_.ask(detail.request, all, {client_.now(), std::nullopt, std::nullopt}, {},
                            detail.missing);
  if (!answer || answer->kind != Answer::Kind::ok) return answer;
  core::JsonDocument document;
  if (const auto parsed = document.parse(answer->body); !parsed) {
    return tl::unexpected(transient("the API's answer: " + parsed.error().message));
  }
  return answer;
}

std::optional<ReadError> Reader::read_one(const core::RecordId& id, BatchRead& out) const {
  const auto answer = ask_for({{"id", core::Value(id.str())}});
  if (!answer) return answer.error();
  const auto items = items_of(*answer, object_.detail->records);
  if (!items) return items.error();
  if (items->rows.empty()) {
    out.missing.push_back({.id = id});
    return std::nullopt;
  }
  auto row = rows_.read(items->rows.front());
  if (!row) return transient("a record that was read by id: " + row.error().message);
  if (row->deleted) {
    out.missing.push_back({.id = id, .archived = true});
    return std::nullopt;
  }
  if (row->record.ref.id != id) out.remapped.emplace_back(id, row->record.ref.id);
  out.records.push_back(std::move(row->record));
  return std::nullopt;
}

std::optional<ReadError> Reader::read_several(const std::vector<core::RecordId>& ids,
                                              BatchRead& out) const {
  core::Value::List texts;
  for (const core::RecordId& id : ids) texts.emplace_back(id.str());
  const auto answer = ask_for({{"ids", core::Value::list(std::move(texts))}});
  if (!answer) return answer.error();
  // One that may not be seen can hide the others: each is asked for alone.
  if (answer->kind == Answer::Kind::missing && ids.size() > 1) {
    client_.owe(ids.size());
    for (const core::RecordId& id : ids) {
      if (auto failure = read_several({id}, out)) return failure;
    }
    return std::nullopt;
  }
  const auto items = items_of(*answer, object_.detail->records);
  if (!items) return items.error();
  std::set<core::RecordId> open(ids.begin(), ids.end());
  for (const std::string_view raw : items->rows) {
    auto row = rows_.read(raw);
    if (!row) return transient("a record that was read by id: " + row.error().message);
    if (open.erase(row->record.ref.id) == 0) continue;  // not asked for
    if (row->deleted) {
      out.missing.push_back({.id = row->record.ref.id, .archived = true});
    } else {
      out.records.push_back(std::move(row->record));
    }
  }
  for (const core::RecordId& id : open) out.missing.push_back({.id = id});
  return std::nullopt;
}

/// What was read before it counts: else a limit smaller than the batch would be met at every try.
ReadResult<BatchRead> stopped(BatchRead out, const ReadError& error) {
  if (out.records.empty() && out.missing.empty()) return tl::unexpected(error);
  out.stopped = error;
  return out;
}

ReadResult<BatchRead> Reader::by_ids(const std::vector<core::RecordId>& ids) const {
  BatchRead out;
  if (object_.detail->several) {
    for (std::size_t from = 0; from < ids.size(); from += object_.detail->batch) {
      const auto end = std::min(ids.size(), from + object_.detail->batch);
      const std::vector<core::RecordId> part(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                             ids.begin() + static_cast<std::ptrdiff_t>(end));
      if (auto failure = read_several(part, out)) return stopped(std::move(out), *failure);
    }
    return out;
  }
  const std::set<core::RecordId> distinct(ids.begin(), ids.end());
  // What was read before a wait would be read again after it.
  if (auto failure = client_.pay(distinct.size())) return tl::unexpected(std::move(*failure));
  std::set<core::RecordId> seen;
  for (const core::RecordId& id : ids) {
    if (!seen.insert(id).second) continue;
    if (auto failure = read_one(id, out)) return stopped(std::move(out), *failure);
  }
  return out;
}

}  // namespace assembly_sync::connectors::rest

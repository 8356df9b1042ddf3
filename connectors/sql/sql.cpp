#include "connectors/sql/sql.hpp"

#include <algorithm>
#include <map>

#include "connectors/sql/cursor.hpp"

namespace assembly_sync::connectors::sql {
namespace {

using Kind = ReadError::Kind;

constexpr std::size_t kReadIds = 500;
constexpr std::int64_t kMsInUs = 1000;
constexpr std::int64_t kSecondInUs = 1'000'000;

std::vector<ObjectQuery> queries_of(const SourceSettings& settings) {
  std::vector<ObjectQuery> queries;
  for (const ObjectSettings& object : settings.objects) {
    const auto text = [&](const char* key) {
      const auto found = object.texts.find(key);
      return found == object.texts.end() ? std::string() : found->second;
    };
    const std::string page = text("page");
    queries.push_back({.name = object.name,
                       .text = text("query"),
                       .id = object.id,
                       .updated = object.updated,
                       .deleted = text("deleted"),
                       .page = page.empty() ? 500 : std::stoul(page)});
  }
  return queries;
}

class SqlConnector final : public Connector {
 public:
  SqlConnector(const SourceSettings& settings, std::string kind, std::unique_ptr<Database> database)
      : source_(settings.name),
        kind_(std::move(kind)),
        database_(std::move(database)),
        queries_(queries_of(settings)) {
    const auto overlap = settings.texts.find("overlap_seconds");
    if (overlap != settings.texts.end()) overlap_us_ = std::stoll(overlap->second) * kSecondInUs;
  }

  std::vector<core::ObjectName> objects() const override {
    std::vector<core::ObjectName> names;
    for (const ObjectQuery& query : queries_) names.push_back(query.name);
    return names;
  }

  std::optional<std::set<std::string>> roots(const core::ObjectName& object) const override {
    const ObjectQuery* query = find(object);
    return query == nullptr ? std::nullopt : database_->known_columns(*query);
  }

  bool takes_webhooks() const override { return false; }
  Verification verify(const WebhookRequest&, core::WallTime) const override {
    return {.ok = false, .reason = kind_ + " sends no webhooks"};
  }
  core::Result<std::vector<core::Notice>> decode(const Received&) const override {
    return core::fail(kind_ + " sends no webhooks");
  }

  bool shows_present_state() const override { return true; }
  bool reads_by_id() const override { return true; }
  std::size_t batch_size() const override { return kReadIds; }

  /// A row with the mark of deletion counts as found in the recycle bin.
  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const Paths&, core::HttpTransport&, core::WallTime) const override {
    const ObjectQuery* query = find(object);
    if (query == nullptr) return not_configured(object);
    Selection selection{.kind = Selection::Kind::ids, .limit = 2 * ids.size()};
    for (const core::RecordId& id : ids) selection.ids.push_back(id.str());
    auto found = database_->select(*query, selection);
    if (!found) return tl::unexpected(found.error());
    std::map<std::string, Row*> by_id;
    for (Row& row : found->rows) by_id[row.id] = &row;
    BatchRead batch;
    for (const core::RecordId& id : ids) {
      const auto row = by_id.find(id.str());
      if (row == by_id.end() || row->second->deleted) {
        batch.missing.push_back({id, row != by_id.end()});
      } else {
        batch.records.push_back(record_of(*query, *row->second));
      }
    }
    return batch;
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths&, core::HttpTransport&, core::WallTime) const override {
    const ObjectQuery* query = find(object);
    if (query == nullptr) return not_configured(object);
    auto found = database_->select(*query, {.limit = query->page, .after_key = cursor});
    if (!found) return tl::unexpected(found.error());
    Page page;
    page.warnings = std::move(found->warnings);
    for (Row& row : found->rows) {
      const bool again = !page.records.empty() && page.records.back().ref.id.str() == row.id;
      if (again) {
        page.records.pop_back();
        warn_repeated(*query, page.warnings);
      }
      page.records.push_back(record_of(*query, row));
    }
    if (found->rows.size() == query->page) {
      page.next = found->rows.back().key;
      return page;
    }
    const auto without_id = database_->has_rows_without_id(*query);
    if (!without_id) return tl::unexpected(without_id.error());
    if (*without_id) {
      page.warnings.push_back("column \"" + query->id +
                              "\": expected a value in every row, got NULL in some; those can't be "
                              "told apart and are left out");
    }
    return page;
  }

  bool finds_changes(const core::ObjectName& object) const override {
    const ObjectQuery* query = find(object);
    return query != nullptr && !query->updated.empty();
  }

  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return Cursor{.low_us = core::to_ms(since) * kMsInUs - overlap_us_}.text();
  }

  /// A round: all rows dated from its lower bound to the database's time at its beginning, by time
  /// and id; then those without a usable time. The next round begins earlier than this one ended,
  /// for what a transaction dated while it ran and committed later.
  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                              const Paths&, core::HttpTransport&,
                              core::WallTime now) const override {
    const ObjectQuery* query = find(object);
    if (query == nullptr || query->updated.empty()) {
      return failure(Kind::rejected, "objects." + object.str() +
                                         ": has no column `updated` that says what changed");
    }
    auto at = Cursor::parse(cursor);
    if (!at) return failure(Kind::rejected, "the cursor is not one of this source");
    if (at->stage == Cursor::Stage::begin) {
      const auto top = database_->now_us(now);
      if (!top) return tl::unexpected(top.error());
      at->top_us = *top;
      at->stage = Cursor::Stage::dated;
    }
    Changes changes;
    if (at->stage == Cursor::Stage::dated) {
      auto problem = take(*query, Selection::Kind::dated, *at, changes);
      if (problem) return tl::unexpected(std::move(*problem));
      if (changes.more) return changes;
      at->stage = Cursor::Stage::undated;
      at->after_key.reset();
    }
    auto problem = take(*query, Selection::Kind::undated, *at, changes);
    if (problem) return tl::unexpected(std::move(*problem));
    if (!changes.more) changes.next = Cursor{.low_us = at->top_us - overlap_us_}.text();
    return changes;
  }

  std::optional<std::string> catalogue_root() const override {
    return database_->has_types() ? std::optional(std::string()) : std::nullopt;
  }
  ReadResult<core::Catalogue> describe(const core::ObjectName& object, core::HttpTransport&,
                                       core::WallTime) const override {
    const ObjectQuery* query = find(object);
    if (query == nullptr) return not_configured(object);
    return database_->describe(*query);
  }

 private:
  const ObjectQuery* find(const core::ObjectName& object) const {
    const auto found = std::find_if(queries_.begin(), queries_.end(),
                                    [&](const ObjectQuery& query) { return query.name == object; });
    return found == queries_.end() ? nullptr : &*found;
  }

  static tl::unexpected<ReadError> not_configured(const core::ObjectName& object) {
    return failure(Kind::rejected, "object " + object.str() + " is not configured");
  }

  static void warn_repeated(const ObjectQuery& query, std::vector<std::string>& warnings) {
    std::string text = "the query gives several rows with one value in column \"" + query.id +
                       "\"; the last of them counts";
    if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
      warnings.push_back(std::move(text));
    }
  }

  core::Record record_of(const ObjectQuery& query, Row& row) const {
    core::Record record;
    record.ref = {source_, query.name, core::RecordId(row.id)};
    record.json = std::move(row.json);
    record.version = row.changed_us.value_or(0) / kMsInUs;
    return record;
  }

  core::Notice notice_of(const ObjectQuery& query, Row& row) const {
    core::Notice notice;
    notice.ref = {source_, query.name, core::RecordId(row.id)};
    notice.occurred_at_ms = row.changed_us.value_or(0) / kMsInUs;
    if (row.deleted) {  // read() is the second sign
      notice.kind = core::NoticeKind::deleted;
    } else {
      notice.record = record_of(query, row);
    }
    return notice;
  }

  /// Adds a page; `changes.more` says whether another of this kind follows, from `changes.next`.
  std::optional<ReadError> take(const ObjectQuery& query, Selection::Kind kind, Cursor& at,
                                Changes& changes) const {
    const bool dated = kind == Selection::Kind::dated;
    auto found = database_->select(query, {.kind = kind,
                                           .limit = query.page,
                                           .after_key = at.after_key,
                                           .after_us = at.after_us,
                                           .low_us = at.low_us,
                                           .top_us = dated ? at.top_us : at.top_us + overlap_us_});
    if (!found) return std::move(found.error());
    changes.warnings = std::move(found->warnings);
    changes.more = found->rows.size() == query.page;
    if (changes.more) {
      at.after_key = found->rows.back().key;
      at.after_us = found->rows.back().changed_us.value_or(0);
      changes.next = at.text();
    }
    for (Row& row : found->rows) changes.notices.push_back(notice_of(query, row));
    return std::nullopt;
  }

  const core::SourceName source_;
  const std::string kind_;
  const std::unique_ptr<Database> database_;
  const std::vector<ObjectQuery> queries_;
  std::int64_t overlap_us_ = 300 * kSecondInUs;
};

}  // namespace

Setting overlap_setting() {
  return {.name = "overlap_seconds",
          .kind = Setting::Kind::integer,
          .default_value = "300",
          .least = 0,
          .most = 86'400};
}

Setting objects_setting() {
  using K = Setting::Kind;
  return {.name = "objects",
          .kind = K::objects,
          .required = true,
          .settings = {{.name = "query", .required = true},
                       {.name = "id", .required = true},
                       {.name = "updated"},
                       {.name = "deleted"},
                       {.name = "page",
                        .kind = K::integer,
                        .default_value = "500",
                        .least = 1,
                        .most = 10'000}}};
}

std::unique_ptr<Connector> make_sql(const SourceSettings& settings, std::string kind,
                                    std::unique_ptr<Database> database) {
  return std::make_unique<SqlConnector>(settings, std::move(kind), std::move(database));
}

}  // namespace assembly_sync::connectors::sql

#include "connectors/sql/postgresql.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/sql/database.hpp"
#include "connectors/sql/pg_session.hpp"
#include "connectors/sql/sql.hpp"

namespace assembly_sync::connectors::sql {
namespace {

using Kind = ReadError::Kind;

/// Numbers of the server's own types; they never change (pg_type.dat).
enum Type : std::uint32_t {
  kBool = 16,
  kBytes = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kDate = 1082,
  kTimestamp = 1114,
  kTimestampZ = 1184,
  kNumeric = 1700,
  kJsonB = 3802,
};

bool is_number(std::uint32_t type) {
  return type == kInt2 || type == kInt4 || type == kInt8 || type == kNumeric || type == kFloat4 ||
         type == kFloat8;
}

bool is_moment(std::uint32_t type) {
  return type == kDate || type == kTimestamp || type == kTimestampZ;
}

/// A list of texts as the server reads arrays.
std::string array_of(const std::vector<std::string>& texts) {
  std::string list = "{";
  for (const std::string& text : texts) {
    list += list.size() == 1 ? "\"" : ",\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') list += '\\';
      list += c;
    }
    list += '"';
  }
  return list + '}';
}

/// The columns of a query, by a look at none of its rows.
struct Columns {
  std::vector<std::string> names;
  std::vector<std::uint32_t> types;

  std::uint32_t type_of(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return types[static_cast<std::size_t>(found - names.begin())];
  }
};

/// One SELECT over the admin's query, with its values.
class Statement {
 public:
  Statement(const ObjectQuery& query, const Columns& columns) : query_(query), columns_(columns) {}

  std::string text(const Selection& selection) {
    std::string text = "SELECT (SELECT row_to_json(r)::text FROM (SELECT " + members() + ") r), " +
                       id() + "::text, " + changed() + ", " + deleted() + " FROM " +
                       as_table(query_) + " WHERE " + where(selection) + " ORDER BY ";
    if (selection.kind == Selection::Kind::dated) text += column(query_.updated) + ", ";
    return text + id() + " LIMIT " + std::to_string(selection.limit);
  }
  const std::vector<std::string>& values() const { return values_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  static std::string column(const std::string& name) { return "q." + quoted(name); }
  std::string id() const { return column(query_.id); }

  std::string value(std::string text) {
    values_.push_back(std::move(text));
    return "$" + std::to_string(values_.size());
  }

  std::string members() {
    std::string list;
    for (std::size_t i = 0; i < columns_.names.size(); ++i) {
      const std::string at = column(columns_.names[i]);
      if (columns_.types[i] == kBytes) {
        warnings_.push_back("column " + columns_.names[i] +
                            " holds bytes (bytea) and is left out; write: encode(…, 'base64') in "
                            "the query if they are wanted");
        continue;
      }
      std::string one = at;
      if (columns_.types[i] == kTimestampZ) {
        one = "CASE WHEN isfinite(" + at + ") THEN to_char(" + at +
              " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') ELSE " + at + "::text END";
      }
      list += (list.empty() ? "" : ", ") + one + " AS " + quoted(columns_.names[i]);
    }
    return list;
  }

  std::string changed() const {
    if (query_.updated.empty()) return "NULL";
    const std::string at = column(query_.updated);
    return "CASE WHEN isfinite(" + at + ") THEN (extract(epoch FROM " + at +
           ") * 1000000)::bigint END";
  }

  std::string deleted() const {
    if (query_.deleted.empty()) return "false";
    const std::string at = column(query_.deleted);
    const std::uint32_t type = columns_.type_of(query_.deleted);
    if (type == kBool) return "(" + at + " IS TRUE)";
    if (is_moment(type)) return "(" + at + " IS NOT NULL)";
    return "(" + at + " IS NOT NULL AND " + at + " <> 0)";
  }

  /// A moment that the column can be compared with, so that an index on it is of use.
  std::string moment(std::int64_t us) {
    const bool zoned = columns_.type_of(query_.updated) == kTimestampZ;
    return std::string(zoned ? "(timestamptz" : "(timestamp") + " 'epoch' + " +
           value(std::to_string(us)) + "::bigint * interval '1 microsecond')";
  }

  std::string where(const Selection& selection) {
    if (selection.kind == Selection::Kind::ids) return id() + " = ANY(" + ids(selection) + ")";
    std::string text = id() + " IS NOT NULL";
    if (selection.kind == Selection::Kind::listing) {
      if (!query_.deleted.empty()) text += " AND NOT " + deleted();
    } else if (selection.kind == Selection::Kind::dated) {
      const bool dates = columns_.type_of(query_.updated) == kDate;
      text += " AND " + column(query_.updated) +
              " >= " + moment(selection.low_us - (dates ? kDateSpanUs : 0)) + " AND " +
              column(query_.updated) + " <= " + moment(selection.top_us);
      if (selection.after_key) {
        text += " AND (" + column(query_.updated) + ", " + id() + ") > (" +
                moment(selection.after_us) + ", " + value(*selection.after_key) + ")";
      }
      return text;
    } else {
      const std::string at = column(query_.updated);
      text += " AND (" + at + " IS NULL OR NOT isfinite(" + at + ") OR " + at + " > " +
              moment(selection.top_us) + ")";
    }
    if (selection.after_key) text += " AND " + id() + " > " + value(*selection.after_key);
    return text;
  }

  std::string ids(const Selection& selection) { return value(array_of(selection.ids)); }

  const ObjectQuery& query_;
  const Columns& columns_;
  std::vector<std::string> values_;
  std::vector<std::string> warnings_;
};

class PostgresqlDatabase final : public Database {
 public:
  explicit PostgresqlDatabase(PgSettings settings) : sessions_(std::move(settings)) {}

  ReadResult<Rows> select(const ObjectQuery& query, const Selection& selection) const override {
    const auto columns = columns_of(query);
    if (!columns) return tl::unexpected(columns.error());
    Statement statement(query, *columns);
    const std::string text = statement.text(selection);
    auto found = sessions_.run(text, statement.values());
    if (!found) return in_object(query, found.error());
    Rows rows;
    rows.warnings = statement.warnings();
    for (auto& values : found->rows) {
      Row& row = rows.rows.emplace_back();
      row.json = std::move(values[0]).value_or("{}");
      row.id = values[1].value_or("");
      row.key = row.id;
      if (values[2]) {
        std::int64_t us = 0;
        std::from_chars(values[2]->data(), values[2]->data() + values[2]->size(), us);
        row.changed_us = us;
      }
      row.deleted = values[3] == "t";
    }
    return rows;
  }

  ReadResult<bool> has_rows_without_id(const ObjectQuery& query) const override {
    const auto found = sessions_.run(
        "SELECT 1 FROM " + as_table(query) + " WHERE q." + quoted(query.id) + " IS NULL LIMIT 1",
        {});
    if (!found) return in_object(query, found.error());
    return !found->rows.empty();
  }

  ReadResult<std::int64_t> now_us(core::WallTime /*now*/) const override {
    const auto found =
        sessions_.run("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", {});
    if (!found) return tl::unexpected(found.error());
    return std::stoll(found->rows.at(0).at(0).value());
  }

  std::optional<std::set<std::string>> known_columns(const ObjectQuery&) const override {
    return std::nullopt;
  }
  bool has_types() const override { return true; }

  ReadResult<core::Catalogue> describe(const ObjectQuery& query) const override {
    const auto columns = columns_of(query);
    if (!columns) return tl::unexpected(columns.error());
    core::Catalogue catalogue;
    for (std::size_t i = 0; i < columns->names.size(); ++i) {
      if (columns->types[i] == kBytes) continue;
      catalogue.fields.emplace(
          columns->names[i],
          core::Field{.label = columns->names[i], .type = field_type(columns->types[i])});
    }
    return catalogue;
  }

 private:
  static core::FieldType field_type(std::uint32_t type) {
    if (is_number(type)) return core::FieldType::number;
    if (type == kBool) return core::FieldType::boolean;
    if (type == kDate) return core::FieldType::date;
    return is_moment(type) ? core::FieldType::datetime : core::FieldType::text;
  }

  static tl::unexpected<ReadError> in_object(const ObjectQuery& query, ReadError error) {
    if (error.kind == Kind::rejected && !error.reason.starts_with(kNoConnection)) {
      error.reason = "objects." + query.name.str() + ".query: " + error.reason;
    }
    return tl::unexpected(std::move(error));
  }

  ReadResult<Columns> columns_of(const ObjectQuery& query) const {
    auto found = sessions_.run("SELECT * FROM " + as_table(query) + " LIMIT 0", {});
    if (!found) return in_object(query, found.error());
    Columns columns{std::move(found->columns), std::move(found->types)};
    if (auto problem = column_problem(query, columns.names)) {
      return tl::unexpected(std::move(*problem));
    }
    const std::string where = "objects." + query.name.str() + '.';
    if (columns.type_of(query.id) == kBytes || columns.type_of(query.id) == kJson) {
      return failure(Kind::rejected, where + "id: expected a column of a text, a number or a uuid");
    }
    if (!query.updated.empty() && !is_moment(columns.type_of(query.updated))) {
      return failure(Kind::rejected,
                     where +
                         "updated: expected a column of type timestamp with time zone, "
                         "timestamp or date; write, for example, to_timestamp(…) in the query");
    }
    if (!query.deleted.empty()) {
      const std::uint32_t type = columns.type_of(query.deleted);
      if (type != kBool && !is_number(type) && !is_moment(type)) {
        return failure(Kind::rejected,
                       where +
                           "deleted: expected a column of type boolean, a number (0 = no) or a "
                           "time (NULL = no)");
      }
    }
    return columns;
  }

  const PgSessions sessions_;
};

std::string text_or(const SourceSettings& settings, const std::string& key,
                    const std::string& otherwise) {
  const auto found = settings.texts.find(key);
  return found == settings.texts.end() ? otherwise : found->second;
}

}  // namespace

std::vector<Setting> postgresql_settings() {
  using K = Setting::Kind;
  return {{.name = "host", .default_value = "localhost"},
          {.name = "port", .kind = K::integer, .default_value = "5432", .least = 1, .most = 65535},
          {.name = "database", .required = true},
          {.name = "user", .required = true},
          {.name = "password", .kind = K::secret},
          {.name = "sslmode",
           .kind = K::choice,
           .default_value = "prefer",
           .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
          {.name = "sslrootcert", .kind = K::path},
          {.name = "timeout_seconds",
           .kind = K::integer,
           .default_value = "60",
           .least = 1,
           .most = 3600},
          overlap_setting(),
          objects_setting()};
}

std::unique_ptr<Connector> make_postgresql(const SourceSettings& settings) {
  PgSettings to;
  to.words = {{"host", text_or(settings, "host", "localhost")},
              {"port", text_or(settings, "port", "5432")},
              {"dbname", text_or(settings, "database", "")},
              {"user", text_or(settings, "user", "")},
              {"sslmode", text_or(settings, "sslmode", "prefer")}};
  if (const std::string root = text_or(settings, "sslrootcert", ""); !root.empty()) {
    to.words["sslrootcert"] = root;
  }
  if (const auto found = settings.secrets.find("password"); found != settings.secrets.end()) {
    to.password = found->second;
  }
  to.timeout_seconds = std::stoi(text_or(settings, "timeout_seconds", "60"));
  return make_sql(settings, "a PostgreSQL database",
                  std::make_unique<PostgresqlDatabase>(std::move(to)));
}

}  // namespace assembly_sync::connectors::sql

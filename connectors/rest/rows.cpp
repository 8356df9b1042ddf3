#include "connectors/rest/rows.hpp"

#include <algorithm>

#include "connectors/record_fields.hpp"
#include "connectors/rest/raw_json.hpp"

namespace assembly_sync::connectors::rest {
namespace {

/// What a reference leads to: an id itself, an object that holds one, or a list that begins with
/// one, as in [7, "Acme"].
std::optional<core::RecordId> referred(core::JsonView value, const Field& id) {
  switch (value.kind()) {
    case core::JsonKind::object:
      return id_of(id.find(value));
    case core::JsonKind::list: {
      const auto first = value.at(0);
      return first ? referred(*first, id) : std::nullopt;
    }
    default:
      return id_of(value);
  }
}

}  // namespace

std::optional<core::RecordVersion> time_in(const std::vector<Field>& fields, core::JsonView value) {
  for (const Field& field : fields) {
    if (const auto time = version_of(field.find(value))) return time;
  }
  return std::nullopt;
}

std::optional<core::RecordId> id_in(std::string_view raw, const Path& path) {
  for (const std::string_view value : raw_find(raw, path)) {
    core::JsonDocument document;
    const auto view = document.parse(value);
    if (!view) continue;
    if (auto id = id_of(*view)) return id;
  }
  return std::nullopt;
}

std::optional<Merged> merge_in(const std::vector<MergeSpec>& rules, core::JsonView event) {
  for (const MergeSpec& rule : rules) {
    auto loser = id_of(rule.loser.find(event));
    auto winner = id_of(rule.winner.find(event));
    if (loser && winner && *loser != *winner) return Merged{std::move(*winner), std::move(*loser)};
  }
  return std::nullopt;
}

std::vector<core::RecordRef> Rows::links_of(core::JsonView view) const {
  std::vector<core::RecordRef> links;
  if (!object_.company) return links;
  const LinkSpec& link = *object_.company;
  const auto found = link.field.find(view);
  if (!found) return links;
  const auto add = [&](const std::optional<core::RecordId>& id) {
    if (id) links.push_back({source_, link.object, *id});
  };
  if (link.all && found->kind() == core::JsonKind::list) {
    found->for_each([&](core::JsonView item) { add(referred(item, link.id)); });
  } else {
    add(referred(*found, link.id));
  }
  return links;
}

/// The record with null where the API has a word of its own for it.
std::string Rows::with_nulls(std::string_view raw) const {
  if (object_.null_texts.empty()) return std::string(raw);
  std::string out;
  std::size_t copied = 0;
  for_each_raw_member(raw, [&](const std::string& name, std::string_view value) {
    const bool word = value.starts_with('"');
    const std::string_view text =
        word ? value.substr(1, value.size() < 2 ? 0 : value.size() - 2) : value;
    const bool is_null =
        object_.null_texts.contains(std::string(text)) && !object_.null_except.contains(name);
    if (!is_null) return;
    const auto begin = static_cast<std::size_t>(value.data() - raw.data());
    out += raw.substr(copied, begin - copied);
    out += "null";
    copied = begin + value.size();
  });
  return out += raw.substr(copied);
}

core::Result<Row> Rows::read(std::string_view raw) const {
  core::JsonDocument document;
  const auto view = document.parse(raw);
  if (!view) return core::fail(view.error().message);
  if (view->kind() != core::JsonKind::object) {
    return core::fail("expected a record, got " + std::string(webhook::kind_in_words(*view)));
  }
  const auto written = object_.id.find(*view);
  const auto id = id_of(written);
  if (!id) {
    return core::fail("expected a text or a whole number as id at " + object_.id.text() + ", got " +
                      std::string(webhook::kind_in_words(written)));
  }
  Row row;
  row.record.ref = {source_, object_.name, *id};
  row.record.json = with_nulls(raw);
  row.record.version = time_in(object_.updated, *view).value_or(0);
  row.record.related = links_of(*view);
  const auto deleted_at = object_.deleted_at ? object_.deleted_at->find(*view) : std::nullopt;
  row.deleted = (deleted_at && deleted_at->kind() != core::JsonKind::null) ||
                (!object_.deleted.empty() && object_.deleted.holds(*view));
  return row;
}

}  // namespace assembly_sync::connectors::rest

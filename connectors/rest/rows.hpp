// Rows of an answer or of a webhook -> records: id, version, links and whether the row says that it
// is deleted. Constant; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/rest/spec.hpp"
#include "core/json_view.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors::rest {

struct Row {
  core::Record record;
  bool deleted = false;
};

/// The first of the fields that holds a time; nothing when none does.
std::optional<core::RecordVersion> time_in(const std::vector<Field>& fields, core::JsonView value);

/// The first id at a path of names in a raw value; nothing when there is none.
std::optional<core::RecordId> id_in(std::string_view raw, const Path& path);

/// The winner and the loser of the first rule of which an event names both; nothing when it tells
/// of no merge.
struct Merged {
  core::RecordId winner;
  core::RecordId loser;
};
std::optional<Merged> merge_in(const std::vector<MergeSpec>& rules, core::JsonView event);

class Rows {
 public:
  Rows(const core::SourceName& source, const ObjectSpec& object)
      : source_(source), object_(object) {}

  /// "expected a record, got a text", "expected an id at data.id, got null": no value.
  core::Result<Row> read(std::string_view raw) const;

 private:
  std::vector<core::RecordRef> links_of(core::JsonView view) const;
  std::string with_nulls(std::string_view raw) const;

  const core::SourceName& source_;
  const ObjectSpec& object_;
};

}  // namespace assembly_sync::connectors::rest

// Webhook bodies -> notices that carry their records. Constant; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "connectors/webhook/field.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors::webhook {

/// Which texts must stand where.
class Condition {
 public:
  explicit Condition(const Match& match);
  /// Every field has one of its texts; true of the empty condition. Numbers and true/false are
  /// compared as they are written.
  bool holds(core::JsonView event) const;
  bool empty() const { return fields_.empty(); }
  /// The text at the first field, for the notice; empty when there is none.
  std::string name_of(core::JsonView event) const;
  const std::vector<std::pair<Field, std::vector<std::string>>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<Field, std::vector<std::string>>> fields_;
};

/// One entry of `objects`, ready to be used.
struct ObjectRule {
  explicit ObjectRule(const ObjectSettings& settings);

  core::ObjectName name;
  Field id;
  Field records;
  Field deleted_records;
  std::optional<Field> updated;
  Condition when;
  /// A deletion that came to the object's own address.
  Condition deleted;
  /// A deletion among events of other objects: `deleted`, and of `when` what it says nothing about.
  Condition when_deleted;
  bool takes_deletions = false;
};

class BodyReader {
 public:
  BodyReader(core::SourceName source, const std::vector<ObjectSettings>& objects);

  /// A body is one event, or a list of them; an event holds one record of one object, or several.
  /// What can't be used becomes a notice with a reason; only a body that is no JSON object or list,
  /// or whose object can't be told for lack of any rule, is an error. No reason holds a value.
  core::Result<std::vector<core::Notice>> read(const Received& received) const;

 private:
  class Walk;
  const core::SourceName source_;
  std::vector<ObjectRule> objects_;
};

}  // namespace assembly_sync::connectors::webhook

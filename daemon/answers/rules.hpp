// Where a rule stands: file, line and text of what a mapping says of an attribute, in any version
// of the configuration whose text is kept. Pure once read; one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "core/yaml.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

class RuleBook {
 public:
  explicit RuleBook(const store::View& view) : view_(view) {}

  /// {file, line, text} of `attribute` (as sync/lineage.hpp names it; also `when` and `key`); null
  /// where that version's text is not kept, or has no such rule.
  core::Value find(store::RowId version, std::string_view mapping, std::string_view attribute);

 private:
  const std::vector<core::YamlNode>& files_of(store::RowId version);

  const store::View& view_;
  std::map<store::RowId, std::vector<core::YamlNode>> files_;
};

}  // namespace assembly_sync::answers

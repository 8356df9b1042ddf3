// The labels of the local Assembly and their endpoints (A129-A145). Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

class Labels {
 public:
  /// Takes `type`, `name`, `color` (`#RRGGBB`) and `description`; stores it under `id`.
  Outcome create(const std::string& id, const core::Value& body, const Switches& switches);
  /// All labels, or those of the type that `segment` names (`tier`, `stage`, `company_type`, `tag`
  /// or in another spelling, I7), or the one with that id: each as `{"labels":[…]}` (A139).
  /// Unknown: 404.
  Outcome get(const std::optional<std::string>& segment, LabelSegments segments) const;
  Outcome update(const std::string& id, const core::Value& body, const Switches& switches);
  /// False when there is no such label.
  bool erase(const std::string& id) { return labels_.erase(id) != 0; }

  /// `Tier`, `Stage`, `CompanyType` or `AccountTag`; nothing when there is no such label.
  std::optional<std::string_view> type_of(const std::string& id) const;
  /// {id,type,name,color,description?}; only the id when there is no such label.
  core::Value shown(const std::string& id) const;
  /// As shown(), in the order of their ids.
  std::vector<core::Value> all() const;

 private:
  std::optional<Refusal> check_name(const std::string& id, const core::Value::Object& label,
                                    const Switches& switches) const;

  std::map<std::string, core::Value::Object> labels_;
};

}  // namespace assembly_sync::sandbox

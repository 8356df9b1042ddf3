// The labels of the local Assembly and their endpoints (A129-A145). Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"

namespace assembly_sync::sandbox {

class Labels {
 public:
  /// Takes `type`, `name`, `color` (`#RRGGBB`) and `description`; stores it under `id`.
  Outcome create(const std::string& id, int created_status, const core::Value& body);
  /// All labels, or those of the type that `segment` names (`tier`, `stage`, `company_type`, `tag`;
  /// I7), or the one with that id: each as `{"labels":[…]}` (A139). Unknown: 404.
  Outcome get(const std::optional<std::string>& segment) const;
  Outcome update(const std::string& id, const core::Value& body);
  /// False when there is no such label.
  bool erase(const std::string& id) { return labels_.erase(id) != 0; }

  /// `Tier`, `Stage`, `CompanyType` or `AccountTag`; nothing when there is no such label.
  std::optional<std::string_view> type_of(const std::string& id) const;
  /// {id,type,name,color,description?}, in the order of their ids.
  std::vector<core::Value> all() const;

 private:
  std::map<std::string, core::Value::Object> labels_;
};

}  // namespace assembly_sync::sandbox

#include "mapping/types.hpp"

#include <string_view>
#include <utility>

namespace assembly_sync::mapping {

std::string to_text(TypeSet types) {
  constexpr std::pair<TypeSet, std::string_view> kNames[] = {{kText, "text"},
                                                             {kNumber, "number"},
                                                             {kBool, "true/false"},
                                                             {kList, "list"},
                                                             {kObject, "object"}};
  types = types.without(kNull);
  if (types.empty()) return "null";
  if (types == kAny.without(kNull)) return "any value";
  std::string out;
  for (const auto& [type, name] : kNames) {
    if (!types.meets(type)) continue;
    types = types.without(type);
    if (!out.empty()) out += types.empty() ? " or " : ", ";
    out += name;
  }
  return out;
}

}  // namespace assembly_sync::mapping

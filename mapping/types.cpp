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

std::string mismatch(TypeSet expected, TypeSet got) {
  expected = expected.without(kNull);
  got = got.without(kNull);
  std::string_view hint;
  if (expected == kNumber && got == kText) hint = " (write to_number(…))";
  if (expected == kText && (got == kNumber || got == kBool)) hint = " (write to_text(…))";
  if (expected == kText && got == kList) hint = " (write join(…, \", \") or first(…))";
  if (expected == kList && got == kText) hint = " (write split(…, \";\"))";
  if (expected == kBool && got == kText) {
    hint = " (write to_bool(…), or compare: … == \"…\")";
  }
  if (expected == kBool && got == kNumber) hint = " (write … > 0, or to_bool(…))";
  if (expected == kBool && got == kList) hint = " (write not_empty(…))";
  return "expected " + to_text(expected) + ", got " + to_text(got) + std::string(hint);
}

}  // namespace assembly_sync::mapping

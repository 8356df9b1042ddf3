#include "connectors/webhook/field.hpp"

#include <algorithm>
#include <charconv>

namespace assembly_sync::connectors::webhook {

Field::Field(std::string text) : text_(std::move(text)) {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    names_.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::optional<core::JsonView> Field::find(core::JsonView body) const {
  std::optional<core::JsonView> here = body;
  for (const std::string& name : names_) {
    if (here) here = step(*here, name);
  }
  return here;
}

std::optional<core::JsonView> Field::step(core::JsonView value, const std::string& name) {
  if (value.kind() != core::JsonKind::list) return value.find(name);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool is_index = error == std::errc{} && end == name.data() + name.size();
  return is_index ? value.at(index) : std::nullopt;
}

std::string_view kind_in_words(const std::optional<core::JsonView>& value) {
  if (!value) return "nothing";
  switch (value->kind()) {
    case core::JsonKind::null:
      return "null";
    case core::JsonKind::boolean:
      return "true or false";
    case core::JsonKind::integer:
    case core::JsonKind::unsigned_integer:
    case core::JsonKind::number:
      return "a number";
    case core::JsonKind::text:
      return "a text";
    case core::JsonKind::list:
      return "a list";
    case core::JsonKind::object:
      return "an object";
  }
  return "nothing";
}

}  // namespace assembly_sync::connectors::webhook

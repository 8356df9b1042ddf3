// The parts of a JSON text as they are written: a record is kept with its numbers, the order of its
// members and its escapes untouched. Works on texts that a parser has accepted before; on others it
// ends early, without reading past the end. Pure; thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assembly_sync::connectors::rest {

/// The value at the start of `text`, without the blanks around it.
std::string_view raw_value(std::string_view text);

/// Calls visit for each element of a list, in order; nothing for other values.
void for_each_raw_item(std::string_view list, const std::function<void(std::string_view)>& visit);

/// Calls visit(name, value) for each member of an object, in order; names are unescaped.
void for_each_raw_member(std::string_view object,
                         const std::function<void(const std::string&, std::string_view)>& visit);

/// The values at a path of names; a number counts in a list, `*` is every element of a list or
/// every member of an object. Empty when there is nothing.
std::vector<std::string_view> raw_find(std::string_view text, const std::vector<std::string>& path);

}  // namespace assembly_sync::connectors::rest

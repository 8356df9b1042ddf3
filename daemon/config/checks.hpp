// What a text must look like to be an address, a colour or a name. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace assembly_sync::config {

/// An http or https URL of host, port and path, without user, query and fragment; http only when
/// the host is this machine, because a key must not travel unencrypted. Returns it without trailing
/// slashes. The error is what was got, to stand after "got", without the URL itself.
core::Result<std::string> checked_url(const std::string& text);

/// HOST:PORT with a port from 0 to 65535; an IPv6 host stands in brackets.
bool is_address(std::string_view text);

/// #RRGGBB
bool is_color(std::string_view text);

/// A source's name: [a-z][a-z0-9_-]*
bool is_source_name(std::string_view text);

/// An object's name: a source's name that may also hold capital letters.
bool is_object_name(std::string_view text);

/// Names divided by single dots: `data.items`.
bool is_field(std::string_view text);

/// Line and column (from 1) of the first byte that is not UTF-8; 0, 0 when there is none.
struct Place {
  int line = 0;
  int column = 0;
};
Place first_invalid_utf8(std::string_view text);

}  // namespace assembly_sync::config

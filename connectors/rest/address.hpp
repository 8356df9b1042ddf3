// Where the next page is, as an API writes it: addresses that stand for themselves or relative to
// the one that was asked (RFC 3986), and the header Link (RFC 8288). An address never leads to
// another host than the configured one: a key must not travel there, and behind a proxy APIs name
// hosts that nobody reaches. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/http.hpp"

namespace assembly_sync::connectors::rest {

/// Path and query, which begin with a slash, of what `reference` leads to from a page at the path
/// `base`. A scheme and a host in it are passed over, whatever they are.
std::string resolve(std::string_view base, std::string_view reference);

/// The path of an absolute address, without host and query: "/" when it has none.
std::string_view path_of(std::string_view url);

/// The first address of the headers Link whose relation is `next`, as it is written; empty when
/// there is none.
std::string next_link(const std::vector<core::HttpHeader>& headers);

}  // namespace assembly_sync::connectors::rest

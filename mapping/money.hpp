// Numbers as people write them: grouped digits, decimal commas, currencies. Where two readings are
// possible nothing is guessed. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

/// A number with `decimal` before its decimals and, before that, groups of digits with `thousands`
/// or white space or an apostrophe between them. Nothing when it has another form.
std::optional<Datum> parse_grouped(std::string_view text, char decimal, char thousands);

/// An amount with or without a currency (`€ 1.234,50`, `1'200.- CHF`, `USD 5k`, `(12.00)`), a
/// factor (k, m, bn) and a sign. Without `decimal` the separators tell, as far as they do. The
/// error is "expected …, got …".
tl::expected<Datum, std::string> parse_money(std::string_view text, std::optional<char> decimal);

}  // namespace assembly_sync::mapping

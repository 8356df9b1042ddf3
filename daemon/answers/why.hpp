// Why: the chain from a value in Assembly back to the record it came from: who said it, by which
// rule of which configuration, when that was heard of, which call told Assembly, and what was there
// before. Reads only; thread-safe as the View is.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// How a value comes to be by the mapping of today: [{expression, result | error}], null where that
/// can't be told. `attribute` as sync/lineage.hpp names it.
using Steps = std::function<core::Value(const store::View& view, const core::RecordRef& record,
                                        const std::string& mapping, const std::string& attribute)>;

/// {entity, fields: [{field, value, at, config, mapping, rule, record, version, from, receipt, run,
/// event, received_at, request, steps}], history: [{at, of, sets: [{field, from, to}], …}],
/// pending, merged, attempts}. `field` empty: all of them; else those that are called so, with or
/// without `additional_properties.`.
core::Value why(const store::View& view, store::RowId entity, std::string_view field,
                const Steps& steps = nullptr);
std::string why_text(const core::Value& why);

}  // namespace assembly_sync::answers

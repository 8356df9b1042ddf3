// Why not: where a record of a source stopped, and why: what was heard of it, how that ended, what
// it waits for, and what today's mapping would make of it. Reads only; thread-safe as the View is.
#pragma once

#include <string>

#include "core/value.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// {record: {…, mirror, read_at, version}, state, reason, answer, next, notices: […], entities:
/// […], awaits: […], today: […]}. `state`: of the newest notice; `unknown` where nothing was ever
/// heard.
core::Value why_not(const store::View& view, const core::RecordRef& record,
                    const WouldSend& today = nullptr);
std::string why_not_text(const core::Value& why_not);

}  // namespace assembly_sync::answers

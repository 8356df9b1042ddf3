// Reading something about many records in one call, although one odd record among them spoils the
// answer. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// Record -> HubSpot's word for why it is refused.
using Refused = std::map<std::string, std::string>;

/// Asks for these records and keeps what the answer holds, if it is whole; else the word for what
/// it lacks.
using AskFor =
    std::function<ReadResult<std::optional<std::string>>(const std::vector<std::string>& ids)>;

/// Asks for `ids` at once and, as long as a part of the answer is refused, for its halves: what is
/// refused when it is asked for alone is to be left out, the others are read. Transient where that
/// is all of several or too many: then something else is wrong than a record. `what`: for the
/// reason ("the associations").
ReadResult<Refused> read_apart(const std::vector<std::string>& ids, const std::string& what,
                               const AskFor& ask);

/// "company 7: its associations can't be read: HubSpot says FORBIDDEN".
std::string refusal_text(std::string_view object, const std::string& id, std::string_view part,
                         const std::string& word);

/// The word of an error within an answer, in which it is no text about a record.
std::string word_of(const core::Value& error);

}  // namespace assembly_sync::connectors::hubspot

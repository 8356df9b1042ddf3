// From the body of a read to what the caller asked for. Internal to the client. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/value.hpp"
#include "daemon/assembly/classify.hpp"
#include "daemon/assembly/outcome.hpp"
#include "daemon/assembly/reading.hpp"

namespace assembly_sync::assembly {

inline tl::unexpected<Failure> not_asked(std::string reason) {
  return tl::unexpected<Failure>(refused_here(std::move(reason)));
}

inline tl::unexpected<Failure> unreadable(std::string_view wanted) {
  return tl::unexpected<Failure>(
      Rejected{200, Rejected::Kind::invalid, "answered without " + std::string(wanted), {}});
}

/// The id of what was addressed by it, where the answer has none (I11).
inline Outcome with_id(Outcome outcome, core::AssemblyId id) {
  if (auto* const delivered = std::get_if<Delivered>(&outcome)) {
    if (delivered->id.empty()) delivered->id = std::move(id);
  }
  return outcome;
}

/// One thing or none; `read(body, into)` gives Found.
template <class T, class Read>
Answer<std::optional<T>> one_of(const Answer<core::Value>& answer, std::string_view wanted,
                                Read&& read) {
  if (!answer) {
    if (is_not_found(answer.error())) return std::nullopt;
    return tl::unexpected(answer.error());
  }
  T found;
  switch (read(*answer, found)) {
    case Found::yes:
      return found;
    case Found::no:
      return std::nullopt;
    case Found::unreadable:
      break;
  }
  return unreadable(wanted);
}

/// `read(body)` gives the whole, or nothing when it is not in there.
template <class T, class Read>
Answer<T> whole_of(const Answer<core::Value>& answer, std::string_view wanted, Read&& read) {
  if (!answer) return tl::unexpected(answer.error());
  std::optional<T> whole = read(*answer);
  if (!whole) return unreadable(wanted);
  return std::move(*whole);
}

}  // namespace assembly_sync::assembly

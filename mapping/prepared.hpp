// Prepared: what a function makes of the literals of its call when the rules are read (a compiled
// pattern, a time zone), so that no record pays for it and a mistake in it is one of the
// configuration. Immutable once made; thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace assembly_sync::mapping {

struct Prepared {
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  virtual ~Prepared() = default;
};

/// The texts of a call's arguments; nothing where there is no literal text.
using Literals = std::span<const std::optional<std::string_view>>;

struct PrepareError {
  std::size_t argument = 0;
  std::size_t within = 0;  // byte of the argument's text
  std::string message;
};

using PrepareResult = tl::expected<std::shared_ptr<const Prepared>, PrepareError>;

/// Runs once a call. Parameters marked kLiteral have their texts, others may have.
using Prepare = PrepareResult (*)(Literals literals);

inline PrepareResult prepare_error(std::size_t argument, std::string message,
                                   std::size_t within = 0) {
  return tl::unexpected(PrepareError{argument, within, std::move(message)});
}

}  // namespace assembly_sync::mapping

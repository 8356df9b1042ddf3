// What `dead`, `holds` and `quarantine` share: which ones are meant, and how it is printed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::cli {

/// WaitingOptions as they are meant.
struct Chosen {
  std::vector<store::RowId> ids;
  std::optional<core::SourceName> source;
  std::optional<core::ObjectName> object;
  std::optional<std::int64_t> since_ms;

  bool is_narrowed(const WaitingOptions& options) const {
    return source || since_ms || !options.reason.empty();
  }
};

/// Numbers are ids, one other word is SOURCE[.OBJECT]. The error is told already; exit 64.
std::optional<Chosen> choose(const Context& context, const std::string& verb,
                             const WaitingOptions& options, core::WallTime now);

/// An order must say what it is about: ids, a filter, or --all. False, and told, when it does not.
bool says_which(const Context& context, const std::string& verb, const WaitingOptions& options,
                const Chosen& chosen);

/// The document, or its text.
void print(const Context& context, const core::Value& document,
           const std::function<std::string(const core::Value&)>& text);

}  // namespace assembly_sync::cli

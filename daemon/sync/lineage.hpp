// Lineage: what one delivered change told Assembly, attribute by attribute: what was known before
// and what stands since. Attributes have the names that an admin gave them in the mapping: `name`,
// `tags`, `additional_properties.Industry`, `metadata.User`; a contact's company is `company`,
// source-specific IDs besides the entity's own are `more_keys`. Pure but for what
// reads and writes how values are kept.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/random.hpp"
#include "core/value.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// By attribute; a null value: cleared, or to be.
using Attributes = std::map<std::string, core::Value>;

Attributes attributes_of(const State& state);

/// What several records give is put together (tags, keys), so that no one's word decides.
bool is_of_all(std::string_view attribute);

/// An attribute before and after a change.
struct Setting {
  core::Value from;  // null: not there, or not known
  core::Value to;    // null: removed

  friend bool operator==(const Setting&, const Setting&) = default;
};
using Settings = std::map<std::string, Setting>;

/// `known`: what Assembly was known to have; nullptr = nothing was known.
Settings settings(const State* known, const State& now);

/// How values are kept: as they are, or as a digest by which two can be compared but nothing read
/// (`privacy: hashed`). The digest is taken with `salt`, which stays in the store.
struct Keeping {
  bool hashed = false;
  std::string salt;
};
std::string to_text(const Settings& settings, const Keeping& keeping);
/// A value as it is kept.
core::Value kept(const core::Value& value, const Keeping& keeping);
/// How it is done from now on; what was kept in clear goes when it shall not be any more.
void keep_history(store::Tx& tx, bool hashed, core::Random& random);
Keeping keeping(const store::View& view);
/// Of a text that to_text() made; a digest reads `sha256:…`.
Settings parse_settings(const std::string& text);

}  // namespace assembly_sync::sync

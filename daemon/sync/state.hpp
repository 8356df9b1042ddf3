// State: what an entity is wanted to be, or known to be; and the difference between the two, which
// is all that is ever sent. Pure data and pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/intent.hpp"
#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::sync {

struct State {
  /// Attributes by name, without tags; labels by name. Null: wanted to be, or known to be, cleared.
  core::Value::Object fields;
  std::optional<std::vector<std::string>> tags;  // names; nothing = not looked after
  /// Tags beyond `tags` are removed whoever set them; known.tags is then all that Assembly has.
  bool exact_tags = false;
  core::Value::Object properties;  // additional properties; null = to be removed
  /// Known properties beyond `properties` are removed.
  bool mirror_properties = false;
  std::vector<core::Key> more_keys;           // besides the entity's own; all of them set by us
  std::optional<core::Key> company;           // a contact's parent
  std::optional<std::string> company_domain;  // or its parent by domain
  /// The entity's own key is attached in Assembly. False for an account found by its domain
  /// (adoption) or known by another key so far; wanted false: the key is to be taken away.
  bool linked = true;
  // Of a usage log.
  core::Value::Object metadata;
  std::optional<core::About>
      about;                      // where it is kept; a log can't be moved, so never a difference
  bool update_on_change = false;  // once sent it follows its record

  friend bool operator==(const State&, const State&) = default;
};

/// `base`: the newest state known or wanted so far, from which fields that are kept come.
State state_of(const core::Intent& intent, const State* base = nullptr);
/// What several records want together, the later in the list the stronger: fields, properties and
/// the parent one by one; tags and keys of all.
State merged(const std::vector<State>& contributions);
/// As stored in the outbox and in entity.known.
std::string to_text(const State& state);
/// Of a text that to_text() made; throws std::runtime_error on anything else (a damaged store).
State parse_state(const std::string& text);

struct Difference {
  core::Value::Object fields;
  std::vector<std::string> added_tags;
  std::vector<std::string> removed_tags;
  core::Value::Object properties;
  std::vector<std::string> removed_properties;  // need a call of their own (A126)
  std::vector<core::Key> added_keys;
  std::vector<core::Key> removed_keys;
  bool company = false;   // the parent differs
  bool link = false;      // the key is to be attached
  bool unlink = false;    // the key is to be taken away
  bool metadata = false;  // of a usage log: replaced whole (A166)

  bool empty() const { return removed_properties.empty() && empty_but_removals(); }
  /// Nothing is left to send but properties to remove.
  bool empty_but_removals() const {
    return fields.empty() && added_tags.empty() && removed_tags.empty() && properties.empty() &&
           added_keys.empty() && removed_keys.empty() && !company && !link && !unlink && !metadata;
  }
};

/// What must be sent so that `known` becomes `wanted`; everything when nothing is known. What
/// `wanted` leaves out is left as it is (null policy `skip`), but tags and keys that were ours and
/// are no longer wanted are removed (Q7: an upsert only adds).
Difference difference(const State* known, const State& wanted);

/// The known state after `wanted` was delivered on top of `known`; properties to be removed are
/// still there, until without_removed().
State after_delivery(const State* known, const State& wanted);
/// The known state after the properties that `wanted` has no more were removed.
State without_removed(State known, const State& wanted);

/// Equal as Assembly would see it: 100 and 100.0 are the same number.
bool same_value(const core::Value& a, const core::Value& b);

}  // namespace assembly_sync::sync

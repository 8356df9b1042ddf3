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
  core::Value::Object fields;                    // attributes by name, without tags; labels by name
  std::optional<std::vector<std::string>> tags;  // names; nothing = not looked after
  core::Value::Object properties;                // additional properties
  std::optional<core::Key> company;              // a contact's parent
  std::optional<std::string> company_domain;     // or its parent by domain
  /// The key is attached in Assembly. False for an account found by its domain (adoption).
  bool linked = true;
};

State state_of(const core::Intent& intent);
/// As stored in the outbox and in entity.known.
std::string to_text(const State& state);
/// Of a text that to_text() made; throws std::runtime_error on anything else (a damaged store).
State parse_state(const std::string& text);

struct Difference {
  core::Value::Object fields;
  std::vector<std::string> added_tags;
  std::vector<std::string> removed_tags;
  core::Value::Object properties;
  bool company = false;  // the parent differs
  bool link = false;     // the key is to be attached

  bool empty() const {
    return fields.empty() && added_tags.empty() && removed_tags.empty() && properties.empty() &&
           !company && !link;
  }
};

/// What must be sent so that `known` becomes `wanted`; everything when nothing is known. What
/// `wanted` leaves out is left as it is (null policy `skip`), but tags that were ours and are no
/// longer wanted are removed (Q7: an upsert only adds).
Difference difference(const State* known, const State& wanted);

/// The known state after `wanted` was delivered on top of `known`.
State after_delivery(const State* known, const State& wanted);

/// Equal as Assembly would see it: 100 and 100.0 are the same number.
bool same_value(const core::Value& a, const core::Value& b);

}  // namespace assembly_sync::sync

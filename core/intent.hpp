// Intent: the wanted state of one entity, produced by one mapping from one record. Pure data; the
// mapping makes it, sync compares it with what is known.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

enum class EntityKind : std::uint8_t { company, customer, contact, usage };

constexpr std::string_view to_text(EntityKind kind) {
  constexpr std::string_view kNames[] = {"company", "customer", "contact", "usage"};
  return kNames[static_cast<int>(kind)];
}

std::optional<EntityKind> parse_entity_kind(std::string_view text);

/// What becomes of an entity whose record is deleted in the CRM.
enum class OnDelete : std::uint8_t { ignore, tag, remove };

/// How an intent finds its entity: by its own key, which makes one where there is none; or, for a
/// mapping that only enriches what another one creates, by that one's key or domain.
enum class Match : std::uint8_t { own_key, key, domain };

/// What a usage log is about: a company, customer or contact by its key; nothing = the
/// organisation (A156).
struct About {
  EntityKind kind = EntityKind::company;
  Key key;
  friend bool operator==(const About&, const About&) = default;
};

struct Intent {
  std::string mapping;  // its name in the configuration
  int position = 0;     // of the mapping in the configuration: of two values the later one's counts
  EntityKind kind = EntityKind::company;
  Match match = Match::own_key;
  /// The entity's key; with Match::key the other mapping's; with Match::domain empty. Of a usage
  /// log the event id, made unique by source and object (event_key()).
  Key key;
  std::optional<std::string> match_domain;  // Match::domain only
  std::vector<Key> more_keys;               // further keys that lead to the same entity
  /// Contacts: the parent company, by key or by domain; exactly one is set.
  std::optional<Key> company_key;
  std::optional<std::string> company_domain;
  /// Assembly attribute -> value (B1, B3, B7). Left out: not looked after (null policy `skip`).
  /// Null: to be cleared in Assembly (`clear`). Labels are names, not ids; `tags` is a list of
  /// names. Dates are `YYYY-MM-DD`.
  Value::Object fields;
  /// Null: to be removed from Assembly (`clear`).
  Value::Object additional_properties;
  /// Fields and properties whose last value stays wanted although the record has none (`keep`).
  std::set<std::string> kept_fields;
  std::set<std::string> kept_properties;
  /// `tags_mode: exact`: tags that nobody here wants are removed, also those a person set.
  bool exact_tags = false;
  /// `properties_mode: mirror`: properties that were ours and are wanted no more are removed.
  bool mirror_properties = false;
  OnDelete on_delete = OnDelete::ignore;

  // kind usage
  std::optional<About> about;
  Value::Object metadata;
  bool update_on_change = false;  // `on_change: update`: a log once sent follows its record
};

/// The key of a usage log's entity, and its event id in Assembly: one event of one object is one
/// log (I6), whichever mapping makes it. "product.logins/17"
Key event_key(const SourceName& source, const ObjectName& object, std::string_view event_id);

/// The member of a usage log's metadata that holds event_key().
inline constexpr std::string_view kEventIdMember = "event_id";

/// As `map --json` shows it: {to,key,company,fields,tags,additional_properties}, for usage logs
/// {to,key,about,fields,metadata}. Only where they differ from the default: `match` instead of
/// `key`, more_keys, kept (`fields.tier`), tags_mode, properties_mode, on_change.
Value to_value(const Intent& intent);

}  // namespace assembly_sync::core

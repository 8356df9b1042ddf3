#include "daemon/sync/preview.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/sync/adoption.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/merges.hpp"

namespace assembly_sync::sync {
namespace {

std::optional<store::Entity> entity_of(const store::View& view, const core::RecordRef& record,
                                       const core::Intent& intent) {
  std::optional<store::Entity> found;
  if (intent.match == core::Match::domain) {
    found = view.entity_by_domain(intent.kind, core::lower_ascii(intent.match_domain.value_or("")));
    if (!found) return std::nullopt;
  } else {
    found = view.entity(intent.kind, intent.key);
  }
  if (found) return follow(view, std::move(*found));
  if (intent.match == core::Match::key) return std::nullopt;
  for (store::Entity& entity : view.entities_of(record)) {  // its key would change
    if (entity.kind == intent.kind && entity.mapping == intent.mapping) return std::move(entity);
  }
  return std::nullopt;
}

/// As adopting it would find it in Assembly's lists.
std::optional<State> listed(const store::View& view, const core::Intent& intent,
                            const State& wanted) {
  store::Entity unknown;
  unknown.kind = intent.kind;
  unknown.key = intent.key;
  const auto domain = wanted.fields.find("domain");
  if (domain != wanted.fields.end() && domain->second.is_string()) {
    unknown.domain = core::lower_ascii(domain->second.as_string());
  }
  if (!adopt(view, unknown, wanted) || !unknown.known) return std::nullopt;
  return parse_state(*unknown.known);
}

State with_others(const store::View& view, const store::Entity& entity,
                  const core::RecordRef& record, const core::Intent& intent, State part) {
  struct Piece {
    int position;
    State state;
  };
  std::vector<Piece> pieces;
  for (const store::Contribution& other : view.contributions(entity.id)) {
    if (other.mapping == intent.mapping && other.record == record) continue;
    pieces.push_back({other.position, parse_state(other.wanted)});
  }
  pieces.push_back({intent.position, std::move(part)});
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.position < b.position; });
  std::vector<State> states;
  for (Piece& piece : pieces) states.push_back(std::move(piece.state));
  return merged(states);
}

}  // namespace

Preview preview(const store::View& view, const core::RecordRef& record,
                const core::Intent& intent) {
  Preview out;
  out.entity = entity_of(view, record, intent);
  if (out.entity) {
    const bool doubtful = out.entity->doubtful && !view.pending_of(out.entity->id);
    if (!doubtful) out.before = newest_state(view, *out.entity);
  }
  out.waits = intent.match != core::Match::own_key && (!out.entity || out.entity->mapping.empty());
  out.wanted = state_of(intent, out.before ? &*out.before : nullptr);
  const bool alone = !out.entity || (!out.entity->shared && out.entity->mapping == intent.mapping &&
                                     out.entity->record == record);
  if (out.entity && out.entity->shared) {
    out.wanted = with_others(view, *out.entity, record, intent, std::move(out.wanted));
  } else if (!alone && out.before && !out.entity->mapping.empty()) {
    std::vector<State> states = {*out.before, out.wanted};
    if (intent.position < out.entity->position) std::swap(states[0], states[1]);
    out.wanted = merged(states);
  }
  if (!out.entity && intent.kind != core::EntityKind::usage) {
    out.before = listed(view, intent, out.wanted);
  }
  if (out.entity) out.wanted = with_merged_keys(view, *out.entity, std::move(out.wanted));
  const bool sent_once = intent.kind == core::EntityKind::usage && !intent.update_on_change &&
                         out.entity && out.entity->present;
  if (sent_once) return out;
  out.difference = difference(out.before ? &*out.before : nullptr, out.wanted);
  if (out.entity && out.entity->key != intent.key && intent.match == core::Match::own_key) {
    out.difference.link = true;
    out.difference.removed_keys.push_back(out.entity->key);
  }
  return out;
}

}  // namespace assembly_sync::sync

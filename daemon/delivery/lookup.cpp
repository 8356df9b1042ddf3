#include "daemon/delivery/lookup.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/delivery/directory.hpp"
#include "daemon/delivery/request.hpp"
#include "daemon/sync/adoption.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::delivery {

bool makes_new(const store::Claim& claim) {
  const store::Entity& entity = claim.entity;
  return claim.change.action == store::Action::upsert && !entity.present && !entity.assembly_id &&
         entity.kind != store::EntityKind::usage;
}

bool looks_first(const store::View& view, const store::Claim& claim,
                 std::chrono::milliseconds oldest, std::int64_t now_ms) {
  return makes_new(claim) && claim.change.lane <= core::Lane::retry &&
         !directory_is_fresh(view, oldest, now_ms);
}

bool refused_as_existing(const store::Claim& claim, const assembly::Outcome& outcome) {
  const auto* rejected = std::get_if<assembly::Rejected>(&outcome);
  return rejected != nullptr && rejected->kind == assembly::Rejected::Kind::already_exists &&
         makes_new(claim);
}

std::optional<assembly::Identifier> wanted_domain(const store::Claim& claim) {
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  const auto domain = wanted.fields.find("domain");
  if (domain == wanted.fields.end() || !domain->second.is_string()) return std::nullopt;
  auto identifier = assembly::Identifier::of_domain(domain->second.as_string());
  if (assembly::refusal(identifier)) return std::nullopt;
  return identifier;
}

bool Found::key_is_open(const store::Claim& claim) const {
  return by_domain && std::find(by_domain->keys.begin(), by_domain->keys.end(), claim.entity.key) ==
                          by_domain->keys.end();
}

bool adopt_found(store::Tx& tx, store::Claim& claim, const Found& found, std::int64_t now_ms) {
  auto entity = tx.entity(claim.entity.id).value();
  if (entity.present) return false;
  const assembly::Collection collection = collection_of(entity.kind);
  const store::EntityKind list = sync::directory_list(entity.kind);
  if (found.asked_for_domain && !found.by_domain) {
    const sync::State wanted = sync::parse_state(claim.change.wanted);
    const std::string domain = core::lower_ascii(wanted.fields.at("domain").as_string());
    for (const auto& listed : tx.directory_by_domain(list, domain)) {
      tx.forget_directory(list, listed.id);
    }
  }
  for (const auto& seen : {found.by_domain, found.by_key}) {
    if (seen) tx.put_directory(directory_entry(collection, *seen, now_ms));
  }
  if (!found.by_domain && !found.by_key) return false;
  if (!sync::adopt(tx, entity, sync::parse_state(claim.change.wanted))) return false;
  tx.update_entity(entity);
  sync::release_children(tx, entity);
  claim.entity = std::move(entity);
  return true;
}

}  // namespace assembly_sync::delivery

#include "daemon/delivery/lineage.hpp"

#include "daemon/sync/lineage.hpp"

namespace assembly_sync::delivery {

Before::Before(const store::Tx& tx, const store::Claim& claim)
    : known_(tx.entity(claim.entity.id).value().known) {
  const auto notices = tx.notices_of_change(claim.change.id, 1);
  if (!notices.empty()) newest_ = notices.front();
}

void Before::note_what_was_told(store::Tx& tx, const store::Claim& claim, const Request& request,
                                std::int64_t now_ms) const {
  const store::Entity entity = tx.entity(claim.entity.id).value();
  // Present, and nothing known of it: it was found hollow, and is filled by the next call.
  if (known_ == entity.known || (entity.present && !entity.known)) return;
  const auto before = known_ ? std::optional(sync::parse_state(*known_)) : std::nullopt;
  const auto settings = sync::settings(
      before ? &*before : nullptr, entity.known ? sync::parse_state(*entity.known) : sync::State{});
  if (settings.empty()) return;
  store::LineageEntry entry;
  entry.entity = entity.id;
  entry.change = claim.change.id;
  entry.at_ms = now_ms;
  entry.attempt = claim.change.attempts + 1;
  entry.method = request.method();
  entry.path = request.path();
  entry.origin = claim.change.origin;
  entry.sets = sync::to_text(settings, sync::keeping(tx));
  if (newest_) {
    entry.receipt = newest_->receipt;
    entry.run = newest_->run;
    entry.event = newest_->event;
    entry.received_ms = newest_->received_ms;
  }
  tx.add_lineage(entry);
}

}  // namespace assembly_sync::delivery

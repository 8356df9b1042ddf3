#include "daemon/intake/absence.hpp"

#include "core/limits.hpp"
#include "daemon/intake/run_order.hpp"

namespace assembly_sync::intake {
namespace {

constexpr int kRows = static_cast<int>(core::limits::kBulkRowsPerTransaction);

bool believed(const store::Pass& pass, const ShrinkRule& rule) {
  return rule.accepted || pass.absent * 100 <= pass.present * rule.max_percent;
}

/// One notice for a record that a believed pass did not show.
void take_absent(store::Tx& tx, const connectors::Connector& connector, const store::Pass& pass,
                 const core::RecordId& id, std::int64_t now_ms) {
  store::NewNotice notice;
  notice.run = pass.run;
  notice.ref = {pass.source, pass.object, id};
  notice.kind = core::NoticeKind::deleted;
  notice.lane = store::Lane::backfill;
  notice.event = "absent";
  notice.occurred_ms = now_ms;
  notice.received_ms = now_ms;
  if (connector.reads_by_id()) {
    tx.supersede_unread(notice.ref, tx.add_notice(notice), now_ms);
    return;
  }
  tx.mark_record(notice.ref, store::RecordState::deleted, now_ms);
  tx.add_mirror_notice(notice);
}

}  // namespace

store::Pass begin_or_resume(store::Tx& tx, const core::SourceName& source,
                            const core::ObjectName& object, std::optional<store::RowId> run,
                            const std::string& fingerprint, std::int64_t now_ms) {
  if (auto open = tx.open_pass(source, object, run)) return std::move(*open);
  store::Pass pass;
  pass.source = source;
  pass.object = object;
  pass.run = run;
  pass.begun_ms = now_ms;
  pass.fingerprint = fingerprint;
  pass.id = tx.begin_pass(pass);
  return pass;
}

std::string content_of(const PulledSource& source, const core::ObjectName& object) {
  return source.connector->fingerprint(object).value_or("");
}

store::Pass count_absent(const store::Store& store, const store::Pass& pass) {
  return store.read([&](const store::View& view) { return view.counted(pass); });
}

bool conclude_some(store::Store& store, const connectors::Connector& connector,
                   const store::Pass& pass, const ShrinkRule& rule, core::Clock& clock,
                   telemetry::Log& log) {
  const std::int64_t now_ms = core::to_ms(clock.wall_now());
  store::Pass decided = pass;
  if (!pass.taken) {
    // What was decided once stays so: the share would shrink with every notice.
    decided.shrunk = !believed(pass, rule);
    if (decided.is_doubted()) {
      log.warn(decided.shrunk ? "pass_shrank" : "pass_unsure",
               {{"object", stream_of(pass.source, pass.object)},
                {"there", pass.present},
                {"absent", pass.absent},
                {"bad_rows", pass.bad_rows}});
    }
  }
  bool ended = false;
  store.write(store::Urgency::bulk, [&](store::Tx& tx) {
    const auto absent =
        decided.is_doubted() ? std::vector<core::RecordId>() : tx.absent(decided, kRows);
    for (const core::RecordId& id : absent) take_absent(tx, connector, pass, id, now_ms);
    ended = absent.empty();
    if (ended) {
      tx.end_pass(decided, now_ms);
    } else {
      tx.put_taken(decided, absent.back().str());
    }
  });
  return ended;
}

}  // namespace assembly_sync::intake

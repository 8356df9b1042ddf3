#include "daemon/intake/absence.hpp"

#include "core/limits.hpp"

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

void conclude(store::Store& store, const connectors::Connector& connector, const store::Pass& pass,
              const ShrinkRule& rule, core::Clock& clock, telemetry::Log& log) {
  store::Pass counted = store.read([&](const store::View& view) { return view.counted(pass); });
  const auto now_ms = [&] { return core::to_ms(clock.wall_now()); };
  const std::string name = pass.source.str() + '.' + pass.object.str();
  counted.shrunk = !believed(counted, rule);
  const bool sure = counted.bad_rows == 0;
  if (counted.absent > 0 && (counted.shrunk || !sure)) {
    log.warn(counted.shrunk ? "pass_shrank" : "pass_unsure", {{"object", name},
                                                              {"there", counted.present},
                                                              {"absent", counted.absent},
                                                              {"bad_rows", counted.bad_rows}});
  }
  store::RowId row = 0;
  while (sure && !counted.shrunk) {
    const auto absent =
        store.read([&](const store::View& view) { return view.absent(pass, row, kRows); });
    if (absent.empty()) break;
    store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      for (const store::AbsentRecord& one : absent) {
        take_absent(tx, connector, pass, one.id, now_ms());
      }
    });
    row = absent.back().row;
  }
  store.write(store::Urgency::bulk, [&](store::Tx& tx) { tx.end_pass(counted, now_ms()); });
}

}  // namespace assembly_sync::intake

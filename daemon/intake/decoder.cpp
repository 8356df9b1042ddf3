#include "daemon/intake/decoder.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "daemon/intake/mirroring.hpp"
#include "daemon/intake/resolver.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"

namespace assembly_sync::intake {
namespace {

using store::NoticeState;

constexpr int kReceiptsPerRound = 50;

}  // namespace

class Decoder::Impl {
 public:
  explicit Impl(const ResolverParts& parts) : parts_(parts) {}

  bool work() {
    const auto receipts = parts_.store.read([&](const store::View& view) {
      auto waiting = view.receipts_to_decode(parts_.source, kReceiptsPerRound);
      if (!waiting.empty()) away_ = view.catch_up(parts_.source);
      return waiting;
    });
    for (const store::Receipt& receipt : receipts) decode_one(receipt);
    return !receipts.empty();
  }

 private:
  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }

  void decode_one(const store::Receipt& receipt) {
    const auto notices = decoded(receipt);
    if (!notices) {
      parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
        tx.settle_receipt(receipt.id, 0, notices.error().message);
      });
      parts_.log.error("receipt_undecodable", {{"source", parts_.source.str()},
                                               {"receipt", receipt.id},
                                               {"reason", notices.error().message}});
      return;
    }
    const auto mapped = map_fat(*notices);
    const auto settle = [&](Fat how) {
      parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
        bool erased = false;
        for (std::size_t i = 0; i < notices->size(); ++i) {
          const core::Notice& notice = (*notices)[i];
          add(tx, receipt, notice, mapped[i], how);
          erased = erased || tx.erased_ms({parts_.source, notice.ref.object, notice.ref.id});
        }
        if (const auto late = late_events(*notices); late > 0) {
          tx.add_catch_up(parts_.source, 0, late);
        }
        tx.settle_receipt(receipt.id, static_cast<std::int64_t>(notices->size()), std::nullopt);
        if (erased) tx.erase_receipt_body(receipt.id);
      });
    };
    const auto fat = std::count_if(mapped.begin(), mapped.end(),
                                   [](const auto& record) { return record.has_value(); });
    // Planned in one transaction, many would hold up every webhook's answer.
    if (fat > static_cast<std::ptrdiff_t>(core::limits::kBulkRowsPerTransaction)) {
      settle(Fat::mirror);
      return;
    }
    try {
      settle(Fat::plan);
    } catch (const std::exception& error) {
      if (fat == 0) throw;
      // One record that can't be planned must hold up neither the others nor the next receipts:
      // they are planned from the mirror, each for itself where it has to be.
      parts_.log.warn(
          "receipt_not_planned",
          {{"source", parts_.source.str()}, {"receipt", receipt.id}, {"error", error.what()}});
      settle(Fat::mirror);
    }
  }

  /// What a connector throws is a body that it can't read, and must not come back for ever.
  core::Result<std::vector<core::Notice>> decoded(const store::Receipt& receipt) const {
    try {
      return parts_.connector->decode({receipt.body, receipt.object});
    } catch (const std::exception& error) {
      return core::fail(std::string("decoding it failed: ") + error.what());
    }
  }

  /// Events of the time in which the program was not there, or could not ask.
  std::int64_t late_events(const std::vector<core::Notice>& notices) const {
    if (!away_) return 0;
    return std::count_if(notices.begin(), notices.end(), [&](const core::Notice& notice) {
      return notice.occurred_at_ms >= away_->from_ms && notice.occurred_at_ms < away_->to_ms;
    });
  }

  bool is_read(const core::Notice& notice) const {
    return parts_.mapper.rules().reads(parts_.source, notice.ref.object);
  }

  /// What the mappings make of the records that came with their notices; nothing for the others.
  std::vector<std::optional<MappedRecord>> map_fat(const std::vector<core::Notice>& notices) {
    std::vector<std::optional<MappedRecord>> mapped(notices.size());
    for (std::size_t i = 0; i < notices.size(); ++i) {
      const core::Notice& notice = notices[i];
      if (!notice.record || notice.dead_reason || notice.ignore_reason || !is_read(notice))
        continue;
      if (notice.kind == core::NoticeKind::upserted) {
        mapped[i] = parts_.mapper.map(of_source(*notice.record, parts_.source), document_);
      } else if (notice.kind == core::NoticeKind::deleted) {
        mapped[i] = MappedRecord{of_source(*notice.record, parts_.source), {}};
      }
    }
    return mapped;
  }

  /// What becomes of a record that came with its notice.
  enum class Fat : std::uint8_t { plan, mirror };

  void add(store::Tx& tx, const store::Receipt& receipt, const core::Notice& notice,
           const std::optional<MappedRecord>& mapped, Fat fat) {
    store::NewNotice row;
    row.receipt = receipt.id;
    row.ref = notice.ref;
    row.ref.source = parts_.source;
    row.kind = notice.kind;
    row.event = notice.event;
    row.occurred_ms = notice.occurred_at_ms;
    row.received_ms = receipt.received_ms;
    if (mapped) {
      absorb_fat(tx, row, *mapped, fat);
      return;
    }
    const store::RowId id = tx.add_notice(row);
    if (notice.dead_reason) {
      tx.finish_notice(id, NoticeState::dead, *notice.dead_reason, now_ms());
    } else if (notice.ignore_reason) {
      tx.finish_notice(id, NoticeState::ignored, *notice.ignore_reason, now_ms());
    } else if (!is_read(notice)) {
      tx.finish_notice(id, NoticeState::ignored,
                       "no mapping reads " + parts_.source.str() + '.' + row.ref.object.str(),
                       now_ms());
    } else {
      note_merges(tx, row.ref, notice.merged_ids, now_ms());
      tx.supersede_unread(row.ref, id, now_ms());
    }
  }

  /// The reading came with the notice: into the mirror, unless that holds something newer, and
  /// planned at once or, one step later, from the mirror.
  void absorb_fat(store::Tx& tx, const store::NewNotice& row, const MappedRecord& mapped, Fat fat) {
    const bool deletion = row.kind == core::NoticeKind::deleted;
    const bool newer =
        deletion ? mirror_deletion(tx, mapped.record, now_ms()) : mirror(tx, mapped.record);
    if (newer && fat == Fat::mirror) {
      tx.add_mirror_notice(row);
      return;
    }
    const store::RowId id = tx.add_notice(row);
    if (!newer) {
      tx.finish_notice(id, NoticeState::superseded,
                       "the mirror already holds a newer version of the record", now_ms());
      return;
    }
    sync::Occasion occasion;
    occasion.record = mapped.record.ref;
    occasion.related = mapped.record.related;
    occasion.now_ms = now_ms();
    occasion.notice = id;
    if (deletion) {
      sync::plan_deletion(tx, occasion, "deleted in " + parts_.source.str());
    } else {
      sync::plan(tx, occasion, mapped.verdicts);
    }
  }

  /// False when the mirror holds something newer. Of equal versions the one received later counts;
  /// after a deletion only a newer one does, since the same one may be the last sent again.
  bool mirror(store::Tx& tx, const core::Record& record) const {
    const auto mirrored = tx.record(record.ref);
    if (mirrored && mirrored->state == store::RecordState::deleted && record.version != 0 &&
        record.version == mirrored->version) {
      return false;
    }
    return tx.put_record(record, now_ms(), now_ms());
  }

  const ResolverParts& parts_;
  std::optional<store::CatchUp> away_;  // as of this round
  core::JsonDocument document_;
};

Decoder::Decoder(const ResolverParts& parts) : impl_(std::make_unique<Impl>(parts)) {}
Decoder::~Decoder() = default;
bool Decoder::work() {
  return impl_->work();
}

}  // namespace assembly_sync::intake

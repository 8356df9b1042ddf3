#include "daemon/intake/pipeline.hpp"

#include "daemon/sync/merges.hpp"

namespace assembly_sync::intake {
namespace {

sync::Verdict verdict_of(mapping::Result result) {
  using Kind = mapping::Result::Kind;
  sync::Verdict verdict;
  verdict.mapping = result.mapping;
  switch (result.kind) {
    case Kind::intent:
      verdict.kind = sync::Verdict::Kind::intent;
      verdict.intent = std::move(result.intent);
      break;
    case Kind::filtered:
      verdict.kind = sync::Verdict::Kind::filtered;
      verdict.reason = "mapping " + result.mapping + ": `when` is false";
      break;
    case Kind::no_parent:
      verdict.kind = sync::Verdict::Kind::no_parent;
      verdict.reason = "mapping " + result.mapping + ": " + result.reason;
      break;
    case Kind::refused: {
      const mapping::Refusal& refusal = result.refusal;
      verdict.kind = sync::Verdict::Kind::refused;
      verdict.reason = "mapping " + refusal.mapping + ": " + refusal.field + " (line " +
                       std::to_string(refusal.line) + ", column " + std::to_string(refusal.column) +
                       "): " + refusal.reason;
      break;
    }
  }
  return verdict;
}

void end(store::Tx& tx, const sync::Occasion& occasion, store::NoticeState state,
         const std::string& reason) {
  if (occasion.notice) {
    tx.finish_notice(*occasion.notice, state, reason, occasion.now_ms);
  } else {
    tx.count_notice(state, occasion.run);
  }
}

}  // namespace

MappedRecord Mapper::map(core::Record record, core::JsonDocument& document) const {
  MappedRecord mapped;
  if (const auto view = document.parse(record.json)) {
    for (mapping::Result& result : rules_->apply(record.ref.source, record.ref.object, *view)) {
      mapped.verdicts.push_back(verdict_of(std::move(result)));
    }
  } else {
    sync::Verdict unreadable;
    unreadable.kind = sync::Verdict::Kind::refused;
    unreadable.reason = view.error().message;
    mapped.verdicts.push_back(std::move(unreadable));
  }
  mapped.record = std::move(record);
  return mapped;
}

void absorb(store::Tx& tx, const MappedRecord& mapped, sync::Occasion occasion) {
  occasion.record = mapped.record.ref;
  occasion.related = mapped.record.related;
  if (const auto why = sync::outdated(tx, occasion)) {
    end(tx, occasion, store::NoticeState::ignored, *why);
    return;
  }
  if (!tx.put_record(mapped.record, occasion.read_ms.value_or(occasion.now_ms), occasion.now_ms)) {
    end(tx, occasion, store::NoticeState::superseded,
        "the mirror already holds a newer version of the record");
    return;
  }
  sync::plan(tx, occasion, mapped.verdicts);
}

}  // namespace assembly_sync::intake

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
    tx.count_notice(state, occasion.record, occasion.run, occasion.now_ms);
  }
}

}  // namespace

MappedRecord Mapper::map(core::Record record, core::JsonDocument& document) const {
  MappedRecord mapped;
  if (const auto view = document.parse(record.json)) {
    const auto& [source, object, id] = record.ref;
    const bool labels = catalogues_ && rules_->needs_catalogue(source, object);
    const auto catalogue = labels ? catalogues_->known(source, object) : nullptr;
    for (mapping::Result& result : rules_->apply(source, object, *view, nullptr, catalogue.get())) {
      mapped.option_missing = mapped.option_missing || result.refusal.option_missing;
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

std::optional<connectors::ReadError> Mapper::prepare(const connectors::Connector& connector,
                                                     const core::SourceName& source,
                                                     const core::ObjectName& object) const {
  if (!catalogues_ || !rules_->needs_catalogue(source, object)) return std::nullopt;
  return catalogues_->ensure(connector, source, object);
}

connectors::ReadResult<std::vector<MappedRecord>> Mapper::map_all(
    const connectors::Connector& connector, const core::SourceName& source,
    const core::ObjectName& object, std::vector<core::Record> records,
    core::JsonDocument& document) const {
  if (auto error = prepare(connector, source, object)) return tl::unexpected(std::move(*error));
  std::vector<MappedRecord> mapped;
  mapped.reserve(records.size());
  bool missing = false;
  for (core::Record& record : records) {
    mapped.push_back(map(std::move(record), document));
    missing = missing || mapped.back().option_missing;
  }
  if (!missing || !catalogues_) return mapped;
  const auto renewed = catalogues_->renew(connector, source, object);
  if (!renewed) return tl::unexpected(renewed.error());
  if (!*renewed) return mapped;
  for (MappedRecord& one : mapped) {
    if (one.option_missing) one = map(std::move(one.record), document);
  }
  return mapped;
}

std::vector<mapping::TraceStep> Mapper::trace(const core::RecordRef& ref,
                                              const std::string& mapping,
                                              const core::JsonView& record) const {
  std::vector<mapping::TraceStep> steps;
  const auto catalogue = catalogues_ ? catalogues_->known(ref.source, ref.object) : nullptr;
  rules_->apply_named(mapping, record, &steps, catalogue.get());
  return steps;
}

void absorb(store::Tx& tx, const MappedRecord& mapped, sync::Occasion occasion,
            const store::Shown& shown) {
  occasion.record = mapped.record.ref;
  occasion.related = mapped.record.related;
  if (const auto why = sync::outdated(tx, occasion)) {
    end(tx, occasion, store::NoticeState::ignored, *why);
    return;
  }
  const std::int64_t read_ms = occasion.read_ms.value_or(occasion.now_ms);
  if (!tx.put_record(mapped.record, read_ms, occasion.now_ms, shown)) {
    if (shown.pass != 0) tx.mark_seen(mapped.record.ref, shown.pass, read_ms);
    end(tx, occasion, store::NoticeState::superseded,
        "the mirror already holds a newer version of the record");
    return;
  }
  sync::plan(tx, occasion, mapped.verdicts);
}

}  // namespace assembly_sync::intake

#include "daemon/intake/catalogues.hpp"

#include <utility>

#include "core/json.hpp"
#include "core/limits.hpp"

namespace assembly_sync::intake {
namespace {

using connectors::ReadError;

/// Only options are asked for when records are mapped, and records show no archived property.
core::Catalogue with_options_only(core::Catalogue catalogue) {
  std::erase_if(catalogue.fields, [](const auto& member) {
    return member.second.options.empty() || member.second.archived;
  });
  return catalogue;
}

bool is_older(std::int64_t at_ms, std::int64_t now_ms, std::chrono::milliseconds span) {
  return now_ms - at_ms >= span.count();
}

/// Nothing that records could do would mend it, but a person can: they wait, as for a credential.
ReadError waiting(ReadError error, const core::ObjectName& object) {
  if (error.kind == ReadError::Kind::rejected) error.kind = ReadError::Kind::unauthorized;
  error.reason =
      "the labels of " + object.str() + " are needed and could not be read: " + error.reason;
  return error;
}

}  // namespace

std::shared_ptr<const core::Catalogue> Catalogues::known(const core::SourceName& source,
                                                         const core::ObjectName& object) {
  return look_up({source, object}).catalogue;
}

std::optional<std::int64_t> Catalogues::read_ms(const core::SourceName& source,
                                                const core::ObjectName& object) {
  const Known known = look_up({source, object});
  return known.catalogue ? std::optional(known.read_ms) : std::nullopt;
}

Catalogues::Known Catalogues::look_up(const Id& id) {
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = known_.try_emplace(id);
  if (is_new) {
    if (auto found = stored(id)) entry->second = std::move(*found);
  }
  return entry->second;
}

/// What can't be read any more is as good as none.
std::optional<Catalogues::Known> Catalogues::stored(const Id& id) const {
  if (parts_.store == nullptr) return std::nullopt;
  const auto row = parts_.store->read(
      [&](const store::View& view) { return view.catalogue(id.first, id.second); });
  if (!row) return std::nullopt;
  const auto body = core::parse_json(row->body);
  if (!body) return std::nullopt;
  auto catalogue = core::to_catalogue(*body);
  if (!catalogue) return std::nullopt;
  return Known{std::make_shared<const core::Catalogue>(std::move(*catalogue)), row->read_ms,
               row->read_ms};
}

connectors::ReadResult<core::Catalogue> Catalogues::describe(const connectors::Connector& connector,
                                                             const Id& id) const {
  auto catalogue = connector.describe(id.second, parts_.transport, parts_.clock.wall_now());
  if (!catalogue) return tl::unexpected(waiting(std::move(catalogue.error()), id.second));
  return with_options_only(std::move(*catalogue));
}

std::optional<ReadError> Catalogues::read(const connectors::Connector& connector, const Id& id) {
  auto catalogue = describe(connector, id);
  if (!catalogue) {
    const std::lock_guard lock(mutex_);
    known_[id].tried_ms = now_ms();
    return std::move(catalogue.error());
  }
  if (core::dump_json(core::to_value(*catalogue)).size() > core::limits::kCatalogueBytes) {
    return waiting({.kind = ReadError::Kind::rejected,
                    .retry_after = {},
                    .reason = "the options of its properties take more than " +
                              std::to_string(core::limits::kCatalogueBytes) + " bytes"},
                   id.second);
  }
  keep(id, std::move(*catalogue));
  return std::nullopt;
}

void Catalogues::keep(const Id& id, core::Catalogue catalogue) {
  const std::int64_t now = now_ms();
  const Known before = look_up(id);
  const bool changed = before.catalogue && *before.catalogue != catalogue;
  const auto fresh = std::make_shared<const core::Catalogue>(std::move(catalogue));
  if (parts_.store != nullptr && parts_.keeps) {
    parts_.store->write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.put_catalogue(id.first, id.second, {core::dump_json(core::to_value(*fresh)), now});
      if (changed && parts_.on_change) parts_.on_change(tx);
    });
  }
  {
    const std::lock_guard lock(mutex_);
    known_[id] = {fresh, now, now};
  }
  if (changed) {
    parts_.log.info("options_changed", {{"source", id.first.str()}, {"object", id.second.str()}});
  }
}

std::optional<ReadError> Catalogues::ensure(const connectors::Connector& connector,
                                            const core::SourceName& source,
                                            const core::ObjectName& object) {
  const Id id{source, object};
  const Known known = look_up(id);
  const std::int64_t now = now_ms();
  const bool due = !known.catalogue || (is_older(known.read_ms, now, kCatalogueAge) &&
                                        is_older(known.tried_ms, now, kCataloguePause));
  if (!due) return std::nullopt;
  auto error = read(connector, id);
  if (!error || !known.catalogue) return error;
  parts_.log.warn("options_not_read",
                  {{"source", source.str()}, {"object", object.str()}, {"reason", error->reason}});
  return std::nullopt;
}

connectors::ReadResult<bool> Catalogues::renew(const connectors::Connector& connector,
                                               const core::SourceName& source,
                                               const core::ObjectName& object) {
  const Id id{source, object};
  if (!is_older(look_up(id).read_ms, now_ms(), kCataloguePause)) return false;
  if (auto error = read(connector, id)) return tl::unexpected(std::move(*error));
  return true;
}

}  // namespace assembly_sync::intake

#include "daemon/delivery/directory.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/delivery/request.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPage = 100;  // the documented default and the only size known to work (A26)
constexpr store::RowId kScanRows = 5000;  // entities looked through in one reading of the store
constexpr auto kLockLook = std::chrono::milliseconds{50};
constexpr const char* kAsOf = "directory.as_of_ms";

std::chrono::milliseconds pause_after(const assembly::Outcome& failure, int failures) {
  if (const auto* throttled = std::get_if<assembly::Throttled>(&failure)) {
    return throttled->retry_after.value_or(1000ms);
  }
  return std::chrono::milliseconds(
      std::min<std::int64_t>(60'000, std::int64_t{1000} << std::min(failures, 6)));
}

}  // namespace

bool directory_is_fresh(const store::View& view, std::chrono::milliseconds oldest,
                        std::int64_t now_ms) {
  const std::string as_of = view.note(kAsOf);
  return !as_of.empty() && now_ms - std::stoll(as_of) < oldest.count();
}

store::DirectoryEntry directory_entry(assembly::Collection collection,
                                      const assembly::AccountView& seen, std::int64_t as_of_ms) {
  store::DirectoryEntry entry;
  entry.kind = collection == assembly::Collection::contacts ? store::EntityKind::contact
                                                            : store::EntityKind::company;
  entry.id = seen.id;
  entry.domain = core::lower_ascii(seen.domain);
  entry.keys = seen.keys;
  entry.attributes = core::dump_json(seen.attributes);
  entry.as_of_ms = as_of_ms;
  return entry;
}

DirectoryReader::DirectoryReader(const assembly::Client& client, Budget& budget, Labels& labels,
                                 store::Store& store, core::Clock& clock, telemetry::Log& log)
    : client_(client), budget_(budget), labels_(labels), store_(store), clock_(clock), log_(log) {}

bool DirectoryReader::refresh(std::chrono::milliseconds oldest, const Order& order,
                              const std::stop_token& stop) {
  std::unique_lock one_at_a_time(reading_, std::try_to_lock);
  while (!one_at_a_time.owns_lock()) {  // another reads them, which may take long
    if (!clock_.sleep_for(kLockLook, stop)) return false;
    one_at_a_time.try_lock();
  }
  const std::int64_t as_of_ms = now_ms();
  const bool fresh = store_.read(
      [&](const store::View& view) { return directory_is_fresh(view, oldest, as_of_ms); });
  if (fresh) return true;
  const bool first = store_.read([](const store::View& view) { return view.note(kAsOf).empty(); });
  const core::Lane beginning = first ? core::Lane::live : order.lane;
  for (int failures = 0; const auto failure = labels_.ensure_listed(beginning, stop);) {
    if (!wait_out(*failure, failures++, stop)) return false;
  }
  for (const auto collection : {assembly::Collection::accounts, assembly::Collection::contacts}) {
    const Read read = read_list(collection, as_of_ms, order, beginning, stop);
    if (read == Read::stopped) return false;
    if (read == Read::incomplete) return true;  // what it lacks says nothing
  }
  if (!check_unlisted(as_of_ms, order, stop)) return false;
  store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
    tx.prune_directory(store::EntityKind::company, as_of_ms);
    tx.prune_directory(store::EntityKind::contact, as_of_ms);
    tx.set_note(kAsOf, std::to_string(as_of_ms));
  });
  return true;
}

bool DirectoryReader::wait_out(const assembly::Outcome& failure, int failures,
                               const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  if (const auto* throttled = std::get_if<assembly::Throttled>(&failure)) {
    budget_.refused(throttled->retry_after);  // it concerns every lane
    store_.write(store::Urgency::live, [](store::Tx& tx) { tx.count_refused(); });
  }
  if (std::holds_alternative<assembly::Unauthorized>(failure)) {
    store_.write(store::Urgency::live,
                 [&](store::Tx& tx) { tx.set_key_refused(store::KeyUse::lists, now_ms()); });
  }
  log_.warn("directory_postponed", {{"outcome", name_of(failure)}, {"reason", reason_of(failure)}});
  return clock_.sleep_for(pause_after(failure, failures), stop);
}

DirectoryReader::Read DirectoryReader::read_list(assembly::Collection collection,
                                                 std::int64_t as_of_ms, const Order& order,
                                                 core::Lane beginning,
                                                 const std::stop_token& stop) {
  std::size_t offset = 0;
  int failures = 0;
  core::AssemblyId first_of_last_page;
  while (true) {
    const auto ticket = budget_.spend(offset == 0 ? beginning : order.lane, stop);
    if (!ticket) return Read::stopped;
    const auto page = client_.list(collection, kPage, offset);
    budget_.answered(*ticket);
    store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.count_calls(1, order.run);
      if (!page) return;
      tx.set_key_refused(store::KeyUse::lists, std::nullopt);
      for (const assembly::AccountView& seen : page->items) {
        tx.put_directory(directory_entry(collection, seen, as_of_ms));
      }
    });
    if (!page) {
      if (!wait_out(to_outcome(page.error()), failures++, stop)) return Read::stopped;
      continue;
    }
    failures = 0;
    if (!page->items.empty()) {
      if (page->items.front().id == first_of_last_page) {
        log_.warn("directory_incomplete", {{"what", "Assembly's list does not advance"}});
        return Read::incomplete;  // reading it for ever would not bring the rest either
      }
      first_of_last_page = page->items.front().id;
    }
    offset += page->received;
    if (!page->has_next_page || page->received == 0) return Read::complete;
  }
}

bool DirectoryReader::check_unlisted(std::int64_t as_of_ms, const Order& order,
                                     const std::stop_token& stop) {
  const store::RowId last = store_.read([](const store::View& view) { return view.last_entity(); });
  int checks = 0;
  for (store::RowId after = 0; after < last; after += kScanRows) {
    const auto unlisted = store_.read(
        [&](const store::View& view) { return view.unlisted(after, after + kScanRows, as_of_ms); });
    for (const store::Entity& entity : unlisted) {
      if (++checks > core::limits::kDirectoryChecks) {
        log_.warn("directory_unchecked",
                  {{"checked", core::limits::kDirectoryChecks},
                   {"what",
                    "more accounts are missing from Assembly's lists than are asked for at once"}});
        return true;
      }
      if (!check(entity, as_of_ms, order, stop)) return false;
    }
  }
  return true;
}

bool DirectoryReader::check(const store::Entity& entity, std::int64_t as_of_ms, const Order& order,
                            const std::stop_token& stop) {
  const assembly::Collection collection = collection_of(entity.kind);
  for (int failures = 0;;) {
    const auto ticket = budget_.spend(order.lane, stop);
    if (!ticket) return false;
    const auto seen = client_.get(collection, assembly::Identifier::of(entity.assembly_id.value()));
    budget_.answered(*ticket);
    store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.count_calls(1, order.run);
      if (seen && *seen) tx.put_directory(directory_entry(collection, **seen, as_of_ms));
      if (seen || std::holds_alternative<assembly::Rejected>(seen.error())) {
        tx.set_key_refused(store::KeyUse::lists, std::nullopt);
      }
    });
    if (seen) {
      if (!*seen) gone(entity);
      return true;
    }
    if (std::holds_alternative<assembly::Rejected>(seen.error())) return true;  // says nothing
    if (!wait_out(to_outcome(seen.error()), failures++, stop)) return false;
  }
}

void DirectoryReader::gone(const store::Entity& asked) {
  const std::int64_t now = now_ms();
  store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
    auto entity = tx.entity(asked.id);
    const bool same = entity && entity->present && entity->assembly_id == asked.assembly_id;
    if (!same || tx.in_flight_of(asked.id)) return;  // a call about it is newer than the question
    const auto pending = tx.pending_of(asked.id);
    const bool ends_it = pending && (pending->action == store::Action::remove ||
                                     sync::is_farewell(sync::parse_state(pending->wanted)));
    if (ends_it) {
      tx.close_change(pending->id, store::NoticeState::delivered, "it is gone from Assembly", now);
    }
    sync::forget(tx, *entity, core::Lane::audit, now);
    if (!tx.pending_of(asked.id)) {
      sync::orphan_children(tx, *entity, "its company is no longer in Assembly", now);
    }
  });
  log_.info("gone_from_assembly", {{"entity", asked.id}, {"kind", core::to_text(asked.kind)}});
}

}  // namespace assembly_sync::delivery

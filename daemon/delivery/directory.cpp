#include "daemon/delivery/directory.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/delivery/outcome_text.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPage = 100;  // the documented default and the only size known to work (A26)
constexpr const char* kAsOf = "directory.as_of_ms";

std::chrono::milliseconds pause_after(const assembly::Outcome& failure, int failures) {
  if (const auto* throttled = std::get_if<assembly::Throttled>(&failure)) {
    return throttled->retry_after.value_or(1000ms);
  }
  return std::chrono::milliseconds(
      std::min<std::int64_t>(60'000, std::int64_t{1000} << std::min(failures, 6)));
}

}  // namespace

DirectoryReader::DirectoryReader(const assembly::Client& client, Budget& budget, Labels& labels,
                                 store::Store& store, core::Clock& clock, telemetry::Log& log)
    : client_(client), budget_(budget), labels_(labels), store_(store), clock_(clock), log_(log) {}

bool DirectoryReader::refresh(std::chrono::milliseconds oldest, std::optional<store::RowId> run,
                              const std::stop_token& stop) {
  const std::int64_t now_ms = core::to_ms(clock_.wall_now());
  const std::string as_of = store_.read([](const store::View& view) { return view.note(kAsOf); });
  if (!as_of.empty() && now_ms - std::stoll(as_of) < oldest.count()) return true;
  for (int failures = 0; const auto failure = labels_.ensure_listed(core::Lane::backfill, stop);) {
    if (!wait_out(*failure, failures++, stop)) return false;
  }
  if (!read_list(assembly::Collection::accounts, now_ms, run, stop)) return false;
  if (!read_list(assembly::Collection::contacts, now_ms, run, stop)) return false;
  store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
    tx.prune_directory(store::EntityKind::company, now_ms);
    tx.prune_directory(store::EntityKind::contact, now_ms);
    tx.set_note(kAsOf, std::to_string(now_ms));
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
  log_.warn("directory_postponed", {{"outcome", name_of(failure)}, {"reason", reason_of(failure)}});
  return clock_.sleep_for(pause_after(failure, failures), stop);
}

bool DirectoryReader::read_list(assembly::Collection collection, std::int64_t as_of_ms,
                                std::optional<store::RowId> run, const std::stop_token& stop) {
  std::size_t offset = 0;
  int failures = 0;
  core::AssemblyId first_of_last_page;
  while (true) {
    const auto ticket = budget_.spend(core::Lane::backfill, stop);
    if (!ticket) return false;
    const auto page = client_.list(collection, kPage, offset);
    budget_.answered(*ticket);
    store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.count_calls(1, run);
      if (!page) return;
      for (const assembly::AccountView& seen : page->items) {
        store::DirectoryEntry entry;
        entry.kind = collection == assembly::Collection::contacts ? store::EntityKind::contact
                                                                  : store::EntityKind::company;
        entry.id = seen.id;
        entry.domain = core::lower_ascii(seen.domain);
        entry.keys = seen.keys;
        entry.attributes = core::dump_json(seen.attributes);
        entry.as_of_ms = as_of_ms;
        tx.put_directory(entry);
      }
    });
    if (!page) {
      if (!wait_out(to_outcome(page.error()), failures++, stop)) return false;
      continue;
    }
    failures = 0;
    if (!page->items.empty()) {
      if (page->items.front().id == first_of_last_page) {
        log_.warn("directory_incomplete", {{"what", "Assembly's list does not advance"}});
        return true;  // reading it for ever would not bring the rest either
      }
      first_of_last_page = page->items.front().id;
    }
    offset += page->received;
    if (!page->has_next_page || page->received == 0) return true;
  }
}

}  // namespace assembly_sync::delivery

#include "daemon/intake/resolver.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "daemon/intake/decoder.hpp"
#include "daemon/intake/mirroring.hpp"
#include "daemon/intake/read_pause.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using connectors::ReadError;
using store::NoticeState;
using store::OpenNotice;

constexpr int kSuspiciousAttempts = 2;  // then one record may be why its batch fails
constexpr auto kIdleLook = 1000ms;      // postponed notices become due without a signal
/// A read that the CRM refuses for good is tried this often before its notice is a dead letter.
constexpr int kMostReadAttempts = 5;

bool is_word_of_deletion(core::NoticeKind kind) {
  return kind == core::NoticeKind::deleted || kind == core::NoticeKind::erased;
}

}  // namespace

class Resolver::Impl {
 public:
  explicit Impl(ResolverParts parts) : parts_(std::move(parts)), decoder_(parts_) {}

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ++heartbeat_;
        const auto seen = parts_.store.inbox_changed().ticket();
        bool busy = false;
        try {
          busy = work();
        } catch (const std::exception& error) {
          parts_.log.recurring("resolve_failed",
                               {{"source", parts_.source.str()}, {"error", error.what()}});
          parts_.clock.sleep_for(1s, stop);
        }
        if (!busy) parts_.store.inbox_changed().wait(seen, kIdleLook, stop);
      }
    });
  }
  void request_stop() { thread_.request_stop(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t heartbeat() const { return heartbeat_.load(); }

  bool work() {
    const bool decoded = decoder_.work();
    return resolve() || decoded;
  }

 private:
  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }

  bool resolve() {
    if (parts_.clock.steady_now() < paused_until_) return false;
    const auto notices = parts_.store.read([&](const store::View& view) {
      return view.notices_to_resolve(parts_.source, now_ms(),
                                     static_cast<int>(parts_.connector->batch_size()));
    });
    if (notices.empty()) return false;
    const auto newest = without_unread(keep_newest(notices));
    if (newest.empty()) return true;
    if (notices.front().from_mirror || !parts_.connector->reads_by_id()) {
      remap(newest);
    } else {
      read(newest);
    }
    return true;
  }

  /// An object that no mapping reads any more is not read: with nothing wanted its records would be
  /// empty. Word of a deletion or erasure is acted on all the same.
  std::vector<OpenNotice> without_unread(std::vector<OpenNotice> notices) {
    if (notices.empty()) return notices;
    const core::ObjectName object = notices.front().ref.object;
    if (parts_.mapper.rules().reads(parts_.source, object)) return notices;
    const auto unread = std::stable_partition(
        notices.begin(), notices.end(),
        [](const OpenNotice& notice) { return is_word_of_deletion(notice.kind); });
    parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
      for (auto notice = unread; notice != notices.end(); ++notice) {
        tx.finish_notice(notice->id, NoticeState::ignored,
                         "no mapping reads " + parts_.source.str() + '.' + object.str(), now_ms());
        sync::settle_expected(tx, notice->ref, "no mapping reads its company's record", now_ms());
      }
    });
    notices.erase(unread, notices.end());
    return notices;
  }

  /// One notice a record; the older ones end here.
  std::vector<OpenNotice> keep_newest(const std::vector<OpenNotice>& notices) {
    std::map<core::RecordRef, OpenNotice> newest;
    std::vector<OpenNotice> older;
    for (const OpenNotice& notice : notices) {
      const auto [kept, is_new] = newest.emplace(notice.ref, notice);
      if (is_new) continue;
      OpenNotice other = notice;
      if (other.id > kept->second.id) std::swap(kept->second, other);
      kept->second.kind = store::stronger_sign(kept->second.kind, other.kind);
      older.push_back(std::move(other));
    }
    if (!older.empty()) {
      parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
        for (const OpenNotice& notice : older) {
          const store::RowId newer = newest.at(notice.ref).id;
          if (!notice.from_mirror) {
            tx.supersede_unread(notice.ref, newer, now_ms());
          } else {
            tx.finish_notice(notice.id, NoticeState::superseded,
                             "notice " + std::to_string(newer) + " about the same record is newer",
                             now_ms());
          }
        }
      });
    }
    std::vector<OpenNotice> kept;
    kept.reserve(newest.size());
    for (auto& [ref, notice] : newest) kept.push_back(std::move(notice));
    return kept;
  }

  static sync::Occasion occasion_of(const OpenNotice& notice, std::int64_t now_ms) {
    sync::Occasion occasion;
    occasion.record = notice.ref;
    occasion.lane = notice.lane;
    occasion.run = notice.run;
    occasion.now_ms = now_ms;
    occasion.notice = notice.id;
    occasion.attempts = notice.attempts;
    return occasion;
  }

  /// False when labels that mapping the mirror's records needs are not to be had: the notices wait.
  /// The records are mapped on trial, so that a missing option is asked for outside the transaction
  /// that maps them again.
  bool labels_known(const std::vector<OpenNotice>& notices) {
    const core::ObjectName& object = notices.front().ref.object;
    if (!parts_.mapper.rules().needs_catalogue(parts_.source, object)) return true;
    std::vector<core::Record> records;
    parts_.store.read([&](const store::View& view) {
      for (const OpenNotice& notice : notices) {
        auto mirrored = view.record(notice.ref);
        if (!mirrored || mirrored->state != store::RecordState::present) continue;
        records.push_back({notice.ref, std::move(mirrored->json), mirrored->version, {}});
      }
    });
    const auto mapped = parts_.mapper.map_all(*parts_.connector, parts_.source, object,
                                              std::move(records), document_);
    if (mapped) return true;
    postpone(notices, mapped.error());
    return false;
  }

  /// Maps again what the mirror holds. The record is read from it inside the transaction, so that a
  /// newer reading can't be overtaken.
  void remap(const std::vector<OpenNotice>& notices) {
    if (!labels_known(notices)) return;
    plan_each(notices, [this](store::Tx& tx, const OpenNotice& notice) {
      const auto mirrored = tx.record(notice.ref);
      if (mirrored && mirrored->state == store::RecordState::deleted &&
          notice.kind == core::NoticeKind::deleted) {
        sync::plan_deletion(tx, occasion_of(notice, now_ms()), "deleted in " + parts_.source.str());
        return;
      }
      if (!mirrored || mirrored->state != store::RecordState::present) {
        const auto survivor = tx.survivor_of(notice.ref);
        tx.finish_notice(notice.id, NoticeState::ignored,
                         survivor
                             ? "merged into " + survivor->object.str() + ' ' + survivor->id.str()
                             : "the record is not in the mirror",
                         now_ms());
        sync::settle_expected(tx, notice.ref, "its company's record is not in the mirror",
                              now_ms());
        return;
      }
      if (parts_.connector->reads_by_id() &&
          !parts_.scope.holds_all(notice.ref, mirrored->read_ms)) {
        tx.read_later(notice.id, now_ms(), "the mapping wants more than the mirror holds of it");
        return;
      }
      sync::Occasion occasion = occasion_of(notice, now_ms());
      occasion.related = mirrored->related;
      core::Record record{notice.ref, mirrored->json, mirrored->version, {}};
      // Nothing was read: the mirror stays as it is.
      sync::plan(tx, occasion, parts_.mapper.map(std::move(record), document_).verdicts);
    });
  }

  /// All in one transaction. When that fails, each in its own: what can't be planned must not hold
  /// up the others.
  template <class PlanOne>
  void plan_each(const std::vector<OpenNotice>& notices, const PlanOne& plan_one) {
    try {
      parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
        for (const OpenNotice& notice : notices) {
          // A person may have taken back the order that opened it while its record was read.
          if (!tx.waits_for_person(notice.id)) plan_one(tx, notice);
        }
      });
    } catch (const store::DiskError&) {
      throw;  // no fault of the records: they are planned when the disk takes it
    } catch (const std::exception& error) {
      if (notices.size() == 1) {
        not_planned(notices.front(), error.what());
        return;
      }
      for (const OpenNotice& notice : notices) plan_each({notice}, plan_one);
    }
  }

  void not_planned(const OpenNotice& notice, const std::string& why) {
    parts_.log.error("plan_failed", {{"source", parts_.source.str()},
                                     {"notice", notice.id},
                                     {"attempt", notice.attempts + 1},
                                     {"error", why}});
    parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
      if (notice.attempts + 1 < kMostReadAttempts) {
        const auto pause = pause_after({ReadError::Kind::rejected, {}, {}}, notice.attempts);
        tx.postpone_notice(notice.id, now_ms() + pause.count(), true, why);
        return;
      }
      tx.finish_notice(notice.id, NoticeState::dead, "it could not be planned: " + why, now_ms());
      sync::settle_expected(tx, notice.ref, "its company could not be planned", now_ms());
    });
  }

  /// One id that the CRM can't stomach must not hold up the others: it refuses it, or it answers
  /// 5xx for it each time.
  void read(const std::vector<OpenNotice>& notices) {
    const auto problem = read_at_once(notices);
    if (!problem) return;
    const bool refused = problem->kind == ReadError::Kind::rejected;
    if (notices.size() > 1 && (refused || is_suspicious(notices, *problem))) {
      read_apart(notices, refused);
    } else {
      postpone(notices, *problem);
    }
  }

  /// What went wrong; the notices are as they were then.
  std::optional<ReadError> read_at_once(const std::vector<OpenNotice>& notices) {
    std::vector<core::RecordId> ids;
    ids.reserve(notices.size());
    for (const OpenNotice& notice : notices) ids.push_back(notice.ref.id);
    const core::ObjectName& object = notices.front().ref.object;
    const std::int64_t begun_ms = now_ms();
    const auto answer =
        parts_.connector->read(object, ids, parts_.mapper.rules().paths(parts_.source, object),
                               parts_.transport, parts_.clock.wall_now());
    if (!answer) return answer.error();
    tell_rows(parts_.log, parts_.source, object, {}, answer->warnings);
    if (!answer->stopped) {
      absorb_batch(notices, *answer, begun_ms);
      return std::nullopt;
    }
    // What was read counts, so that a limit smaller than the batch is no standstill.
    const auto [read, unread] = parted(notices, *answer);
    if (read.empty()) return answer->stopped;
    absorb_batch(read, *answer, begun_ms);
    const auto kind = answer->stopped->kind;
    if (kind == ReadError::Kind::rejected || kind == ReadError::Kind::transient) {
      this->read(unread);  // it is about the first of them, perhaps, and not about the others
    } else {
      postpone(unread, *answer->stopped);
    }
    return std::nullopt;
  }

  /// Those that the answer is about, and the others.
  static std::pair<std::vector<OpenNotice>, std::vector<OpenNotice>> parted(
      const std::vector<OpenNotice>& notices, const connectors::BatchRead& batch) {
    std::set<core::RecordId> answered;
    for (const core::Record& record : batch.records) answered.insert(record.ref.id);
    for (const auto& missing : batch.missing) answered.insert(missing.id);
    for (const auto& [asked, now] : batch.remapped) answered.insert(asked);
    std::pair<std::vector<OpenNotice>, std::vector<OpenNotice>> out;
    for (const OpenNotice& notice : notices) {
      (answered.count(notice.ref.id) > 0 ? out.first : out.second).push_back(notice);
    }
    return out;
  }

  static bool is_suspicious(const std::vector<OpenNotice>& notices, const ReadError& error) {
    return error.kind == ReadError::Kind::transient &&
           std::any_of(notices.begin(), notices.end(), [](const OpenNotice& notice) {
             return notice.attempts >= kSuspiciousAttempts;
           });
  }

  /// In halves, down to the ones that fail alone. Unless `refused`, one is tried alone before: when
  /// not even that can be had, the source is down and the others need not be asked for.
  void read_apart(std::vector<OpenNotice> notices, bool refused) {
    if (!refused) {
      const auto probe = least_suspicious(notices);
      const std::vector<OpenNotice> alone = {*probe};
      if (const auto problem = read_at_once(alone)) return postpone(notices, *problem);
      notices.erase(probe);
    }
    std::vector<std::vector<OpenNotice>> parts = {std::move(notices)};
    while (!parts.empty()) {
      const std::vector<OpenNotice> part = std::move(parts.back());
      parts.pop_back();
      const auto middle = part.begin() + static_cast<std::ptrdiff_t>((part.size() + 1) / 2);
      for (const std::vector<OpenNotice>& half :
           {std::vector(part.begin(), middle), std::vector(middle, part.end())}) {
        if (half.empty()) continue;
        const auto problem = read_at_once(half);
        if (!problem) continue;
        const bool is_of_one = problem->kind == ReadError::Kind::rejected ||
                               problem->kind == ReadError::Kind::transient;
        if (half.size() > 1 && is_of_one) {
          parts.push_back(half);
        } else {
          postpone(half, *problem);
        }
      }
    }
  }

  /// Of those that failed least often another one each time: it may be the culprit itself.
  static std::vector<OpenNotice>::const_iterator least_suspicious(
      const std::vector<OpenNotice>& notices) {
    const auto by_attempts = [](const OpenNotice& a, const OpenNotice& b) {
      return a.attempts < b.attempts;
    };
    const auto [least, most] = std::minmax_element(notices.begin(), notices.end(), by_attempts);
    std::vector<std::vector<OpenNotice>::const_iterator> candidates;
    for (auto notice = notices.begin(); notice != notices.end(); ++notice) {
      if (notice->attempts == least->attempts) candidates.push_back(notice);
    }
    return candidates[static_cast<std::size_t>(most->attempts) % candidates.size()];
  }

  void absorb_batch(const std::vector<OpenNotice>& notices, const connectors::BatchRead& batch,
                    std::int64_t begun_ms) {
    std::vector<core::Record> read;
    read.reserve(batch.records.size());
    for (const core::Record& record : batch.records)
      read.push_back(of_source(record, parts_.source));
    auto mapped = parts_.mapper.map_all(*parts_.connector, parts_.source,
                                        notices.front().ref.object, std::move(read), document_);
    if (!mapped) return postpone(notices, mapped.error());
    std::map<core::RecordId, MappedRecord> records;
    for (MappedRecord& one : *mapped) {
      const core::RecordId id = one.record.ref.id;
      records.insert_or_assign(id, std::move(one));
    }
    std::map<core::RecordId, core::RecordId> survivors(batch.remapped.begin(),
                                                       batch.remapped.end());
    std::map<core::RecordId, bool> archived;
    for (const auto& missing : batch.missing) archived.emplace(missing.id, missing.archived);
    plan_each(notices, [&](store::Tx& tx, const OpenNotice& notice) {
      tx.clear_source_error(parts_.source, notice.ref.object);
      const auto survivor = survivors.find(notice.ref.id);
      const auto found =
          records.find(survivor == survivors.end() ? notice.ref.id : survivor->second);
      sync::Occasion occasion = occasion_of(notice, now_ms());
      occasion.read_ms = begun_ms;
      if (found != records.end() && survivor != survivors.end()) {
        merged_away(tx, notice, found->second, std::move(occasion));
      } else if (found != records.end()) {
        absorb(tx, found->second, std::move(occasion), shown());
      } else {
        gone(tx, notice, archived[notice.ref.id]);
      }
    });
  }

  store::Shown shown() const { return {.is_truth = parts_.connector->shows_present_state()}; }

  /// The id leads to another record: the second sign of a merge, whether or not it was announced. A
  /// deletion that was announced is part of it.
  void merged_away(store::Tx& tx, const OpenNotice& notice, const MappedRecord& survivor,
                   sync::Occasion occasion) {
    const std::string into =
        "merged into " + survivor.record.ref.object.str() + ' ' + survivor.record.ref.id.str();
    sync::note_merge(tx, notice.ref, survivor.record.ref.id, 0, now_ms());
    if (is_word_of_deletion(notice.kind)) {
      tx.finish_notice(notice.id, NoticeState::ignored, into, now_ms());
      occasion.notice = tx.add_notice(sync::notice_for(occasion, survivor.record.ref, "merge"));
    }
    absorb(tx, survivor, std::move(occasion), shown());
    sync::settle_expected(tx, notice.ref, "its company was " + into, now_ms());
  }

  void gone(store::Tx& tx, const OpenNotice& notice, bool archived) {
    const std::string& source = parts_.source.str();
    if (notice.kind == core::NoticeKind::erased) {
      if (sync::plan_erasure(tx, occasion_of(notice, now_ms()), "erased in " + source)) tell_kept();
      return;
    }
    if (archived || is_word_of_deletion(notice.kind)) {
      // Two signs (I10): not among the living, and in the recycle bin or announced as deleted.
      tx.mark_record(notice.ref, store::RecordState::deleted, now_ms());
      sync::plan_deletion(tx, occasion_of(notice, now_ms()), "deleted in " + source);
      return;
    }
    tx.finish_notice(notice.id, NoticeState::ignored,
                     "not found in " + source + ", and nothing says that it was deleted", now_ms());
    sync::settle_expected(tx, notice.ref, "its company was not found in " + source, now_ms());
  }

  /// Once a process: what it means is the configuration's, not the record's.
  void tell_kept() {
    if (std::exchange(told_kept_, true)) return;
    parts_.log.warn("erasure_not_passed_on",
                    {{"source", parts_.source.str()},
                     {"what",
                      "a person's data was erased in the CRM and here, and stays in Assembly, "
                      "because the mapping's on_delete is ignore"}});
  }

  void postpone(const std::vector<OpenNotice>& notices, const ReadError& error) {
    const bool counts =
        error.kind == ReadError::Kind::transient || error.kind == ReadError::Kind::rejected;
    const bool is_trouble = error.kind != ReadError::Kind::not_yet;
    std::int64_t longest = 0;
    parts_.store.write(store::Urgency::live, [&](store::Tx& tx) {
      for (const OpenNotice& notice : notices) {
        if (error.kind == ReadError::Kind::rejected && notice.attempts + 1 >= kMostReadAttempts) {
          tx.finish_notice(notice.id, NoticeState::dead, "reading it was refused: " + error.reason,
                           now_ms());
          sync::settle_expected(tx, notice.ref, "its company could not be read", now_ms());
          continue;
        }
        const auto pause = pause_after(error, notice.attempts);
        longest = std::max<std::int64_t>(longest, pause.count());
        tx.postpone_notice(notice.id, now_ms() + pause.count(), counts, error.reason);
      }
      if (is_trouble) {
        tx.source_error(parts_.source, notices.front().ref.object, error.reason, now_ms(),
                        to_text(error.kind));
      }
    });
    if (!counts) {
      // It concerns the whole source: asking for other records would only make it worse.
      paused_until_ = parts_.clock.steady_now() + std::chrono::milliseconds(longest);
    }
    if (!is_trouble) return;
    parts_.log.warn("read_postponed", {{"source", parts_.source.str()},
                                       {"records", static_cast<std::int64_t>(notices.size())},
                                       {"pause_ms", longest},
                                       {"reason", error.reason}});
  }

  const ResolverParts parts_;
  Decoder decoder_;
  // Only the thread that calls work().
  core::JsonDocument document_;
  core::SteadyTime paused_until_ = core::SteadyTime::min();
  bool told_kept_ = false;
  std::atomic<std::uint64_t> heartbeat_{0};
  std::jthread thread_;
};

Resolver::Resolver(ResolverParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Resolver::~Resolver() {
  request_stop();
  join();
}
void Resolver::start() {
  impl_->start();
}
void Resolver::request_stop() {
  impl_->request_stop();
}
void Resolver::join() {
  impl_->join();
}
std::uint64_t Resolver::heartbeat() const {
  return impl_->heartbeat();
}
bool Resolver::work() {
  return impl_->work();
}

}  // namespace assembly_sync::intake

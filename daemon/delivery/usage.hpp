// Usage logs on their way to Assembly (steps 7 and 8), at most once (I6). A POST repeated is a
// second log (Q11). So an attempt that may have had its effect casts a doubt on the entity, which
// survives any crash with it; and a change of a log in doubt is never a POST but a look for its
// event id:
//   found     it is there after all: delivered
//   absent    surely not there: the doubt is over, the next turn sends it
//   untold    the answers don't show it: held for a person, never sent
// A look is one call of one turn, so a long search delays nobody; how far it got is in memory only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/assembly/client.hpp"
#include "daemon/delivery/request.hpp"
#include "daemon/delivery/usage_search.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::delivery {

/// Between an attempt without an answer and the look, so that Assembly is done with it: after a
/// lost connection, a 5xx, a death of ours.
inline constexpr std::chrono::milliseconds kUsagePause{10'000};
/// After a time-out, ours or a gateway's: it had not been done in all that time.
inline constexpr std::chrono::milliseconds kUsageTimeOutPause{60'000};
/// After a lease has run out: the call may be under way for as long as a call can be.
inline constexpr std::chrono::milliseconds kUsageLeasePause{600'000};

/// What a usage log's change still has to send. Nothing, once it was sent, unless it follows its
/// record.
sync::Difference usage_remaining(const store::Claim& claim);

/// POST of everything, PUT of what differs with the metadata whole (A166), or DELETE.
Request usage_request(const store::Claim& claim, const sync::Difference& difference);

/// Why the change of a log was refused, for a person.
std::string refusal_text(const Request& request, const assembly::Rejected& rejected);

/// Settles a look that was answered.
void settle_look(store::Tx& tx, const store::Claim& claim, const Request& request,
                 const assembly::Delivered& seen, std::int64_t now_ms);

/// The calls about usage logs. Thread-safe.
class UsageCalls {
 public:
  UsageCalls(const assembly::Client& client, const store::Store& store);
  ~UsageCalls();

  /// Makes the one call of `request`, a look included, which it completes.
  assembly::Outcome send(const store::Claim& claim, Request& request);

 private:
  struct Search;
  assembly::UsageTarget target(const std::optional<core::About>& about) const;
  assembly::Outcome look(const store::Claim& claim, Request& request);
  assembly::Answer<UsageSearch::Verdict> next_step(Search& search) const;
  static std::unique_ptr<Search> search_of(const store::Entity& log, assembly::UsageTarget where);
  std::unique_ptr<Search> take(const store::Entity& log);
  void keep(store::RowId log, std::unique_ptr<Search> search);

  const assembly::Client& client_;
  const store::Store& store_;
  std::mutex mutex_;
  std::map<store::RowId, std::unique_ptr<Search>> searches_;  // guarded by mutex_; by log
};

}  // namespace assembly_sync::delivery

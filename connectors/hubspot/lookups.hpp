// What ids in records stand for: owners, lists and pipelines, read once and kept for some minutes.
// One for each source. Thread-safe; whoever needs what another is just reading waits for it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/apart.hpp"
#include "connectors/hubspot/client.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"

namespace assembly_sync::connectors::hubspot {

struct Owner {
  std::string email;
  std::string name;
};

class Lookups {
 public:
  template <class T>
  using Table = std::map<std::string, T>;
  template <class T>
  using Shared = std::shared_ptr<const Table<T>>;

  /// By the id that `hubspot_owner_id` holds; archived owners too. A table that lacks one of
  /// `needed` is read again before its age, once for each of them.
  ReadResult<Shared<Owner>> owners(const Client& client, const std::set<std::string>& needed,
                                   core::WallTime now);
  /// Names of the lists of an object, by id.
  ReadResult<Shared<std::string>> lists(const Client& client, const core::ObjectName& object,
                                        const std::set<std::string>& needed, core::WallTime now);
  /// Labels of the pipelines of deals, by id.
  ReadResult<Shared<std::string>> pipelines(const Client& client, core::WallTime now);

 private:
  template <class T>
  struct Kept {
    std::mutex mutex;
    Shared<T> table{};
    /// Asked for and not there when they were last looked for, which was then.
    std::map<std::string, core::WallTime> unknown{};
    core::WallTime read_at{};
  };
  template <class T, class Read>
  static ReadResult<Shared<T>> get(Kept<T>& kept, const std::set<std::string>& needed,
                                   core::WallTime now, Read&& read);

  Kept<Owner> owners_;
  Kept<std::string> company_lists_;
  Kept<std::string> contact_lists_;
  Kept<std::string> pipelines_;
};

struct Memberships {
  std::map<std::string, std::vector<std::string>> of;  // a record in no list is in it, too
  Refused refused;                                     // those of which they can't be told
};

/// In which lists each of `ids` of an object is, by the lists' ids. One call per 100, and more only
/// where some are refused.
ReadResult<Memberships> read_memberships(const Client& client, const core::ObjectName& object,
                                         const std::vector<std::string>& ids);

}  // namespace assembly_sync::connectors::hubspot

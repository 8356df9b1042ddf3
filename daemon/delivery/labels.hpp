// Labels: names in the mapping -> label ids in Assembly (A129-A139). Found in the list, kept in the
// store, created when the configuration allows it. One lookup at a time goes to Assembly, so that a
// thousand records with a new label create it once. Equal names of different types are different
// labels. A label stays the one that a name in the mapping led to, whatever a person renames it to
// in Assembly; one that was deleted there is looked for, or made, anew. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::delivery {

struct LabelPolicy {
  bool create = false;
  std::map<std::string, std::string> colors;  // type -> #RRGGBB
  std::string description = {};               // of created ones; may be empty (A134)
};

class Labels {
 public:
  Labels(LabelPolicy policy, const assembly::Client& client, Budget& budget, store::Store& store,
         core::Clock& clock);

  /// From memory only; and the name leads to this label from now on, whatever it will be called.
  std::optional<core::AssemblyId> use(const std::string& type, const std::string& name);
  /// From memory only.
  std::optional<core::AssemblyId> known(const std::string& type, const std::string& name) const;

  /// Reads the list once per process, so that ids read back from Assembly have names.
  std::optional<assembly::Outcome> ensure_listed(core::Lane lane, const std::stop_token& stop);

  /// Asks Assembly when it must, each call through the budget. The error is the outcome that the
  /// asking change shares; Rejected when there is no such label and none may be created.
  tl::expected<core::AssemblyId, assembly::Outcome> resolve(const std::string& type,
                                                            const std::string& name,
                                                            core::Lane lane,
                                                            const std::stop_token& stop);

  using TypeAndName = std::pair<std::string, std::string>;

  /// Assembly refused a write with these labels that began at `begun`: true when one of them is not
  /// the label it was, so that the write may work with the newer list. Costs a call unless the list
  /// was read since.
  bool changed(const std::map<TypeAndName, core::AssemblyId>& used, core::SteadyTime begun,
               core::Lane lane, const std::stop_token& stop);

 private:
  std::optional<assembly::Outcome> refresh(core::Lane lane, const std::stop_token& stop);
  void bind(const TypeAndName& name, const core::AssemblyId& id);
  tl::expected<core::AssemblyId, assembly::Outcome> create(const std::string& type,
                                                           const std::string& name, core::Lane lane,
                                                           const std::stop_token& stop);

  const LabelPolicy policy_;
  const assembly::Client& client_;
  Budget& budget_;
  store::Store& store_;
  core::Clock& clock_;
  std::mutex asking_;                          // one thread talks to Assembly about labels
  std::optional<core::SteadyTime> refreshed_;  // guarded by asking_
  mutable std::mutex mutex_;
  std::map<TypeAndName, core::AssemblyId> ids_;    // guarded by mutex_
  std::map<TypeAndName, core::AssemblyId> bound_;  // names in use, as stored; guarded by mutex_
};

}  // namespace assembly_sync::delivery

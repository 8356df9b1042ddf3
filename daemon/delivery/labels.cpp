#include "daemon/delivery/labels.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "daemon/delivery/outcome_text.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;

/// A name that is missing is looked for in a fresh list at most this often.
constexpr auto kListAge = 60s;
constexpr const char* kDefaultColor = "#545A92";

}  // namespace

Labels::Labels(LabelPolicy policy, const assembly::Client& client, Budget& budget,
               store::Store& store, core::Clock& clock)
    : policy_(std::move(policy)), client_(client), budget_(budget), store_(store), clock_(clock) {
  for (const store::LabelName& name :
       store_.read([](const store::View& v) { return v.label_names(); })) {
    bound_.emplace(TypeAndName{name.type, name.name}, name.id);
  }
  ids_ = bound_;
  for (const store::Label& label : store_.read([](const store::View& v) { return v.labels(); })) {
    ids_.emplace(TypeAndName{label.type, label.name}, label.id);
  }
}

std::optional<core::AssemblyId> Labels::use(const std::string& type, const std::string& name) {
  auto id = known(type, name);
  if (id) bind({type, name}, *id);
  return id;
}

void Labels::bind(const TypeAndName& name, const core::AssemblyId& id) {
  {
    const std::lock_guard lock(mutex_);
    const auto [bound, is_new] = bound_.emplace(name, id);
    if (!is_new && bound->second == id) return;
    bound->second = id;
  }
  store_.write(store::Urgency::live, [&](store::Tx& tx) {
    tx.put_label_name({name.first, name.second, id});
  });
}

bool Labels::changed(const std::map<TypeAndName, core::AssemblyId>& used, core::SteadyTime begun,
                     core::Lane lane, const std::stop_token& stop) {
  if (used.empty()) return false;
  const std::lock_guard one_at_a_time(asking_);
  if ((!refreshed_ || *refreshed_ < begun) && refresh(lane, stop)) return false;
  return std::any_of(used.begin(), used.end(), [&](const auto& label) {
    return known(label.first.first, label.first.second) != label.second;
  });
}

std::optional<core::AssemblyId> Labels::known(const std::string& type,
                                              const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find({type, name});
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<assembly::Outcome> Labels::ensure_listed(core::Lane lane,
                                                       const std::stop_token& stop) {
  const std::lock_guard one_at_a_time(asking_);
  return refreshed_ ? std::nullopt : refresh(lane, stop);
}

tl::expected<core::AssemblyId, assembly::Outcome> Labels::resolve(const std::string& type,
                                                                  const std::string& name,
                                                                  core::Lane lane,
                                                                  const std::stop_token& stop) {
  if (auto id = use(type, name)) return *id;
  const std::lock_guard one_at_a_time(asking_);
  if (auto id = use(type, name)) return *id;  // another thread has just found or made it
  if (!refreshed_ || clock_.steady_now() - *refreshed_ > kListAge) {
    if (auto failure = refresh(lane, stop)) return tl::unexpected(std::move(*failure));
    if (auto id = use(type, name)) return *id;
  }
  if (!policy_.create) {
    return tl::unexpected<assembly::Outcome>(assembly::Rejected{
        0, assembly::Rejected::Kind::not_found,
        "no " + type +
            " label of that name in Assembly: make it there, or write labels: {create: true}",
        name});
  }
  return create(type, name, lane, stop);
}

std::optional<assembly::Outcome> Labels::refresh(core::Lane lane, const std::stop_token& stop) {
  const auto ticket = budget_.spend(lane, stop);
  if (!ticket) return assembly::Transient{"stopping", std::nullopt};
  auto answer = client_.labels();
  budget_.answered(*ticket);
  store_.write(store::Urgency::live, [](store::Tx& tx) { tx.count_calls(1, std::nullopt); });
  if (!answer) return to_outcome(answer.error());
  std::vector<store::Label> rows;
  std::map<TypeAndName, core::AssemblyId> listed;
  std::set<core::AssemblyId> present;
  for (const assembly::Label& label : *answer) {
    if (!label.type) continue;
    const std::string type(assembly::to_text(*label.type));
    rows.push_back({label.id, type, label.name});
    listed.emplace(TypeAndName{type, label.name}, label.id);
    present.insert(label.id);
  }
  store_.write(store::Urgency::live, [&](store::Tx& tx) { tx.replace_labels(rows); });
  refreshed_ = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  ids_.clear();
  for (const auto& [name, id] : bound_) {
    if (present.contains(id)) ids_.emplace(name, id);  // even if it is called otherwise by now
  }
  ids_.merge(listed);
  return std::nullopt;
}

tl::expected<core::AssemblyId, assembly::Outcome> Labels::create(const std::string& type,
                                                                 const std::string& name,
                                                                 core::Lane lane,
                                                                 const std::stop_token& stop) {
  const auto ticket = budget_.spend(lane, stop);
  if (!ticket) return tl::unexpected<assembly::Outcome>(assembly::Transient{"stopping", {}});
  const auto color = policy_.colors.find(type);
  const assembly::Outcome outcome = client_.create_label(
      {assembly::parse_label_type(type).value(), name,
       color == policy_.colors.end() ? kDefaultColor : color->second, policy_.description});
  budget_.answered(*ticket);
  store_.write(store::Urgency::live, [](store::Tx& tx) { tx.count_calls(1, std::nullopt); });
  if (const auto* rejected = std::get_if<assembly::Rejected>(&outcome);
      rejected != nullptr && rejected->kind == assembly::Rejected::Kind::already_exists) {
    // Somebody made it since the list was read.
    if (auto failure = refresh(lane, stop)) return tl::unexpected(std::move(*failure));
    if (auto id = use(type, name)) return *id;
    return tl::unexpected(outcome);
  }
  const auto* made = std::get_if<assembly::Delivered>(&outcome);
  if (made == nullptr || made->id.empty()) {
    refreshed_.reset();  // it may exist after all: look before making a second one
    if (made != nullptr) {
      return tl::unexpected<assembly::Outcome>(assembly::Ambiguous{"label created without an id"});
    }
    return tl::unexpected(outcome);
  }
  store_.write(store::Urgency::live, [&](store::Tx& tx) { tx.put_label({made->id, type, name}); });
  bind({type, name}, made->id);
  const std::lock_guard lock(mutex_);
  ids_.insert_or_assign(TypeAndName{type, name}, made->id);
  return made->id;
}

}  // namespace assembly_sync::delivery

// The client against the local Assembly, over real sockets, under every reading of what the
// documentation leaves open: it is right only when it passes under all of them.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::assembly {

using core::AssemblyId;
using core::Key;
using core::Value;
using sandbox::Fault;
using sandbox::Sandbox;
using sandbox::Switches;

inline constexpr auto kAccounts = Collection::accounts;
inline constexpr auto kContacts = Collection::contacts;
inline constexpr const char* kSandboxKey = "sandbox-key";

struct Setting {
  std::string name;
  Switches switches;
};
/// All switches as JSON, so that a failure shows the world it happened in.
inline void PrintTo(const Setting& setting, std::ostream* out) {
  *out << core::dump_json(sandbox::to_value(setting.switches));
}

/// One local Assembly and one transport for all cases; each case begins with a reset.
struct World {
  core::SystemClock clock;
  Sandbox sandbox{unlimited(), clock};
  http::PooledTransport transport{clock};

  static World& shared();

 private:
  static sandbox::SandboxOptions unlimited();
};

class AssemblyContract : public testing::TestWithParam<Setting> {
 protected:
  AssemblyContract();

  const Switches& switches() const { return GetParam().switches; }

  // With a 400 and no word about it, nobody can tell what was wrong (I12, I13).
  bool tells_missing() const;
  bool tells_present() const;

  /// The id in the outcome; where the answer had none, the one read back by `identifier` (I11).
  AssemblyId id_of(const Outcome& outcome, Collection collection, const Identifier& identifier);
  AssemblyId upsert(Collection collection, const char* key, Value::Object body);
  AssemblyId company(const char* key = "c-1", const char* domain = "acme.test",
                     Value::Object more = {});
  AssemblyId contact(const char* key = "p-1", const char* email = "ann@acme.test",
                     Value::Object more = {});
  AssemblyId label(LabelType type, const std::string& name);
  /// Creates a log and finds its id, if need be by its content.
  AssemblyId usage(const UsageTarget& target, const std::string& timestamp,
                   const std::string& content, Value::Object more = {});

  std::optional<AccountView> get(Collection collection, const Identifier& identifier);
  /// Every page of it, two at a time.
  std::vector<AccountView> all(Collection collection);
  std::vector<AccountView> all_contacts_of(const Identifier& company);
  std::vector<UsageLog> all_usage(const UsageTarget& target);
  Value::Object properties_of(const Identifier& identifier);

  /// What the server has, by its own account.
  Value stored(Collection collection, const AssemblyId& id);

  World& world_;
  Sandbox& sandbox_;
  Client client_;
};

/// "delivered", "rejected not_found", …: what kind of outcome it is.
std::string kind_of(const Outcome& outcome);
std::string kind_of(const Failure& failure);
std::vector<std::string> domains_of(const std::vector<AccountView>& items);

inline Identifier by_id(const AssemblyId& id) {
  return Identifier::of(id);
}
inline Identifier by_key(const char* key) {
  return Identifier::of(Key(key));
}
inline Identifier by_domain(const char* domain) {
  return Identifier::of_domain(domain);
}

}  // namespace assembly_sync::assembly

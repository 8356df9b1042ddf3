// The store's schema as numbered, forward-only steps; step N leads from user_version N-1 to N.
// Generated from schema/*.sql. Internal to store/.
#pragma once

#include <vector>

namespace assembly_sync::store {

struct Migration {
  const char* name;
  const char* sql;
};

const std::vector<Migration>& migrations();

}  // namespace assembly_sync::store

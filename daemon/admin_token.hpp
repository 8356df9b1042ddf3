// The token that opens the console: what `listen.admin_token` refers to, or one that is made at the
// first start and kept beside the store, in a file for the owner only. A part of the composition
// root. Not thread-safe.
#pragma once

#include <string>

#include "core/secret.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::app {

struct AdminToken {
  core::Secret token;
  std::string file;  // where it is kept; empty = the configuration has it
};

/// Where the token of the store at `store_path` is kept.
std::string admin_token_file(const std::string& store_path);

/// Makes the file where there is none and the configuration has no token. Throws
/// std::runtime_error, naming the file, when it can't be read or written, or holds something else.
AdminToken admin_token(const config::Config& config);

}  // namespace assembly_sync::app

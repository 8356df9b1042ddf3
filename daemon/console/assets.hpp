// The console's stylesheet, scripts and icon, compiled into the program from assets/. Constant;
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assembly_sync::console {

struct Asset {
  std::string_view name;  // console.css
  std::string_view hash;  // of its content: a new build has another address
  std::string_view content;
};

/// Defined in the generated console_assets.cpp.
const std::vector<Asset>& assets();

/// nullptr when there is none of that name.
const Asset* find_asset(std::string_view name);
/// `/assets/console.css?v=0a1b2c3d4e5f`. Throws std::logic_error for a name that is none.
std::string asset_path(std::string_view name);
/// By the ending of the name.
std::string_view media_type(std::string_view name);

}  // namespace assembly_sync::console

#include "daemon/console/assets.hpp"

#include <algorithm>
#include <stdexcept>

namespace assembly_sync::console {

const Asset* find_asset(std::string_view name) {
  const auto found = std::find_if(assets().begin(), assets().end(),
                                  [&](const Asset& asset) { return asset.name == name; });
  return found == assets().end() ? nullptr : &*found;
}

std::string asset_path(std::string_view name) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) throw std::logic_error("no asset " + std::string(name));
  return "/assets/" + std::string(name) + "?v=" + std::string(asset->hash);
}

std::string_view media_type(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace assembly_sync::console

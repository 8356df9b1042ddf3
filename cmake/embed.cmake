# asy_embed_sql(target FILES…): compiles numbered SQL files into the target as
# assembly_sync::store::migrations() entries, in the order of their names.
function(asy_embed_sql target)
  set(rows "")
  foreach(file ${ARGN})
    file(READ ${file} text)
    get_filename_component(name ${file} NAME)
    string(APPEND rows "    {\"${name}\", R\"sql(${text})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/migrations.cpp)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [=[
// Generated from daemon/store/schema/*.sql.
#include "daemon/store/migrations.hpp"

namespace assembly_sync::store {

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> kMigrations = {
@rows@  };
  return kMigrations;
}

}  // namespace assembly_sync::store
]=])
  target_sources(${target} PRIVATE ${out})
endfunction()

# asy_embed_presets(target FILES…): compiles the descriptions of CRMs into the target as
# assembly_sync::connectors::rest::preset_files(), by the names of their files.
function(asy_embed_presets target)
  set(rows "")
  foreach(file ${ARGN})
    file(READ ${file} text)
    get_filename_component(name ${file} NAME_WE)
    string(APPEND rows "    {\"${name}\", R\"preset(${text})preset\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/preset_files.cpp)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [=[
// Generated from connectors/presets/*.yaml.
#include "connectors/rest/presets.hpp"

namespace assembly_sync::connectors::rest {

const std::vector<PresetFile>& preset_files() {
  static const std::vector<PresetFile> kFiles = {
@rows@  };
  return kFiles;
}

}  // namespace assembly_sync::connectors::rest
]=])
  target_sources(${target} PRIVATE ${out})
endfunction()

# asy_embed_assets(target FILES…): compiles the console's files into the target as
# assembly_sync::console::assets().
function(asy_embed_assets target)
  set(rows "")
  foreach(file ${ARGN})
    file(READ ${file} text)
    string(SHA256 hash "${text}")
    string(SUBSTRING ${hash} 0 12 hash)
    get_filename_component(name ${file} NAME)
    string(APPEND rows "    {\"${name}\", \"${hash}\", R\"asset(${text})asset\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/console_assets.cpp)
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [=[
// Generated from daemon/console/assets.
#include "daemon/console/assets.hpp"

namespace assembly_sync::console {

const std::vector<Asset>& assets() {
  static const std::vector<Asset> kAssets = {
@rows@  };
  return kAssets;
}

}  // namespace assembly_sync::console
]=])
  target_sources(${target} PRIVATE ${out})
endfunction()

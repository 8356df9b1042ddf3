# Files of the package that are made of others, when it is put together. `source`: the sources' folder.
set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")

# pack(FILE PLACE): compressed, without name and time, so that the same sources make the same package.
function(pack file place)
  get_filename_component(folder "${root}/${place}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  execute_process(COMMAND gzip -9n INPUT_FILE "${source}/${file}"
                  OUTPUT_FILE "${root}/${place}" COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD "${root}/${place}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

pack(packaging/assembly-sync.1 usr/share/man/man1/assembly-sync.1.gz)
pack(CHANGELOG.md usr/share/doc/assembly-sync/changelog.gz)
pack(packaging/debian/changelog usr/share/doc/assembly-sync/changelog.Debian.gz)

# The configuration that a first installation begins with: the example, with its secrets where the
# units find them. ${env:HUBSPOT_TOKEN} becomes ${credential:hubspot-token}.
file(READ "${source}/config.example.yaml" text)
string(REGEX MATCHALL "\\\${env:[A-Z_]+}" references "${text}")
list(REMOVE_DUPLICATES references)
list(REMOVE_ITEM references "\${env:NAME}")
foreach(reference ${references})
  string(REGEX REPLACE "^..env:(.*)}$" "\\1" name "${reference}")
  string(TOLOWER "${name}" name)
  string(REPLACE "_" "-" name "${name}")
  string(REPLACE "${reference}" "\${credential:${name}}" text "${text}")
endforeach()
string(REPLACE "$schema=docs/" "$schema=/usr/share/doc/assembly-sync/docs/" text "${text}")
file(WRITE "${root}/usr/share/assembly-sync/config.yaml" "${text}")

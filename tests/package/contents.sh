#!/usr/bin/env bash
# The package as a file: contents.sh BUILD, the folder of a build. It is made of what was built there
# and looked at by lintian; installing it is installed.sh's.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
build=$(realpath "$1")
need lintian lintian
need dpkg-shlibdeps dpkg-dev
need dash dash

cpack --config "$build/CPackConfig.cmake" -B "$work/package" >"$work/cpack" 2>&1 || {
  cat "$work/cpack"
  exit 1
}
package=$(find "$work/package" -maxdepth 1 -name '*.deb')
version=$(sed -n 's/^project(assembly_sync VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
same "name and version" "assembly-sync $version-1" \
  "$(dpkg-deb --show --showformat='${Package} ${Version}' "$package")"
same "the newest entry of the Debian changelog is of this version" "$version-1" \
  "$(dpkg-parsechangelog --file "$root/packaging/debian/changelog" --show-field Version)"
check "its libraries are among the dependencies" grep -q libpoconet <(dpkg-deb --field "$package" Depends)

# As root, because who builds may lack the right to read what is closed.
lintian --fail-on error,warning --tag-display-limit 0 --allow-root "$package" >"$work/lintian" 2>&1 &&
  pass "lintian finds no error and no warning" || {
  fail "lintian"
  sed 's/^/    /' "$work/lintian"
}

# --- what is in it ---------------------------------------------------------------------------------

dpkg-deb --extract "$package" "$work/tree"
dpkg-deb --control "$package" "$work/control"
for script in postinst prerm postrm; do
  check "$script is sh" dash -n "$work/control/$script"
done
for file in usr/bin/assembly-sync lib/systemd/system/assembly-sync.service \
  lib/systemd/system/assembly-sync@.service usr/lib/sysusers.d/assembly-sync.conf \
  usr/share/man/man1/assembly-sync.1.gz \
  usr/share/bash-completion/completions/assembly-sync \
  usr/share/zsh/vendor-completions/_assembly-sync usr/share/assembly-sync/config.yaml \
  usr/share/doc/assembly-sync/{copyright,changelog.gz,changelog.Debian.gz,config.example.yaml} \
  usr/share/doc/assembly-sync/docs/operations.md; do
  check "it has $file" test -s "$work/tree/$file"
done
same "it has every preset" "$(ls "$root/connectors/presets")" \
  "$(ls "$work/tree/usr/share/doc/assembly-sync/examples/presets")"
# Nothing of who built it, and nothing in a place where it does not belong.
same "all belongs to root" root/root \
  "$(dpkg-deb --contents "$package" | awk '{print $2}' | sort -u)"
check "no path of the machine that built it" \
  sh -c '! grep -rIl "$1" "$2"' sh "$root" "$work/tree/usr/share" "$work/tree/usr/lib"

# --- the first configuration -----------------------------------------------------------------------

# With a file for each secret that it names, and the table that it reads, it is good as it is.
mkdir "$work/etc" "$work/etc/credentials"
cp "$work/tree/usr/share/assembly-sync/config.yaml" "$work/etc/"
sed -n 's/^[^#]*${credential:\([a-z-]*\)}.*/\1/p' "$work/etc/config.yaml" | while read -r name; do
  echo c2VjcmV0LW9mLXRoZS10ZXN0 >"$work/etc/credentials/$name"
done
check "it names secrets" test -s "$work/etc/credentials/assembly-api-key"
check "the first configuration is good" \
  env -u CREDENTIALS_DIRECTORY "$work/tree/usr/bin/assembly-sync" check -c "$work/etc/config.yaml"

summary

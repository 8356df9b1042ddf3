#!/usr/bin/env bash
# The units by systemd's own judgement, and against each other: units.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$(realpath "$1")
need systemd-analyze systemd

# --- what systemd finds wrong ----------------------------------------------------------------------

# Where the program is not installed, `verify` finds fault with that alone.
for unit in assembly-sync.service assembly-sync@.service; do
  sed "s|/usr/bin/assembly-sync|$program|" "$root/systemd/$unit" >"$work/$unit"
  check "systemd-analyze verify $unit" systemd-analyze verify --man=no "$work/$unit"
  systemd-analyze verify --man=no "$work/$unit" >"$work/said" 2>&1 || true
  # What concerns other units of the machine names them, not this file.
  same "systemd-analyze verify $unit has nothing to say" "" "$(grep assembly-sync "$work/said" || true)"
done
check "sysusers.d is understood" systemd-sysusers --dry-run "$root/systemd/assembly-sync.sysusers"

# --- exposure --------------------------------------------------------------------------------------

# In tenths, as --threshold wants it.
readonly most=15
for unit in assembly-sync.service assembly-sync@.service; do
  check "exposure of $unit is at most 1.5" \
    systemd-analyze security --offline=true --no-pager --threshold="$most" "$work/$unit"
  systemd-analyze security --offline=true --no-pager "$work/$unit" 2>&1 | grep 'Overall exposure' || true
done

# --- one unit, two places --------------------------------------------------------------------------

# The plain unit with the places of an instance is the template, from the first section on.
instance_of() {
  sed -e '1,/^$/d' "$1" | sed \
    -e "s|^\(Description=.*\)|\1 (%i)|" \
    -e 's|/etc/assembly-sync/|&%i/|' \
    -e 's|/var/lib/assembly-sync|&/%i|' \
    -e 's|^StateDirectory=assembly-sync$|&/%i|' \
    -e 's|restart assembly-sync\.|restart assembly-sync@ORG.|'
}
same "the template is the unit but for its places" \
  "$(instance_of "$root/systemd/assembly-sync.service")" \
  "$(sed -e '1,/^$/d' "$root/systemd/assembly-sync@.service")"

# Exit codes that systemd must not answer with another try are those of the program.
codes=$(sed -n 's/^inline constexpr int k\(Usage\|Configuration\) = \([0-9]*\);/\2/p' \
  "$root/daemon/cli/cli.hpp" | sort -rn | xargs)
same "RestartPreventExitStatus names the program's codes" \
  "$codes" "$(sed -n 's/^RestartPreventExitStatus=//p' "$root/systemd/assembly-sync.service")"

summary

# For the scripts beside this one, which source it: where things are, and how a check is told.
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/assembly-sync-package.XXXXXXXX")
trap 'rm -rf "$work"' EXIT

passed=0
failed=0

pass() {
  passed=$((passed + 1))
  printf 'ok: %s\n' "$*"
}

fail() {
  failed=$((failed + 1))
  printf 'FAILED: %s\n' "$*"
}

# check WHAT COMMAND…: the command's output is shown where it fails.
check() {
  local what=$1
  shift
  if "$@" >"$work/output" 2>&1; then pass "$what"; else
    fail "$what: $*"
    sed 's/^/    /' "$work/output"
  fi
}

# same WHAT EXPECTED FOUND
same() {
  if [[ "$2" == "$3" ]]; then pass "$1"; else
    fail "$1 (< expected, > found)"
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | sed 's/^/    /' || true
  fi
}

# need COMMAND PACKAGE: a test that can't run is skipped, not passed (77, as CTest is told).
need() {
  command -v "$1" >/dev/null && return
  echo "skipped: no $1; Debian's package $2 has it, ./dev test installs it"
  exit 77
}

summary() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

# Verbs of the program, or of one of its verbs: program_verbs PROGRAM [VERB]
program_verbs() {
  "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# Long options of the program, or of one of its verbs, but for those that each has.
program_options() {
  "$@" --help | sed -n 's/^  \(-[a-z],\)\{0,1\}--\([a-z-]*\).*/\2/p' |
    grep -vx -e help -e config -e json -e version || true
}

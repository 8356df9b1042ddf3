#!/usr/bin/env bash
# The manual page against the program: manual.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$(realpath "$1")
page=$root/packaging/assembly-sync.1
need man man-db

# The lines of the section VERBS that belong to one verb.
section() { sed -n "/^\.Sh $1\$/,/^\.Sh /p" "$page"; }
about() { section VERBS | awk -v verb="$1" '/^\.It Cm /{on = ($3 == verb)} on'; }

same "the page has the program's verbs, in their order" \
  "$(program_verbs "$program")" "$(section VERBS | sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p')"

for verb in $(program_verbs "$program"); do
  options=$(program_options "$program" "$verb")
  for below in $(program_verbs "$program" "$verb"); do
    options+=$'\n'$(program_options "$program" "$verb" "$below")
    check "$verb $below is explained" grep -q "\b$below\b" <(about "$verb")
  done
  same "the options of $verb" "$(sort -u <<<"$options" | sed '/^$/d')" \
    "$(about "$verb" | sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' | sort -u)"
done

same "the page has the program's exit codes" \
  "$(sed -n 's/^inline constexpr int k[A-Za-z]* = \([0-9]*\);/\1/p' "$root/daemon/cli/cli.hpp" | sort -n)" \
  "$(section 'EXIT STATUS' | sed -n 's/^\.It \([0-9]*\)$/\1/p' | sort -n)"

# Lines that `man` warns about come out as something else than was meant.
MANWIDTH=100 man --warnings --local-file "$page" >"$work/text" 2>"$work/warnings" || true
same "man renders it without a warning" "" "$(cat "$work/warnings")"
check "what comes out has the verbs" grep -q 'rollback' "$work/text"

summary

#!/usr/bin/env bash
# What the completions offer against what the program knows: completion.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$(realpath "$1")
need zsh zsh

mkdir "$work/bin" "$work/etc" "$work/etc/mappings"
ln -s "$program" "$work/bin/assembly-sync"
export PATH=$work/bin:$PATH
printf 'mappings:\n  - name: a\n    from: crm.companies   # remark\n' >"$work/etc/config.yaml"
printf 'mappings:\n  - from: product.logins\n    to: usage\n' >"$work/etc/mappings/more.yaml"
config=$work/etc/config.yaml

# --- bash ------------------------------------------------------------------------------------------

# bash_offers WORD…: what Tab offers for the last word.
bash_offers() {
  bash --norc -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _assembly_sync
    printf "%s\n" "${COMPREPLY[@]}"' "$root/packaging/completions/assembly-sync.bash" "$@" | sort
}

# zsh_offers WORD…: the same of zsh, with its own functions replaced by such that print.
zsh_offers() {
  zsh -f -c '
    compadd() { [[ $1 == -a ]] && print -l -- ${(P)2} || print -l -- $@ }
    _describe() { print -l -- ${${(P)2}%%:*} }
    _files() { print files }
    file=$1; shift; words=("$@"); CURRENT=$#; PREFIX=$words[-1]
    source $file' zsh "$root/packaging/completions/_assembly-sync" "$@" | sort
}

check "bash understands its file" bash -n "$root/packaging/completions/assembly-sync.bash"
check "zsh understands its file" zsh -n "$root/packaging/completions/_assembly-sync"

verbs=$(program_verbs assembly-sync | sort)
same "bash offers the program's verbs" "$verbs" "$(bash_offers assembly-sync '')"
same "zsh offers the program's verbs" "$verbs" "$(zsh_offers assembly-sync '')"
same "bash offers what begins so" $'reload\nrollback\nrun' \
  "$(bash_offers assembly-sync r | grep -v restore)"

for verb in $verbs; do
  options=$({ program_options assembly-sync "$verb" | sed 's/^/--/'
    printf '%s\n' -c -h --config --help --json; } | sort)
  same "bash offers the options of $verb" "$options" "$(bash_offers assembly-sync "$verb" -)"
  same "zsh offers the options of $verb" "$options" "$(zsh_offers assembly-sync "$verb" -)"
done

all=$'crm\ncrm.companies\nproduct\nproduct.logins'
same "bash offers sources and objects" "$all" "$(bash_offers assembly-sync backfill -c "$config" '')"
same "zsh offers sources and objects" "$all" "$(zsh_offers assembly-sync backfill -c "$config" '')"
same "bash offers objects to map" crm.companies "$(bash_offers assembly-sync map -c "$config" crm)"
same "zsh offers objects to map" $'crm.companies\nproduct.logins' \
  "$(zsh_offers assembly-sync map -c "$config" '')"
same "bash offers sources with hooks" $'crm\nproduct' "$(bash_offers assembly-sync hooks -c "$config" '')"
same "zsh offers sources with hooks" $'crm\nproduct' "$(zsh_offers assembly-sync hooks -c "$config" '')"
same "bash offers files after -c" "$config" "$(bash_offers assembly-sync run -c "$work/etc/con")"
same "zsh offers files after -c" files "$(zsh_offers assembly-sync run -c "$work/etc/con")"

# Verbs below a verb (dead list), where the program has such.
for verb in $verbs; do
  below=$(program_verbs assembly-sync "$verb" | sort)
  [[ -n "$below" ]] || continue
  same "bash offers the verbs of $verb" "$below" "$(bash_offers assembly-sync "$verb" '')"
  same "zsh offers the verbs of $verb" "$below" "$(zsh_offers assembly-sync "$verb" '')"
  for act in $below; do
    options=$({ program_options assembly-sync "$verb"
      program_options assembly-sync "$verb" "$act"; } | sed 's/^/--/'
      printf '%s\n' -c -h --config --help --json)
    options=$(sort -u <<<"$options")
    same "bash offers the options of $verb $act" "$options" "$(bash_offers assembly-sync "$verb" "$act" -)"
    same "zsh offers the options of $verb $act" "$options" "$(zsh_offers assembly-sync "$verb" "$act" -)"
  done
done

summary

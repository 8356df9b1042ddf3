# Completion of assembly-sync for bash. The program itself is asked for verbs and options, so they are
# those of the program that is installed.

_assembly_sync_verbs() {
  command "$@" --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

_assembly_sync_options() {
  command "$@" --help 2>/dev/null |
    sed -n 's/^  \(\(-[a-z],\)\{0,1\}--[a-z-]*\).*/\1/p' | tr ',' '\n'
}

# SOURCE.OBJECT, and with `sources` also SOURCE, of all that the configuration FILE maps, the files
# of its folder included.
_assembly_sync_objects() {
  local file=$1 objects
  objects=$(find "$(dirname -- "$file")" -maxdepth 3 -name '*.y*ml' -exec \
    sed -n 's/^ *-\{0,1\} *from: *\([a-z0-9_-]*\.[A-Za-z0-9_.-]*\).*/\1/p' {} + 2>/dev/null | sort -u)
  printf '%s\n' "$objects"
  [[ "${2:-}" == sources ]] && printf '%s\n' "$objects" | cut -d. -f1 | sort -u
}

_assembly_sync() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
  local verb='' below='' file=/etc/assembly-sync/config.yaml i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${COMP_WORDS[i]}" in
      -c | --config) file=${COMP_WORDS[++i]:-$file} ;;
      -*) ;;
      *)
        if [[ -z "$verb" ]]; then
          verb=${COMP_WORDS[i]}
        elif [[ -z "$below" ]]; then
          below=${COMP_WORDS[i]}
        fi
        ;;
    esac
  done
  COMPREPLY=()
  case "${COMP_WORDS[COMP_CWORD - 1]}" in
    -c | --config | --record | --store)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --limiter) mapfile -t COMPREPLY < <(compgen -W 'sliding fixed bucket' -- "$word"); return ;;
  esac
  local candidates
  if [[ "$word" == -* ]]; then
    # Of a verb below a verb (dead list), both have options.
    candidates=$(_assembly_sync_options "$program" ${verb:+"$verb"}
      [[ -z "$below" ]] || _assembly_sync_options "$program" "$verb" "$below")
  elif [[ -z "$verb" ]]; then
    candidates=$(_assembly_sync_verbs "$program")
  else
    case "$verb" in
      backfill) candidates=$(_assembly_sync_objects "$file" sources) ;;
      hooks) candidates=$(_assembly_sync_objects "$file" sources | grep -v '\.') ;;
      map | why-not) candidates=$(_assembly_sync_objects "$file") ;;
      backup | restore)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
      # Verbs with verbs of their own: dead, holds, quarantine.
      *) [[ -n "$below" ]] || candidates=$(_assembly_sync_verbs "$program" "$verb") ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "${candidates:-}" -- "$word" | sort -u)
}

complete -F _assembly_sync assembly-sync

# For installed.sh and booted.sh, which source it: a fresh Debian 12 in $tree, with the packages to
# try in its /root, and a configuration to try them with. Packages come from where this machine's do.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
new=$(realpath "$1")
old=$(realpath "$2")
need mmdebstrap mmdebstrap
need jq jq
need sqlite3 sqlite3

readonly release=bookworm
readonly rows=300
tree=$work/tree

step() { printf '\n--- %s\n' "$*"; }

# inside COMMAND…: runs it in there; who sources this may say anew how.
inside() { chroot "$tree" "$@"; }

apt() {
  inside env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes "$@" >"$work/apt" 2>&1 && return
  cat "$work/apt"
  return 1
}

# until_found SECONDS FILE PATTERN: a deadline to fail instead of hanging.
until_found() {
  local left=$(($1 * 5))
  until grep -qE "$3" "$2" 2>/dev/null; do
    ((left-- > 0)) || {
      fail "waiting for $3 in $2"
      cat "$2"
      summary
      exit 1
    }
    sleep 0.2
  done
}

# Lines of sources.list for what this machine gets of the release.
sources_of_this_machine() {
  apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$release" '$1 == "Debian" && index($2, release) == 1 && $3 == "main" {
      print "deb", $4, $2, $3
    }' | sort -u
}

fresh_system() {
  step "a fresh $release"
  sources_of_this_machine >"$work/sources.list"
  [[ -s "$work/sources.list" ]] || {
    echo "skipped: this machine has no package lists of Debian $release; apt-get update brings them"
    exit 77
  }
  mmdebstrap --quiet --variant=minbase --mode=root --dpkgopt=force-unsafe-io "$release" "$tree" "$work/sources.list"
  apt update
  cp "$new" "$tree/root/new.deb"
  cp "$old" "$tree/root/old.deb"
}

# start_sandbox: a local Assembly, at $assembly; $sandbox is its process.
sandbox=''
start_sandbox() {
  chroot "$tree" assembly-sync sandbox --port 0 --rate 500 >"$work/sandbox" 2>&1 &
  sandbox=$!
  until_found 20 "$work/sandbox" 'listening'
  assembly=$(sed -n 's/.*listening \(http[^ ]*\).*/\1/p' "$work/sandbox")
}

# write_configuration FOLDER STATE: a table of $rows rows, and what makes accounts of them.
write_configuration() {
  local folder=$tree$1 state=$2
  mkdir -p "$folder"
  cat >"$folder/config.yaml" <<CONFIG
version: 1
assembly: {base_url: "$assembly", api_key: "\${credential:assembly-api-key}", rate_per_second: 200}
store: {path: $state/assembly-sync.db}
listen: {webhooks: 127.0.0.1:0, admin: 127.0.0.1:0}
sources:
  table: {type: csv, path: customers.csv, objects: {customers: {id: id}}}
mappings:
  - name: customers
    from: table.customers
    to: company
    key: concat("table-", id)
    fields: {name: name, domain: domain}
CONFIG
  {
    echo id,name,domain
    for ((i = 1; i <= rows; ++i)); do echo "$i,Company $i,company$i.example"; done
  } >"$folder/customers.csv"
  install -d -m 700 "$folder/credentials"
  install -m 600 /dev/stdin "$folder/credentials/assembly-api-key" <<<key-of-the-test
}

# Verbs that root calls beside the service, without telling where the secrets are.
backfill() { inside assembly-sync backfill --json "$@"; }
# What must survive: how the notices ended, and what is still to send.
counts() { inside assembly-sync status --json | jq -cS '{notices, pending: .outbox.pending, dead, quarantine}'; }

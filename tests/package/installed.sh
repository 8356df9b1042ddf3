#!/usr/bin/env bash
# The package's life on a fresh Debian 12, in a folder of its own: installed, run, upgraded with a
# filled store of an older schema, removed, purged.
#   installed.sh NEW.deb OLD.deb
# As root (it makes a system to change root into). The service manager does not
# run in there, so what it would do is done by hand; booted.sh is about it.
source "$(dirname "${BASH_SOURCE[0]}")/fresh.sh"

# What the older package's store is put back to: the schema before complete passes.
readonly older_schema=5

service=''
leave() {
  [[ -z "$service" ]] || kill -KILL "$service" 2>/dev/null || true
  [[ -z "$sandbox" ]] || kill -TERM "$sandbox" 2>/dev/null || true
  wait 2>/dev/null
  rm -rf --one-file-system "$work"
}
trap leave EXIT

# --- a fresh system --------------------------------------------------------------------------------

fresh_system
install -m 755 /dev/stdin "$tree/usr/sbin/policy-rc.d" <<<$'#!/bin/sh\nexit 101'

# Names of all there is, without what others write while packages come and go.
snapshot() {
  inside find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
    -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o -path /var/lib/dpkg \
    -o -path /root \) -prune -o -print | grep -vE '^/etc/(passwd|group|shadow|gshadow)-$|^/etc/.pwd.lock$' |
    sort
}

# --- installing ------------------------------------------------------------------------------------

step "installing"
check "apt finds what it depends on" apt install --simulate /root/old.deb
apt satisfy --no-install-recommends "$(dpkg-deb --field "$old" Depends)"
snapshot >"$work/before"
apt install --no-install-recommends /root/old.deb
check "it says what to do next" grep -q 'systemctl enable --now assembly-sync' "$work/apt"
same "the user has no shell" /usr/sbin/nologin "$(inside getent passwd assembly-sync | cut -d: -f7)"
same "rights of the folders" $'700 assembly-sync /var/lib/assembly-sync
755 root /etc/assembly-sync
700 root /etc/assembly-sync/credentials' \
  "$(inside stat -c '%a %U %n' /var/lib/assembly-sync /etc/assembly-sync /etc/assembly-sync/credentials)"
same "the service is not enabled" disabled "$(inside systemctl is-enabled assembly-sync || true)"
same "without its secrets it refuses, and is not tried again" 78 \
  "$(inside assembly-sync run >"$work/refused" 2>&1; echo $?)"
check "and says where the secret is missing" grep -q 'assembly.api_key' "$work/refused"
for unit in assembly-sync.service assembly-sync@org.service; do
  same "systemd has nothing to say about $unit" "" \
    "$(inside systemd-analyze verify --man=no "$unit" 2>&1 | grep assembly-sync || true)"
done
check "the manual page is there" test -s "$tree/usr/share/man/man1/assembly-sync.1.gz" -o \
  ! -d "$tree/usr/share/man"

# --- running ---------------------------------------------------------------------------------------

step "running"
start_sandbox
write_configuration /etc/assembly-sync /var/lib/assembly-sync

# As the unit does: a user without rights, and copies of the credentials that it may read.
start_service() {
  local folder=/run/credentials/assembly-sync.service
  inside install -d -o assembly-sync -m 700 "$folder"
  inside install -o assembly-sync -m 400 /etc/assembly-sync/credentials/assembly-api-key \
    "$folder/credentials_assembly-api-key"
  # No function here: $! has to be the service itself.
  chroot "$tree" env CREDENTIALS_DIRECTORY="$folder" setpriv --reuid assembly-sync --regid assembly-sync \
    --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    assembly-sync run >"$work/service" 2>&1 &
  service=$!
  until_found 30 "$work/service" 'event=started'
}
stop_service() {
  kill -TERM "$service"
  local code=0
  wait "$service" || code=$?
  service=''
  same "the service stops by itself" 0 "$code"
}

# Before the service ever ran, as root: what it makes must be the service's.
same "root backfills without a service" 10 "$(backfill --limit 10 | jq .delivered)"
same "all of the state belongs to the service" assembly-sync \
  "$(inside find /var/lib/assembly-sync -printf '%u\n' | sort -u)"
start_service
check "root checks it beside the service" inside assembly-sync check --online
same "the rows that are new are delivered" '{"delivered":290,"unchanged":10}' \
  "$(backfill | jq -c '{delivered, unchanged}')"
filled=$(counts)
same "the store counts them" "$rows" "$(jq .notices.delivered <<<"$filled")"
stop_service
same "the state is still the service's" assembly-sync \
  "$(inside find /var/lib/assembly-sync -printf '%u\n' | sort -u)"
same "and nobody else can read it" "" "$(inside find /var/lib/assembly-sync -perm /077)"

# --- upgrading -------------------------------------------------------------------------------------

# put_back FILE SCHEMA: the same content in a store of that older schema.
put_back() {
  local file=$1 schema=$2 before=$work/older.db table columns
  rm -f "$before"
  for sql in $(find "$root/daemon/store/schema" -name '*.sql' | sort | head -n "$schema"); do
    sqlite3 -bail "$before" <"$sql"
  done
  sqlite3 "$file" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
  for table in $(sqlite3 "$before" "SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"); do
    columns=$(sqlite3 -cmd "ATTACH '$file' AS newer" "$before" "SELECT group_concat(name)
      FROM pragma_table_info('$table') WHERE name IN
        (SELECT name FROM pragma_table_info('$table', 'newer'))")
    printf 'DELETE FROM main.%s; INSERT INTO main.%s (%s) SELECT %s FROM newer.%s;\n' \
      "$table" "$table" "$columns" "$columns" "$table"
  done >"$work/copy.sql"
  # Sums that newer schemas take for the first time.
  printf "DELETE FROM main.counter WHERE name = 'notices_received' OR name GLOB '%s.*';\n" \
    rows bytes >>"$work/copy.sql"
  sqlite3 -bail -cmd "ATTACH '$file' AS newer" "$before" <"$work/copy.sql"
  sqlite3 "$before" "PRAGMA user_version = $schema; PRAGMA journal_mode = WAL" >/dev/null
  rm -f "$file-wal" "$file-shm"
  cat "$before" >"$file"  # into the same file: it keeps its owner
}

step "upgrading a store of schema $older_schema"
store=$tree/var/lib/assembly-sync/assembly-sync.db
put_back "$store" "$older_schema"
same "the store is an older one" "$older_schema" "$(sqlite3 "$store" 'PRAGMA user_version')"
printf '# edited by the admin\n' >>"$tree/etc/assembly-sync/config.yaml"
config=$(cat "$tree/etc/assembly-sync/config.yaml")
apt install --no-install-recommends /root/new.deb
same "the new version is installed" "$(dpkg-deb --field "$new" Version)" \
  "$(inside dpkg-query --show --showformat='${Version}' assembly-sync)"
same "the configuration is the admin's" "$config" "$(cat "$tree/etc/assembly-sync/config.yaml")"
start_service
same "the store has the newest schema" "$(find "$root/daemon/store/schema" -name '*.sql' | wc -l)" \
  "$(sqlite3 "$store" 'PRAGMA user_version')"
same "status counts what it counted" "$filled" "$(counts)"
same "nothing is sent a second time" '{"delivered":0,"unchanged":'"$rows"'}' \
  "$(backfill | jq -c '{delivered, unchanged}')"
stop_service

# --- removing and purging --------------------------------------------------------------------------

step "removing"
apt remove assembly-sync
check "the program is gone" test ! -e "$tree/usr/bin/assembly-sync"
check "the state is there" test -s "$store"
check "the configuration is there" test -s "$tree/etc/assembly-sync/config.yaml"
check "the secrets are there" test -s "$tree/etc/assembly-sync/credentials/assembly-api-key"

step "purging"
# As an admin who had enabled it.
inside mkdir -p /etc/systemd/system/multi-user.target.wants
inside ln -s /lib/systemd/system/assembly-sync.service /etc/systemd/system/multi-user.target.wants/
apt purge assembly-sync
check "it says what it leaves" grep -q 'Left are the user' "$work/apt"
snapshot >"$work/after"
same "nothing is left" "" "$(comm -13 "$work/before" "$work/after")"
same "nothing else went" "" "$(comm -23 "$work/before" "$work/after")"
same "the user is kept" assembly-sync "$(inside getent passwd assembly-sync | cut -d: -f1)"

# --- the web servers of the manual -------------------------------------------------------------------

# example LANGUAGE: what stands in the manual's block of that language.
example() {
  sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$root/docs/operations.md" | sed -e '/^```/d'
}

step "the web servers of the manual"
apt install --no-install-recommends nginx-light caddy
example nginx >"$tree/etc/nginx/sites-available/assembly-sync"
check "the manual has a block for nginx" test -s "$tree/etc/nginx/sites-available/assembly-sync"
rm "$tree/etc/nginx/sites-enabled/default"
ln -s ../sites-available/assembly-sync "$tree/etc/nginx/sites-enabled/"
grep -oE 'ssl_certificate(_key)? +[^;]+' "$tree/etc/nginx/sites-available/assembly-sync" |
  awk '{print $2}' | xargs -n 1 dirname | sort -u | while read -r folder; do
  inside mkdir -p "$folder"
done
inside openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sync.example.com \
  -keyout "$(awk '$1 == "ssl_certificate_key" {sub(";", "", $2); print $2; exit}' \
    "$tree/etc/nginx/sites-available/assembly-sync")" \
  -out "$(awk '$1 == "ssl_certificate" {sub(";", "", $2); print $2; exit}' \
    "$tree/etc/nginx/sites-available/assembly-sync")" 2>/dev/null
check "nginx takes it" unshare --net chroot "$tree" nginx -t
example caddy >"$tree/etc/caddy/Caddyfile"
check "the manual has a block for Caddy" test -s "$tree/etc/caddy/Caddyfile"
check "Caddy takes it" unshare --net chroot "$tree" \
  caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile

summary

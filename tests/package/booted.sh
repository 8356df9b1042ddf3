#!/usr/bin/env bash
# The package under systemd itself, booted in a fresh Debian 12 in a folder, with process ids and
# mounts of its own: started as its units say, locked in, reloaded, killed, upgraded while it runs.
#   booted.sh NEW.deb OLD.deb
# As root, on a machine whose kernel lets systemd run so (skipped else).
source "$(dirname "${BASH_SOURCE[0]}")/fresh.sh"
need unshare util-linux
need nsenter util-linux

starter=''
leave() {
  [[ -z "$sandbox" ]] || kill -TERM "$sandbox" 2>/dev/null || true
  [[ -z "$starter" ]] || kill -KILL "${init:-$starter}" 2>/dev/null || true
  wait 2>/dev/null
  rm -rf --one-file-system "$work"
}
trap leave EXIT

fresh_system
chroot "$tree" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes \
  install --no-install-recommends systemd-sysv procps >"$work/systemd" 2>&1 || { cat "$work/systemd"; exit 1; }

step "booting"
# Nothing that would touch the machine itself: kernel settings, modules, terminals. The journal is
# all that the services need.
find "$tree/lib/systemd/system/sysinit.target.wants" "$tree"/etc/systemd/system/*.wants -type l \
  ! -name 'systemd-journald*' -delete
printf '[Journal]\nReadKMsg=no\n' >"$tree/etc/systemd/journald.conf"
# A root that is a mount of its own, as the units' own views of the file system want it.
unshare --pid --fork --kill-child --mount --uts --ipc --cgroup --propagation private sh -ec '
  mount --bind "$1" "$1"
  cd "$1"
  pivot_root . mnt
  exec chroot . sh -c "mount -t proc proc /proc && umount -l /mnt && mount --make-rshared / && exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --show-status=false --unit=basic.target"' sh "$tree" \
  >"$work/boot" 2>&1 </dev/null &
starter=$!
init=''
inside() {
  nsenter --target "$init" --mount --pid --uts --ipc --cgroup --root --wd=/ \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
for ((left = 100; left > 0; --left)); do
  init=$(xargs <"/proc/$starter/task/$starter/children") 2>/dev/null || break
  state=$([[ -z "$init" ]] || inside systemctl is-system-running 2>/dev/null || true)
  [[ "$state" != running && "$state" != degraded ]] || break
  sleep 0.5
done
[[ "${state:-}" == running || "${state:-}" == degraded ]] || {
  echo "skipped: systemd does not boot in a folder on this machine (${state:-no answer})"
  cat "$work/boot"
  exit 77
}

property() { inside systemctl show --property "$2" --value "$1"; }
journal() { inside journalctl --no-pager --output cat --unit "$1"; }

step "installing"
apt install --no-install-recommends /root/old.deb
same "it is neither enabled nor started" 'disabled inactive' \
  "$(inside systemctl is-enabled assembly-sync || true) $(inside systemctl is-active assembly-sync || true)"
inside systemctl start assembly-sync 2>/dev/null && fail "an unconfigured service started"
same "it ends with 78 and is not tried again" 'failed 78 0' \
  "$(property assembly-sync ActiveState) $(property assembly-sync ExecMainStatus) $(property assembly-sync NRestarts)"
check "the journal says why" grep -q 'assembly.api_key: expected' <(journal assembly-sync)

step "running"
start_sandbox
write_configuration /etc/assembly-sync /var/lib/assembly-sync
check "it starts, and says when it is ready" inside systemctl enable --now assembly-sync
inside systemctl is-active --quiet assembly-sync || journal assembly-sync | tail -n 20
same "it runs as its user" assembly-sync "$(inside ps -o user:20= -p "$(property assembly-sync MainPID)" | xargs)"
status_of() { inside cat "/proc/$(property "$1" MainPID)/status"; }
same "without a capability, without new rights, with filtered calls" \
  $'CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2' \
  "$(status_of assembly-sync | grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):')"
inside systemd-analyze --no-pager security assembly-sync | tail -n 1
same "the rows are delivered" "$rows" "$(backfill | jq .delivered)"
filled=$(counts)

step "reloading"
version() { inside assembly-sync status --json | jq .config.version; }
before=$(version)
cp "$tree/etc/assembly-sync/config.yaml" "$work/good.yaml"
sed -i 's/name: name/name: nam | trimm/' "$tree/etc/assembly-sync/config.yaml"
inside systemctl reload assembly-sync 2>/dev/null && fail "a reload of a broken configuration succeeded"
check "the journal has the problem" grep -q 'did you mean `trim`' <(journal assembly-sync)
same "the one before goes on" "active $before" "$(inside systemctl is-active assembly-sync) $(version)"
sed 's/name: name/name: name | trim/' "$work/good.yaml" >"$tree/etc/assembly-sync/config.yaml"
check "a good one is loaded" inside systemctl reload assembly-sync
same "and is in force" "$((before + 1))" "$(version)"
printf '# edited\n' >>"$tree/etc/assembly-sync/config.yaml"
inside systemctl kill --signal HUP assembly-sync
for ((left = 50; left > 0; --left)); do
  [[ "$(version)" == "$((before + 2))" ]] && break
  sleep 0.2
done
same "a signal does the same" "$((before + 2))" "$(version)"
same "it is back from the reload" active "$(inside systemctl is-active assembly-sync)"

step "being killed"
inside systemctl kill --signal KILL assembly-sync
for ((left = 100; left > 0; --left)); do
  [[ "$(property assembly-sync NRestarts) $(property assembly-sync ActiveState)" == '1 active' ]] && break
  sleep 0.2
done
same "it is started again" '1 active' \
  "$(property assembly-sync NRestarts) $(property assembly-sync ActiveState)"

step "a second organisation"
write_configuration /etc/assembly-sync/acme /var/lib/assembly-sync/acme
check "its instance starts" inside systemctl start assembly-sync@acme
same "with a state of its own" "$rows" \
  "$(backfill -c /etc/assembly-sync/acme/config.yaml | jq '.delivered + .unchanged')"
same "which belongs to the service" '700 assembly-sync' \
  "$(inside stat -c '%a %U' /var/lib/assembly-sync/acme)"

step "upgrading while it runs"
pids=$(property assembly-sync MainPID; property assembly-sync@acme MainPID)
apt install --no-install-recommends /root/new.deb
same "both run" $'active\nactive' "$(inside systemctl is-active assembly-sync assembly-sync@acme)"
same "anew" "" "$(comm -12 <(sort <<<"$pids") \
  <({ property assembly-sync MainPID; property assembly-sync@acme MainPID; } | sort))"
# What a reload maps again ends as unchanged; what was delivered stays delivered.
same "with what they had" "$(jq .notices.delivered <<<"$filled")" "$(counts | jq .notices.delivered)"
same "nothing is sent a second time" 0 "$(backfill | jq .delivered)"

step "going"
apt purge assembly-sync
same "nothing runs" "" "$(inside ps -C assembly-sync -o pid= | grep -v "^ *$sandbox$" || true)"
check "nothing is left" sh -c '! ls -d "$1"/var/lib/assembly-sync "$1"/etc/assembly-sync \
  "$1"/etc/systemd/system/multi-user.target.wants/assembly-sync.service 2>/dev/null' sh "$tree"

summary

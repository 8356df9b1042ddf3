#!/bin/sh
# The console in a real browser: run.sh PATH-OF-assembly-sync
ASSEMBLY_SYNC=$(realpath "$1") || exit 1
cd "$(dirname "$0")" || exit 1
for package in axe-core playwright-core; do
  [ -d "node_modules/$package" ] && continue
  echo "tests/console/node_modules is missing or old: run 'npm ci' in tests/console (./dev does)" >&2
  exit 1
done
export ASSEMBLY_SYNC
exec node --test ./*.test.mjs

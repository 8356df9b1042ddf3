#!/bin/sh
# Runs the official clients against the stand-ins: run.sh PATH-OF-fake_hubspot
program=$(realpath "$1") || exit 1
cd "$(dirname "$0")" || exit 1
if [ ! -d node_modules/@hubspot/api-client ]; then
  echo "tests/witness/node_modules is missing: run 'npm ci' in tests/witness (./dev does)" >&2
  exit 1
fi
FAKE_HUBSPOT="$program" exec node --test hubspot.test.mjs

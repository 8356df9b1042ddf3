#!/bin/sh
# Runs other people's libraries against this project: run.sh PATH-OF-fake_hubspot PATH-OF-assembly-sync
FAKE_HUBSPOT=$(realpath "$1") && ASSEMBLY_SYNC=$(realpath "$2") || exit 1
cd "$(dirname "$0")" || exit 1
for package in @hubspot/api-client standardwebhooks svix ajv yaml yaml-language-server; do
  [ -d "node_modules/$package" ] && continue
  echo "tests/witness/node_modules is missing or old: run 'npm ci' in tests/witness (./dev does)" >&2
  exit 1
done
export FAKE_HUBSPOT ASSEMBLY_SYNC
exec node --test hubspot.test.mjs webhook.test.mjs schema.test.mjs

#!/bin/sh
# Runs other people's libraries against this project:
# run.sh PATH-OF-fake_hubspot PATH-OF-assembly-sync PATH-OF-read_source
FAKE_HUBSPOT=$(realpath "$1") && ASSEMBLY_SYNC=$(realpath "$2") && READ_SOURCE=$(realpath "$3") ||
  exit 1
cd "$(dirname "$0")" || exit 1
# What package.json asks for must be there: npm ci makes it so.
for package in $(node -p 'Object.keys(require("./package.json").devDependencies).join(" ")'); do
  [ -d "node_modules/$package" ] && continue
  echo "tests/witness/node_modules is missing or old: run 'npm ci' in tests/witness (./dev does)" >&2
  exit 1
done
export FAKE_HUBSPOT ASSEMBLY_SYNC READ_SOURCE
exec node --test ./*.test.mjs

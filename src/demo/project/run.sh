#!/bin/sh
# Checks converted endpoints: `sh tests/run.sh` all of them, `sh tests/run.sh NAME ...` some. Exit code 1 when one fails.
set -u
cd "$(dirname "$0")/.." || exit 2
if [ $# -eq 0 ]; then
  for file in src/api/*.ts; do
    [ -f "$file" ] && set -- "$@" "$(basename "$file" .ts)"
  done
fi
number=0 failed=0
echo "1..$#"
for name in "$@"; do
  number=$((number + 1))
  why=
  if [ ! -f "src/api/$name.ts" ]; then
    why='there is no such file'
  elif [ -f "src/api/$name.js" ]; then
    why='the JavaScript file is still there'
  else
    why=$(awk -f tests/check.awk "src/api/$name.ts") || why=${why:-'the check itself failed'}
  fi
  if [ -z "$why" ]; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name: $why"
    failed=$((failed + 1))
  fi
done
if [ "$failed" -gt 0 ]; then
  echo "# $failed of $# failed"
  exit 1
fi
echo "# all $# passed"

#!/bin/sh
# The quick way that does not work: renames endpoints to .ts without giving them types. The project's own checks refuse it.
. "$(dirname "$0")/common.sh"

echo '[Background Agent] Starting task: Quick rename to .ts'
report state working
renamed=0
for name in user-profile user-settings order-list; do
  [ -f "src/api/$name.js" ] || continue
  log "Renaming $name.js"
  git mv "src/api/$name.js" "src/api/$name.ts"
  renamed=$((renamed + 1))
  report progress "$renamed/3" --item 'Files Renamed' --current "$name.js"
  pause
done
log 'Running tests...'
if output=$(sh tests/run.sh 2>&1); then
  git add -A src
  commit "Rename $renamed endpoints"
  report state done
  exit 0
fi
printf '%s\n' "$output"
failed=$(printf '%s\n' "$output" | grep -c '^not ok') || :
first=$(printf '%s\n' "$output" | sed -n 's/^not ok [0-9]* - //p' | head -n 1)
report progress "$((renamed - failed))/$renamed" --item 'Tests Passing'
report error "$failed of $renamed renamed endpoints fail their checks" --issue "$first" --context 'tests/run.sh in the worktree' \
  --suggestion 'Convert them: types, imports and exports' --action 'Stopped; nothing was committed' --status 'Needs attention'
log 'Tests fail. Nothing was committed.'
exit 1

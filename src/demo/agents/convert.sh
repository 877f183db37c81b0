#!/bin/sh
# Converts every endpoint of src/api from JavaScript to TypeScript, checks each one, and commits in batches of ten.
. "$(dirname "$0")/common.sh"

total=0 done_files=0 passing=0 batch=0 stop=no pending='' saved_tty=''
for file in src/api/*.js src/api/*.ts; do [ -f "$file" ] && total=$((total + 1)); done
for file in src/api/*.ts; do [ -f "$file" ] && done_files=$((done_files + 1)); done
passing=$done_files

help() { echo 'I know: status, test, help, quit. Anything else goes into the log as a note.'; }
status() { echo "$done_files of $total endpoints converted, $passing checked and passing."; }
run_tests() { if sh tests/run.sh; then report progress "$passing/$passing" --item 'Tests Passing'; else echo 'Some checks fail.'; fi; }

answer() {
  case $1 in
    '') ;;
    status) status ;;
    test | tests) run_tests ;;
    help | '?') help ;;
    quit | exit | stop) stop=yes ;;
    *) log "Note taken: $1"; report note "$1" ;;
  esac
}

# Lines typed while the work goes on. A terminal is read without waiting; anything else only after the job.
if [ -t 0 ] && saved_tty=$(stty -g 2>/dev/null); then
  trap 'stty "$saved_tty" 2>/dev/null || :' EXIT
  trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
  stty -icanon min 0 time 0
fi
newline='
'
listen() {
  [ -n "$saved_tty" ] || return 0
  # The dot keeps the newline at the end.
  pending=$pending$(dd bs=1024 count=1 2>/dev/null; printf .)
  pending=${pending%.}
  while :; do
    case $pending in
      *"$newline"*) line=${pending%%"$newline"*}; pending=${pending#*"$newline"}; answer "$line" ;;
      *) break ;;
    esac
  done
}

flush_batch() {
  if [ "$batch" -gt 0 ]; then
    git add -A src
    commit "Convert $batch endpoints to TypeScript"
    log "Committed $batch converted endpoints"
    batch=0
  fi
}

echo '[Background Agent] Starting task: API TypeScript conversion'
report state working
log 'Analyzing codebase structure...'
analyzed=0
for file in src/api/*.js; do
  [ -f "$file" ] || continue
  # An endpoint is a file with exactly one exported function.
  grep -q '^module\.exports = ' "$file" || { echo "$file exports nothing" >&2; exit 1; }
  analyzed=$((analyzed + 1))
done
log "Found $analyzed API endpoint files to convert"
report progress "$analyzed/$analyzed" --item 'Files Analyzed'

report phase 1 'Interface generation'
log 'Creating TypeScript interfaces...'
mkdir -p src/types
schemas=0 created=0
for schema in schema/*.schema; do schemas=$((schemas + 1)); done
for schema in schema/*.schema; do
  name=$(basename "$schema" .schema)
  awk -f "$here/interface.awk" "$schema" > "src/types/$name.ts"
  created=$((created + 1))
  report progress "$created/$((schemas + 1))" --item 'Interfaces Created' --current "$name.ts"
  listen
  pause
done

report phase 2 'File conversion'
for file in src/api/*.js; do
  [ -f "$file" ] || continue
  listen
  [ "$stop" = no ] || break
  name=$(basename "$file" .js)
  log "Converting endpoint $((done_files + 1))/$total: $name.js"
  report progress "$done_files/$total" --item 'Files Converted' --current "$name.js"
  returns=$(sed -n 's/^ \* @returns {\([A-Z][A-Za-z]*\)}.*/\1/p' "$file" | head -n 1)
  if ! grep -qs "^export interface $returns " src/types/*.ts; then
    # No schema describes it: the interface is made from what the function returns.
    function=$(sed -n 's/^module\.exports = { \([A-Za-z]*\) };$/\1/p' "$file")
    where=$(grep -n "^function $function(" "$file")
    set -- "Conversion failed for $name.js" --issue "Missing type definition for $returns" \
      --context "Line ${where%%:*}, function $function()" --suggestion "Creating custom interface $returns"
    log "[ERROR] Conversion failed for $name.js: missing type definition for $returns (line ${where%%:*}, $function())"
    report error "$@" --action 'Continuing with generated interface' --status 'Working on it'
    awk -v type="$returns" -f "$here/infer.awk" "$file" > "src/types/$name.ts"
    grep -q "^export interface $returns " "src/types/$name.ts"
    created=$((created + 1))
    report progress "$created/$((schemas + 1))" --item 'Interfaces Created' --current "$name.ts"
    report error "$@" --action 'Continuing with generated interface' --status 'Resolved automatically ✓'
  fi
  from=$(grep -l "^export interface $returns " src/types/*.ts | head -n 1)
  awk -v types="$(basename "$from" .ts)" -f "$here/convert.awk" "$file" > "src/api/$name.ts"
  rm "$file"
  if ! sh tests/run.sh "$name" >/dev/null; then
    sh tests/run.sh "$name" || :
    report error "Check failed for $name.ts" --issue 'The converted endpoint does not pass tests/run.sh' --status 'Needs attention'
    report state failed
    exit 1
  fi
  done_files=$((done_files + 1)) passing=$((passing + 1)) batch=$((batch + 1))
  report progress "$done_files/$total" --item 'Files Converted' --current "$name.js"
  report progress "$passing/$passing" --item 'Tests Passing'
  if [ "$batch" -eq 10 ]; then
    log 'Running tests for converted files...'
    sh tests/run.sh >/dev/null
    log 'All tests passing ✓'
    flush_batch
  fi
  pause
done
flush_batch
if [ "$stop" = yes ]; then
  log "Stopped as asked: $(status)"
  exit 0
fi
log 'Running tests for converted files...'
sh tests/run.sh
log 'All tests passing ✓'
report progress "$done_files/$total" --item 'Files Converted'
report note "Converted $done_files endpoints in $(git rev-list --count main..HEAD) commits"

# A finished agent waits for what comes next, as the real ones do.
if [ -n "$saved_tty" ]; then stty "$saved_tty" 2>/dev/null || :; fi
answer "$pending"
while [ "$stop" = no ]; do
  report state idle
  printf 'Anything else? (help) '
  IFS= read -r line || { echo; break; }
  report state working
  answer "$line"
done
report state done
log 'Bye'

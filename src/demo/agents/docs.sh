#!/bin/sh
# Writes docs/api.md from the comments of the endpoints, and commits it.
. "$(dirname "$0")/common.sh"

echo '[Background Agent] Starting task: API documentation'
report state working
total=0 written=0
for file in src/api/*.js src/api/*.ts; do [ -f "$file" ] && total=$((total + 1)); done
log "Found $total endpoints to document"
report phase 1 'Reading the endpoints'
mkdir -p docs
{
  echo '# API'
  echo
  echo '| request | does | takes | gives |'
  echo '| --- | --- | --- | --- |'
} > docs/api.md
for file in src/api/*.js src/api/*.ts; do
  [ -f "$file" ] || continue
  name=$(basename "$file")
  awk '
    /^\/\/ [A-Z]+ \// { request = $2 " " $3 }
    /^\/\*\*$/ { text = ""; takes = "" }
    /^ \* [A-Z]/ && text == "" { text = substr($0, 4) }
    /^ \* @param/ { takes = takes (takes == "" ? "" : ", ") "`" $4 "`" }
    /^ \* @returns \{[A-Z]/ { gives = $3; gsub(/[{}]/, "", gives); does = text; with = takes; found = 1 }
    /^(export )?function / && found && !done { with = takes; done = 1 }
    END { if (!done) exit 1; print "| `" request "` | " does " | " with " | `" gives "` |" }
  ' "$file" >> docs/api.md || { report error "No documentation for $name" --issue 'It has no comment to read' --status 'Needs attention'; exit 1; }
  written=$((written + 1))
  if [ $((written % 13)) -eq 0 ]; then log "Documented $written/$total: $name"; fi
  report progress "$written/$total" --item 'Endpoints Documented' --current "$name"
  pause
done
# Checked before it is called done: one row for each endpoint.
rows=$(grep -c '^| `' docs/api.md)
if [ "$rows" -ne "$total" ]; then
  report error 'The documentation is incomplete' --issue "$rows rows for $total endpoints" --status 'Needs attention'
  exit 1
fi
git add docs/api.md
commit "Document $total endpoints"
log "Committed docs/api.md with $rows endpoints ✓"
report state done

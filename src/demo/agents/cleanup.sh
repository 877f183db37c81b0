#!/bin/sh
# Looks for legacy files that nothing uses, and deletes them if the person at the keyboard says so.
. "$(dirname "$0")/common.sh"

echo '[Background Agent] Starting task: Legacy cleanup'
report state working
log 'Looking for files in src/legacy that nothing uses...'
unused='' count=0 looked=0 all=0
for file in src/legacy/*.js; do [ -f "$file" ] && all=$((all + 1)); done
for file in src/legacy/*.js; do
  [ -f "$file" ] || continue
  looked=$((looked + 1))
  name=$(basename "$file" .js)
  if grep -rqs "legacy/$name'" src/api src/lib; then
    log "Kept $name.js: it is in use"
  else
    unused="$unused $file" count=$((count + 1))
  fi
  report progress "$looked/$all" --item 'Files Examined' --current "$name.js"
  pause
done
if [ "$count" -eq 0 ]; then
  log 'Nothing to clean up'
  report state done
  exit 0
fi
log "$count of $all legacy files are used by nothing:"
for file in $unused; do echo "    $file"; done
while :; do
  report state waiting "Delete $count legacy files?"
  printf 'Delete these %d legacy files? [y/n] ' "$count"
  IFS= read -r reply || { echo; log 'Nobody answered: nothing was deleted'; exit 1; }
  report state working
  case $reply in
    y | Y | yes)
      # One file a word: the names are ours and hold no spaces.
      # shellcheck disable=SC2086
      git rm -q -- $unused
      commit "Delete $count unused legacy files"
      log "Deleted $count files; \`git revert HEAD\` brings them back"
      break ;;
    n | N | no) log 'Left them where they are'; break ;;
    *) echo 'Please answer y or n.' ;;
  esac
done
report state done

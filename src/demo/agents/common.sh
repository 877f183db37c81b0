# What the demo's agents share. POSIX sh. Arguments: --tool COPILOT_TUI (who takes reports) and --pace MS (pause between files).
set -eu
tool='' pace=0
while [ $# -gt 0 ]; do
  case $1 in
    --tool) tool=$2; shift 2 ;;
    --pace) pace=$2; shift 2 ;;
    *) echo "unknown argument: $1" >&2; exit 2 ;;
  esac
done
here=$(cd "$(dirname "$0")" && pwd)
seconds=$(printf '%d.%03d' $((pace / 1000)) $((pace % 1000)))

log() { printf '[%s] %s\n' "$(date +%H:%M:%S)" "$*"; }

# Reports never stop the work: without copilot-tui around, the script just does its job.
report() { if [ -n "$tool" ]; then "$tool" report "$@" </dev/null >/dev/null 2>&1 || :; fi; }

# The work is real; this only lets a person watch it.
pause() { if [ "$pace" -gt 0 ]; then sleep "$seconds" 2>/dev/null || :; fi; }

commit() { git -c core.hooksPath=/dev/null -c commit.gpgsign=false commit -q -m "$1"; }

#!/usr/bin/env bash
# Makes the pictures of this folder anew, from the running program:
#
#   screenshots/make.sh            all of them
#   screenshots/make.sh card help  only these
#
# Builds the release, runs `copilot-tui demo` in a temporary folder with settings, state and sockets of its own (yours are
# not touched), opens the app in xterm.js at several sizes, presses keys, takes pictures. Everything in them is real: the
# demo's scripts do change, test and commit files. Needs node, npm, git, `script` (util-linux) and a Chromium (CHROMIUM
# names it); the node packages go to target/screenshots.
#
# The pictures named vscode-*.png show VS Code itself and were made by hand: the same demo, in its integrated terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
packages=(@xterm/xterm@6.1.0-beta.304 @xterm/addon-webgl@0.20.0-beta.300 @xterm/addon-unicode11@0.10.0-beta.301 jetbrains-mono@1.0.6 playwright-core@1.65.1)

cargo build --release --quiet --locked
tui=${CARGO_TARGET_DIR:-$repo/target}/release/copilot-tui
tools=$repo/target/screenshots
if [ ! -d "$tools/node_modules/playwright-core" ]; then
    mkdir -p "$tools"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$tools" --no-audit --no-fund --loglevel=error "${packages[@]}"
fi

world=$(mktemp -d /tmp/shots.XXXXXX)
export HOME=$world/home XDG_CONFIG_HOME=$world/config XDG_STATE_HOME=$world/state XDG_RUNTIME_DIR=$world/run TZ=UTC
export COPILOT_TUI_DEMO_PACE=${COPILOT_TUI_DEMO_PACE:-1800}
unset NO_COLOR RUST_LOG COPILOT_TUI_SERVER
mkdir -p "$HOME" "$XDG_CONFIG_HOME/copilot-tui" "$XDG_STATE_HOME" "$world/light/copilot-tui"
mkdir -m 700 "$XDG_RUNTIME_DIR"
printf '[ui]\ntheme = "paper"\n' >"$world/light/copilot-tui/config.toml"
printf '[user]\nname = "demo"\nemail = "demo@localhost"\n' >"$HOME/.gitconfig"
cleanup() {
    "$tui" server stop --sessions >/dev/null 2>&1 || true
    rm -rf "$world"
}
trap cleanup EXIT

failed=0
wanted=("$@")
# shot NAME COLSxROWS STEPS [light] [SESSION]: steps as in shoot.js, without the brackets. With a session the app is opened in
# a folder of its own, so that it is alone on the screen; else in the project, as it was left.
shot() {
    local name=$1 cols=${2%x*} rows=${2#*x} steps=$3 light=false config=$XDG_CONFIG_HOME cwd=$demo/shop-api session=
    if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
    if [ "${4:-}" = light ]; then light=true config=$world/light; fi
    if [ -n "${5:-}" ]; then session=", \"$5\"" cwd=$world/folders/$name; fi
    mkdir -p "$cwd"
    cat >"$world/job.json" <<JOB
{"cols": $cols, "rows": $rows, "scale": $((cols > 200 ? 10 : 15))e-1, "light": $light, "out": "$repo/screenshots/$name.png", "cwd": "$cwd",
 "command": ["$tui", "attach"$session], "env": {"XDG_CONFIG_HOME": "$config"}, "steps": [$steps]}
JOB
    node screenshots/shoot.js "$tools/node_modules" "$world/job.json" || failed=1
    printf '%-20s %s bytes\n' "$name" "$(stat -c %s "screenshots/$name.png")"
}
# The prefix and a key.
prefix() { printf '{"key": "Control+b"},{"key": "%s"},' "$1"; }

demo=$world/demo
"$tui" demo --dir "$demo" --no-attach >/dev/null
"$tui" wait quick-rename --until exited --timeout 2m >/dev/null
"$tui" wait legacy-cleanup --until waiting --timeout 2m >/dev/null

up='{"until": "Ctrl\\+B"},{"until": "#1 "},{"quiet": 150}'
# A split asks which session to show.
show() { printf '%s{"until": "Show which"},{"type": "%s"},{"key": "Enter"},{"quiet": 200},' "$(prefix "$1")" "$2"; }
arrange="$up,$(show a typescript)$(show '|' docs)$(show - cleanup)$(prefix ArrowLeft)"

"$tui" wait api-typescript --until 'text=endpoint (2[0-9]|[3-5][0-9])/52' --timeout 3m >/dev/null
shot overview 160x45 "$arrange"'{"quiet": 100}'
shot new-session 120x34 "$up,$(prefix n)"'{"type": "Fix the flaky login test"}' dark api-typescript
shot panel 106x10 "$up" dark api-typescript
shot small 80x24 "$up" dark api-typescript
shot follow-up 120x34 "$up,$(prefix f)"'{"type": "also convert the error middleware, keep the old response shape"}' dark api-typescript
shot errors 120x34 "$up,$(prefix e)"'{"quiet": 100}' dark api-typescript
shot inbox 120x34 "$up,$(prefix i)"'{"quiet": 100}' dark api-typescript
shot timeline 120x34 "$up,$(prefix t)"'{"quiet": 100}' dark api-typescript
shot card 120x34 "$up,$(prefix l)"'{"quiet": 100}' dark api-typescript
shot help 120x34 "$up,$(prefix '?')"'{"quiet": 100}' dark api-typescript
shot palette 120x34 "$up,$(prefix Space)"'{"type": "pane"}' dark api-typescript
shot tiny 40x12 "$up" dark api-typescript
shot huge 250x70 "$up"
shot light 160x45 "$up" light
exit $failed

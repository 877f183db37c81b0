#!/usr/bin/env bash
# Shows the app in real X terminals, and takes a picture of each into screenshots/terminals/:
#
#   screenshots/terminals.sh                 all that are installed
#   screenshots/terminals.sh kitty konsole   only these
#
# Each runs under an X server of its own (Xvfb) with the same sessions: a card of what terminals differ on, a shell beside it,
# the tree. Needs Xvfb, xdotool, ImageMagick, and the terminals: xterm kitty alacritty urxvt st lxterminal konsole. TUI names
# the program, else a release is built. KEEP keeps the pictures as large as they are. With ARGS=keys, KEYS="ctrl+b F5 Up" and
# OUT=FOLDER it shows what those keys arrive as in each of them. Yours is not touched: settings, state
# and sockets are in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
if [ -z "${TUI:-}" ]; then
    cargo build --release --quiet --locked
    TUI=${CARGO_TARGET_DIR:-$repo/target}/release/copilot-tui
fi
all=(xterm kitty alacritty urxvt st lxterminal konsole)
[ $# -gt 0 ] || set -- "${all[@]}"
font=${FONT:-DejaVu Sans Mono} cols=130 rows=36 out=${OUT:-$repo/screenshots/terminals}
mkdir -p "$out"

world=$(mktemp -d /tmp/terms.XXXXXX)
export HOME=$world/home XDG_CONFIG_HOME=$world/config XDG_STATE_HOME=$world/state XDG_RUNTIME_DIR=$world/run
export LANG=C.UTF-8 TZ=UTC LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 QT_QPA_PLATFORM=xcb
unset NO_COLOR RUST_LOG COPILOT_TUI_SERVER TMUX TERM_PROGRAM VTE_VERSION COLORTERM WAYLAND_DISPLAY KITTY_WINDOW_ID
mkdir -p "$HOME/shop" "$XDG_CONFIG_HOME/lxterminal" "$XDG_CONFIG_HOME/copilot-tui" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
started=()
stop_started() {
    for p in "${started[@]}"; do kill "$p" 2>/dev/null || true; done
    for p in "${started[@]}"; do wait "$p" 2>/dev/null || true; done
    started=()
}
cleanup() {
    stop_started
    "$TUI" server stop --sessions >/dev/null 2>&1 || true
    rm -rf "$world"
}
trap cleanup EXIT

# The sessions. Their terminals are sized by whoever looks.
(
    cd "$HOME/shop"
    "$TUI" new --name shell -- sh -c 'PS1="$ "; export PS1; exec sh -i' >/dev/null
    "$TUI" new --name card -- sh "$repo/screenshots/card.sh" >/dev/null
)
cat >"$world/run.sh" <<EOF
#!/bin/sh
cd "$HOME/shop"
exec "$TUI" ${ARGS:-attach shell}
EOF
chmod +x "$world/run.sh"
printf '[general]\nfontname=%s 11\nhidemenubar=true\nhidescrollbar=true\nbgcolor=rgb(13,17,23)\nfgcolor=rgb(230,237,243)\n' "$font" >"$XDG_CONFIG_HOME/lxterminal/lxterminal.conf"
printf 'window: {dimensions: {columns: %s, lines: %s}, position: {x: 0, y: 0}}\nfont: {normal: {family: "%s"}, size: 9}\n' "$cols" "$rows" "$font" >"$world/alacritty.yml"

open_terminal() {
    local run=$world/run.sh
    case $1 in
        xterm) xterm -u8 -fa "$font" -fs 9 -geometry "${cols}x$rows+0+0" -bg '#0d1117' -fg '#e6edf3' -e "$run" ;;
        urxvt) urxvt -fn "xft:$font:size=9" -geometry "${cols}x$rows+0+0" -bg '#0d1117' -fg '#e6edf3' +sb -e "$run" ;;
        st) st -f "$font:size=9" -g "${cols}x$rows+0+0" -e "$run" ;;
        kitty) kitty --config NONE -o "font_family=$font" -o font_size=9 -o "initial_window_width=${cols}c" -o "initial_window_height=${rows}c" \
            -o remember_window_size=no -o update_check_interval=0 -o confirm_os_window_close=0 -o linux_display_server=x11 "$run" ;;
        alacritty) alacritty --config-file "$world/alacritty.yml" -e "$run" ;;
        lxterminal) dbus-run-session lxterminal --no-remote --geometry="${cols}x$rows" -e "$run" ;;
        konsole) dbus-run-session konsole --hide-menubar --hide-tabbar -p "Font=$font,9" -p "TerminalColumns=$cols" -p "TerminalRows=$rows" -e "$run" ;;
        *) echo "unknown terminal $1" >&2; return 2 ;;
    esac
}

first=1
for name; do
    command -v "$name" >/dev/null || { echo "$name is not installed"; continue; }
    # The X server picks a free number and tells it.
    exec 7>"$world/display"
    Xvfb -displayfd 7 -screen 0 1100x740x24 -nolisten tcp +extension GLX +render -noreset >/dev/null 2>&1 &
    started+=($!)
    for _ in $(seq 100); do [ -s "$world/display" ] && break; sleep 0.05; done
    exec 7>&-
    DISPLAY=:$(tr -d '\n' <"$world/display")
    export DISPLAY
    open_terminal "$name" >"$world/$name.log" 2>&1 &
    started+=($!)
    window=
    for _ in $(seq 100); do
        window=$(xdotool search --onlyvisible --class . 2>/dev/null | tail -1) && [ -n "$window" ] && break
        sleep 0.1
    done
    if [ -z "$window" ]; then
        echo "$name: no window" >&2
        sed 's/^/    /' "$world/$name.log" >&2
        stop_started
        continue
    fi
    xdotool windowmove "$window" 0 0 windowfocus "$window" 2>/dev/null || true
    sleep "${WAIT:-2}"
    if [ -n "$first" ] && [ -z "${ARGS:-}" ]; then
        # The view is kept for the folder: the others find it as it is.
        first=
        xdotool key ctrl+b; sleep 0.1; xdotool key percent; sleep 0.7
        xdotool type --delay 20 'seq -f "line %g of what a shell says" 30'; xdotool key Return; sleep 0.3
        xdotool key ctrl+b; sleep 0.1; xdotool key s; sleep 0.5; xdotool key Escape; sleep 0.3
    fi
    for k in ${KEYS:-}; do xdotool key "$k"; sleep 0.3; done
    sleep 0.7
    import -silent -window root "$world/$name.png"
    if [ -n "${KEEP:-}" ]; then
        cp "$world/$name.png" "$out/$name.png"
    else
        convert "$world/$name.png" -trim +repage -colors 96 -strip PNG8:"$out/$name.png"
    fi
    xdotool key ctrl+b; sleep 0.1; xdotool key d; sleep 0.3
    stop_started
    echo "$out/$name.png"
done

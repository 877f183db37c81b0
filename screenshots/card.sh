#!/bin/sh
# A card of what terminals differ on: colours, attributes, kinds of underlines, widths, links. Bars at the end of lines must
# stand in one column.
e=$(printf '\033')
row() { printf '%s%s[40G|\n' "$1" "$e"; }
printf '%s[H%s[2J' "$e" "$e"
for base in 40 100; do
    i=0
    while [ $i -lt 8 ]; do printf '%s[%dm    ' "$e" $((base + i)); i=$((i + 1)); done
    printf '%s[m\n' "$e"
done
i=0
while [ $i -lt 32 ]; do printf '%s[48;2;%d;%d;%dm ' "$e" $((i * 8)) $((255 - i * 8)) 128; i=$((i + 1)); done
printf '%s[m\n' "$e"
i=0
while [ $i -lt 32 ]; do printf '%s[48;5;%dm ' "$e" $((i + 16)); i=$((i + 1)); done
printf '%s[m\n' "$e"
printf '%s[1mbold%s[m %s[2mdim%s[m %s[3mitalic%s[m %s[7mreverse%s[m %s[9mstrike%s[m %s[53mover%s[m\n' "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e"
printf '%s[4mplain%s[m %s[4:2mdouble%s[m %s[4:3;58:2::255:80:80mcurly%s[m %s[4:4mdots%s[m %s[4:5;58:5:45mdashes%s[m\n' "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e" "$e"
printf '%s]8;;https://example.com/%s\\a link of a pane%s]8;;%s\\\n' "$e" "$e" "$e" "$e"
row 'narrow  abc  ● ○ ✓ → ▶ ⠋ █'
row 'wide    中文字 한국 ⏳ ⚡ 😀'
row 'VS16    ❤️ ⚠️ 1️⃣'
row 'joined  👩‍👩‍👧 👨‍💻'
row 'tones   👍🏽 👋🏿'
row 'flags   🇩🇪 🇯🇵'
row 'newer   🫠 🥲 🪿'
row 'marks   é ñ n̈ ก็'
printf 'boxes   ┌──┬──┐ ╭──╮ ▁▂▃▄▅▆▇█\n'
[ $# -gt 0 ] || exec sleep 100000

//! The real program with hostile panes: everything it writes to the outer terminal passes the strict list, whatever the pane's
//! program writes, and the app goes on.

#[path = "support/outer.rs"]
mod outer;
#[path = "support/screen.rs"]
mod screen;
mod support;

use outer::allowed;
use screen::Terminal;
use support::World;

/// What terminals were broken or fooled with.
fn corpus() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        // Reports that echo, answerback, requests with data in them.
        "\x1b]2;evil\x07\x1b[21t\x1b[20t\x05\x1bP$qq\x1b\\\x1bP+q544e\x1b\\\x1b[>q\x1b[c\x1b[5n\x1b[6n\x1b[?1;2;3u",
        // The clipboard, written and read.
        "\x1b]52;c;aGFja2Vk\x07\x1b]52;c;?\x07\x1b]52;p;cm0gLXJm\x1b\\",
        // Links of every kind.
        "\x1b]8;;javascript:alert(1)\x07js\x1b]8;;\x07\x1b]8;;https://a.example/\u{202e}fdp.exe\x1b\\rtl\x1b]8;;\x1b\\\x1b]8;;file:///etc/passwd\x1b\\f\x1b]8;;\x1b\\\x1b]8;;https://good.example/%1b%5d52\x1b\\ok\x1b]8;;\x1b\\\x1b]8;id=x;https://bank.example@evil.example/\x1b\\u\x1b]8;;\x1b\\",
        // Graphics by file, passthrough, device strings.
        "\x1b_Gt=f,f=100,a=T;L2V0Yy9wYXNzd2Q=\x1b\\\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\\x1bPq#0;2;0;0;0~\x1b\\\x1b]1337;File=inline=1:AAAA\x07\x1bP1000p\x1b\\",
        // Notices and progress.
        "\x1b]9;run me\x07\x1b]9;4;1;50\x07\x1b]777;notify;a;b\x07\x1b]99;i=1:a=focus;x\x1b\\\x1b]7;file://h/\x1b\\\x1b]633;E;x\x07\x1b]133;A\x07",
        // Modes of the outer terminal.
        "\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?2004h\x1b[>31u\x1b[?25l\x1b[?5h\x1b[?3h\x1b[8;1;1t\x1b[3;0;0t\x1b[2t\x1b[4i\x1b[5i\x1b#8\x1b[?2026h\x1b[!p",
        // Characters that deceive; C1 in both forms.
        "\u{202e}txt\u{2066}x\u{200b}\u{feff}\u{e0041}\u{2028}\u{61c}\u{9b}31m\u{9d}52;c;eA==\u{9c}\u{90}x\u{9c}\u{85}",
        // Widths.
        "\x1b[24;80H⚠\u{fe0f}\x1b[23;80Hx👩\u{200d}👩\u{200d}👧👍\u{1f3fd}🫠🇩🇪e\u{301}\u{301}\u{301}中\u{200d}\u{200d}",
        // Looks.
        "\x1b[4:3;58:2::1:2:3;53;5;8;9;3;2mstyled\x1b[0m\x1b[38;2;999;-1;3mx\x1b[48:5:300my\x1b[m\x1b[4:9mz\x1b[m",
        "\x1b[1;1r\x1b[65535S\x1b[65535;65535H\x1b[65535@\x1b[65535L",
    ]
    .iter()
    .map(|s| s.as_bytes().to_vec())
    .collect();
    all.push(b"\x9b31m\x9d52;c;eA==\x9c\xff\xfe\xc0\x80\xed\xa0\x80\xf8\x88".to_vec());
    all.push(format!("x{}", "\u{301}".repeat(20_000)).into_bytes());
    for (start, end) in
        [("\x1b]52;c;", "\x07"), ("\x1b]8;;https://e.example/", "\x1b\\"), ("\x1bP", "\x1b\\"), ("\x1b_", "\x1b\\"), ("\x1b]0;", "\x07")]
    {
        all.push(format!("{start}{}{end}", "A".repeat(70_000)).into_bytes());
        all.push(format!("{start}{}", "A".repeat(5_000)).into_bytes()); // never ended
    }
    // Sequences put together at random, always the same ones, others by `FUZZ_SEED`.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64 ^ std::env::var("FUZZ_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let parts: [&[u8]; 16] = [
        b"\x1b",
        b"[",
        b"]",
        b"P",
        b";",
        b"?",
        b"8",
        b"52",
        b"1049h",
        b"m",
        b"\x07",
        b"\x1b\\",
        b"\x9b",
        "中".as_bytes(),
        b"H",
        b"https://x.example/",
    ];
    let mut random = Vec::new();
    for _ in 0..20_000 {
        let n = next();
        match n % 4 {
            0 => random.push((n >> 8) as u8),
            _ => random.extend(parts[(n >> 8) as usize % parts.len()]),
        }
    }
    all.push(random);
    all
}

#[test]
fn what_a_pane_writes_never_reaches_the_outer_terminal_unchecked() {
    let w = World::new();
    for (i, bytes) in corpus().into_iter().enumerate() {
        std::fs::write(w.path("work").join(format!("{i:03}.bin")), bytes).unwrap();
    }
    // Each is ended, then the pane begins anew; what stood there was drawn.
    let script = "read go; for f in *.bin; do cat $f; sleep 0.05; printf '\\030\\033\\\\\\033c'; done; echo all were shown; read end";
    w.start("hostile", script);
    w.start("other", "echo a good pane; read x");
    let mut t = Terminal::start(&w.command(&["attach", "hostile"]), 100, 30);
    // A terminal that can do everything, so that everything is tried.
    t.keys(b"\x1bP>|kitty(0.40.0)\x1b\\\x1b[?2026;2$y\x1b[?0u\x1b[?62c");
    t.shows("hostile");
    t.prefix("%"); // another pane beside it
    t.shows("a good pane");
    t.prefix("o");
    t.prefix("o");
    t.keys(b"go\r");
    t.shows("all were shown");
    t.shows("a good pane");
    t.keys(b"\r");
    t.prefix("d");
    assert!(t.ends().success());
    t.wrote_after("\x1b[?1049h", "\x1b[23;0t");
    let raw = t.raw();
    allowed(&raw).unwrap();
    assert!(raw.contains("\x1b]8;id=") && raw.contains("4:3"), "links and looks that are allowed do pass");
    for hidden in ["javascript:", "etc/passwd", "bank.example", "\x1b]52;"] {
        assert!(!raw.contains(hidden), "{hidden:?}");
    }
    assert!(t.is_as_before());
}

#[test]
fn the_list_is_strict() {
    for good in ["abc 中 \x1b[0;1;4:3;38;2;1;2;3m\x1b[3;4H\x1b]8;id=1f;https://a.example/\x1b\\", "\x1b[5;20r\x1b[3S\x1b[r", "\x1b]2;title\x1b\\\x07"]
    {
        assert_eq!(allowed(good), Ok(()));
    }
    for bad in [
        "\x1b[21t",
        "\x1b[?3h",
        "\x1b[4:9m",
        "\x1b[38;2;1;2m",
        "\x1b[300;1;1H",
        "\x1b]8;;file:///x\x1b\\",
        "\x1b]8;id=1;javascript:x\x1b\\",
        "\x1b]52;c;?\x1b\\",
        "\x1b]0;x\x07",
        "\x1bc",
        "\x1b[2",
        "\u{9b}m",
        "\x1b_x\x1b\\",
        "\x1bPq\x1b\\",
        "\u{202e}",
        "\t",
    ] {
        assert!(allowed(bad).is_err(), "{bad:?}");
    }
}

//! Hostile output: each stream is read in bounded time and memory, answers only from the table, and leaves a pane that works.

use copilot_tui::base::{Now, Size};
use copilot_tui::term::{Engine, EngineKind, Event, new_engine, restore};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// For 4 KiB, of the processor's time; a debug build gets more.
const LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 4000 } else { 100 });
const BLOCK: usize = 4096;

/// Named streams, each at least a few blocks long.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let fill = |unit: &[u8]| unit.repeat((4 * BLOCK).div_ceil(unit.len()));
    for unit in [
        "\x1b[65535@",
        "\x1b[65535P",
        "\x1b[65535L",
        "\x1b[65535M",
        "\x1b[65535S",
        "\x1b[65535T",
        "\x1b[65535X",
        "x\x1b[65535b",
        "中\x1b[65535b",
        "\x1b[65535I",
        "\x1b[65535Z",
        "\x1b[65535C",
        "\x1b[65535D",
        "\x1b[65535E",
        "\x1b[65535F",
        "\x1b[99999999999999999999A",
        "\x1b[65535'}",
        "\x1b[65535'~",
        "\x1b[65535 @",
        "\x1b[65535 A",
        "\x1b[S",
        "\x1b[T",
        "\x1b[65;1;1;65535;65535$x",
        "\x1b[1;1;65535;65535$z",
        "\x1b[1;1;65535;65535;1;2;2;1$v",
        "\x1b[1;1;65535;65535;1;4;7$r",
        "\x1b[$r",
        "\x1b[$t",
        "\x1b[1;1;1;1;65535;65535*y",
        "\x1b#8",
        "\x1b[2J",
        "\x1b[44m\x1b[2J",
        "\x1b[3J\r\n",
        "\x1bc",
        "\x1b[?1049h\x1b[?1049l",
        "\x1b[?47h\x1b[?47l",
        "\x1b[?1049h",
        "\x1b[?3h\x1b[?40h\x1b[?3l",
        "\x1b[?5h\x1b[?5l",
        "\x1b[?2026h",
        "\x1b[?69h\x1b[2;3s\x1b[65535S",
        "\x1b[?69h\x1b[5;5s中",
        "\x1b[?69h\x1b[2;99s\n\n\n\n",
        "\x1b[2$w\x1bP2$t1/2/3/65535\x1b\\",
        "\x1bP1$t65535;65535;1;~;~;~;9;9;~;%%%%\x1b\\",
        "\x1b]21;foreground=?;background=?;cursor=?;1=?;2=?;3=?;4=?;5=?;6=?\x1b\\",
        "\x1b]22;?a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\x1b\\",
        "\x1b]66;s=7:w=7;中\x1b\\",
        "\x1b]99;i=4294967296:p=?;\x1b\\",
        "\x1b]17;?;?;?\x07\x1b]5;0;?\x07",
        "\x1b[#{\x1b[1m\x1b[#}",
        "\x1b[61\"p\x1b[65\"p",
        "\x1bV中\x1bW\x1b[2J",
        "\x1b[?45h\x08\x08\x08",
        "\x1b[?45h\x1b[65535D",
        "\x1b[1;65535r\x1b[65535;65535H\n",
        "\x1b[2;1r\x1b[0;0r",
        "\x1b[?6h\x1b[65535;65535H",
        "\x1b7\x1b[?6h\x1b8",
        "\x1b[>31u",
        "\x1b[<65535u",
        "\x1b[22;0t",
        "\x1b[23;0t",
        "\x1b[21t",
        "\x1b[8;65535;65535t",
        "\x1b[18t",
        "\x1b[6n",
        "\x1b[c",
        "\x1b[>q",
        "\x1bP$qm\x1b\\",
        "\x1bP+q544e;544e;544e\x1b\\",
        "\x1b]4;0;?;1;?;2;?\x07",
        "\x1b]52;c;?\x07",
        "\x1b]7501;?\x07",
        "\x1b]8;;http://x/\x07a",
        "\x1b]8;;\x07",
        "\x1b]0;t\x07",
        "\x07",
        "\x1b]9;spam\x07",
        "\x1b]133;A\x07\r\n",
        "\x1b]1337;File=inline=1:AAAA\x07",
        "\x1bPtmux;\x1b\x1b]0;x\x07\x1b\\",
        "\x1b_Gf=24,t=f,a=T;L2V0Yy9wYXNzd2Q=\x1b\\",
        "\x1bP0;1q#0~~@@\x1b\\",
        "\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34;35m",
        "\x1b[38;2;1m",
        "\x1b[38:2:1m",
        "\x1b[4:65535m",
        "\x1b[58;2;1;2;3m\x1b[4mx",
        "\x1b[:::::m",
        "\x1b[;;;;;H",
        "\x1b[??1h",
        "\x1b[!!!!p",
        "\x1b[\x1b[\x1b[",
        "\x1b\x1b\x1b",
        "\x1b[3\x18",
        "\x1b]x\x1a",
        "\u{202e}x\u{2066}",
        "\u{e0041}\u{e007f}",
        "\u{200b}\u{200c}\u{200d}",
        "\u{9b}31m",
        "\u{85}\u{84}",
        "e\u{301}\u{302}\u{303}",
        "👩\u{200d}",
        "🇩",
        "\u{fe0f}",
        "\u{1f3fd}",
        "क\u{94d}",
        "ﷺ",
        "\u{feff}",
        "\u{fffe}",
        "\u{10ffff}",
        "\t",
        "\x08",
        "\x0e\x0f",
        "\x00",
        "\x7f",
        "\x1bN",
        "\x1bn~",
        "\x1b(0\x1b)0\x0eq",
        "\x1bH\x1b[C",
        "\x1b[3g",
        "\x1b[?5W",
        "\x1bV x\x1bW",
        "\x1b[1\"qx\x1b[?2J",
    ] {
        all.push((format!("{unit:?}"), fill(unit.as_bytes())));
        // The same with everything else odd: clusters, insert mode, margins, origin, backgrounds.
        let mut odd = "\x1b[?2027h\x1b[4h\x1b[?69h\x1b[3;9s\x1b[2;5r\x1b[?6h\x1b[45m".as_bytes().to_vec();
        odd.extend(fill(unit.as_bytes()));
        all.push((format!("odd {unit:?}"), odd));
    }
    for start in [
        "\x1b]0;",
        "\x1b]8;;",
        "\x1b]52;c;",
        "\x1b]7501;",
        "\x1bP",
        "\x1bP$q",
        "\x1b_G",
        "\x1b^",
        "\x1bX",
        "\x1b[",
        "\x1b[?",
        "\x1b[1;",
        "\x1b(",
        "\x1b",
    ] {
        for len in [1 << 10, 1 << 20] {
            for byte in [b'A', b'1', b';', 0x80, 0] {
                let mut bytes = start.as_bytes().to_vec();
                bytes.resize(len, byte);
                all.push((format!("{start:?} and {len} x {byte}"), bytes));
            }
        }
    }
    for byte in [0x80u8, 0x84, 0x8D, 0x90, 0x9B, 0x9D, 0xC0, 0xE2, 0xF0, 0xF5, 0xFF] {
        all.push((format!("raw {byte:x}"), fill(&[byte, b'1', b'm'])));
    }
    all.push(("marks".into(), "\u{301}".repeat(100_000).into_bytes()));
    all.push(("marks on one base".into(), format!("a{}", "\u{301}\u{20dd}".repeat(100_000)).into_bytes()));
    all.push(("links".into(), (0..20_000).flat_map(|i| format!("\x1b]8;;http://h/{i}\x07x").into_bytes()).collect()));
    all.push(("underline colours".into(), (0..20_000u32).flat_map(|i| format!("\x1b[4;58;2;{};{};7mx", i % 256, i / 256).into_bytes()).collect()));
    all.push((
        "clusters".into(),
        (0..40_000u32).filter_map(|i| char::from_u32(0x4E00 + i % 20_000)).flat_map(|c| format!("{c}\u{301}\u{302}").into_bytes()).collect(),
    ));
    all
}

fn processor_time() -> Duration {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec.try_into().unwrap_or(0), t.tv_nsec.try_into().unwrap_or(0))
}

fn working(e: &mut dyn Engine) -> bool {
    e.feed(b"\x1b\\\x18\x1bc\x1b[2J\x1b[Hworks", Now::default());
    e.row(e.screen_top()).is_some_and(|l| l.text() == "works")
}

#[test]
fn hostile_streams_are_bounded() {
    let corpus = corpus();
    assert!(corpus.len() >= 300, "{} streams", corpus.len());
    for (name, bytes) in corpus {
        let mut e = new_engine(EngineKind::Native, Size::new(100, 30), 500);
        for block in bytes.chunks(BLOCK) {
            let start = processor_time();
            e.feed(block, Now::default());
            let took = processor_time() - start;
            assert!(took < LIMIT, "{name}: {took:?} for one block");
        }
        let mut replies = Vec::new();
        e.take_replies(&mut replies);
        assert!(replies.len() <= 200 * 96, "{name}: {} bytes of answers", replies.len());
        assert!(!replies.iter().any(|b| matches!(b, b'\r' | b'\n' | 0x80..)), "{name}");
        let events = e.take_events();
        assert!(!events.contains(&Event::Rebuilt), "{name}: the engine panicked");
        assert!(events.len() <= 1025, "{name}");
        assert!(e.history_bytes() < 4 << 20, "{name}: {} bytes of history", e.history_bytes());
        assert!(e.title().chars().count() <= 256);
        let snapshot = e.snapshot(500);
        assert!(snapshot.len() < 8 << 20, "{name}: a snapshot of {} bytes", snapshot.len());
        let mut back = restore(&snapshot, 500).unwrap_or_else(|| panic!("{name}: our own snapshot"));
        assert!(working(&mut *back), "{name}: after a restore");
        assert!(working(&mut *e), "{name}");
    }
}

#[test]
fn sizes_are_clamped_and_a_thousand_changes_survive() {
    let mut e = new_engine(EngineKind::Native, Size::new(0, 0), 200);
    assert_eq!(e.size(), Size::new(2, 1));
    let mut seed = 7u64;
    let mut roll = |n: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n) as u16
    };
    for i in 0..1000u32 {
        let size = match i % 20 {
            0 => Size::new(0, 0),
            1 => Size::new(1, 1),
            2 if i < 100 => Size::new(65535, 65535),
            _ => Size::new(roll(120), roll(50)),
        };
        e.resize(size);
        e.feed(format!("line {i} with some 中文 text\r\n\x1b[{}A", i % 3).as_bytes(), Now::default());
        let cursor = e.cursor();
        assert!(cursor.row < e.size().rows && cursor.col < e.size().cols);
    }
    assert!(!e.take_events().contains(&Event::Rebuilt));
    assert!(working(&mut *e) || e.size().cols < 5);
}

#[test]
fn a_bomb_in_the_simple_engine_is_survived() {
    for (_, bytes) in corpus().into_iter().filter(|(name, _)| name.contains("65535") || name.contains("fe0f") || name.contains("]0;")).step_by(7) {
        let mut e = new_engine(EngineKind::Vt100, Size::new(100, 30), 100);
        e.feed(&bytes[..bytes.len().min(2 * BLOCK)], Now::default());
        e.feed(b"\x1b\\\x18\x1bc\x1b[2J\x1b[Hworks", Now::default());
        assert!(e.row(e.screen_top()).is_some_and(|l| l.text() == "works"));
    }
}

//! Random streams: no panic, nothing out of bounds, chunks and snapshots make no difference, and where both engines claim to
//! know a sequence they agree.

use copilot_tui::base::{Line, Now, Size};
use copilot_tui::term::{Engine, EngineKind, Event, native::Native, new_engine, restore};
use proptest::prelude::*;

/// So many cases, or as many as `PROPTEST_CASES` asks for (the soak); failures are told, not kept in files.
fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(usual), failure_persistence: None, ..ProptestConfig::default() }
}

/// Everything a reader can see.
fn seen(e: &dyn Engine) -> (Vec<Option<Line>>, String) {
    let end = e.screen_top() + u64::from(e.size().rows);
    let rows = (e.history_start()..end).map(|abs| e.row(abs)).collect();
    (rows, format!("{:?} {:?} {} {:?} {} {}", e.cursor(), e.modes(), e.title(), e.palette(), e.history_start(), e.screen_top()))
}

fn bounded(e: &dyn Engine) -> Result<(), TestCaseError> {
    let (size, cursor) = (e.size(), e.cursor());
    prop_assert!(cursor.row < size.rows && cursor.col < size.cols, "{cursor:?} in {size:?}");
    prop_assert!(e.history_start() <= e.screen_top());
    for abs in e.history_start()..e.screen_top() + u64::from(size.rows) {
        let line = e.row(abs).ok_or_else(|| TestCaseError::fail(format!("line {abs} is missing")))?;
        prop_assert!(line.cols() <= usize::from(size.cols), "line {abs} is {} wide in {size:?}", line.cols());
        prop_assert!(e.row_generation(abs) <= e.generation());
        prop_assert!(line.spans.iter().all(|s| !s.text.is_empty() && !s.text.contains(|c: char| c.is_control())));
    }
    prop_assert!(e.row(e.screen_top() + u64::from(size.rows)).is_none());
    Ok(())
}

/// A piece of terminal output, more or less sensible.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![4 => 0u16..12, 1 => Just(65535u16), 1 => 0u16..300];
    let numbers = prop::collection::vec(number, 0..6);
    prop_oneof![
        3 => "[ -~]{1,20}".prop_map(String::into_bytes),
        2 => prop::sample::select(vec!["中", "é", "e\u{301}", "👩\u{200d}💻", "⚠\u{fe0f}", "🇩🇪", "─", "\u{202e}", "🚀🚀", "\u{fffd}"]).prop_map(|s| s.as_bytes().to_vec()),
        2 => prop::sample::select(vec!["\r\n", "\n", "\r", "\t", "\x08", "\x0e", "\x0f", "\x07", "\r\n\r\n\r\n"]).prop_map(|s| s.as_bytes().to_vec()),
        6 => (prop::sample::select(vec!["", "?", ">", "=", "<"]), numbers.clone(), prop::sample::select(vec!["", "", "", " ", "!", "\"", "$", "'", "*"]), prop::sample::select(b"@ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstuvxyz{}~".to_vec()))
            .prop_map(|(p, n, i, f)| format!("\x1b[{p}{}{i}{}", n.iter().map(u16::to_string).collect::<Vec<_>>().join(";"), f as char).into_bytes()),
        2 => (prop::sample::select(vec![3u16, 5, 6, 7, 25, 40, 45, 47, 69, 1047, 1048, 1049, 2004, 2026, 2027]), prop::bool::ANY)
            .prop_map(|(m, on)| format!("\x1b[?{m}{}", if on { 'h' } else { 'l' }).into_bytes()),
        2 => prop::sample::select(vec!["38;2;1;2;3", "48;5;7", "4:3", "58:2::1:2:3", "0", "1;7", "38:5:9", "44"]).prop_map(|s| format!("\x1b[{s}m").into_bytes()),
        2 => prop::sample::select(vec!["\x1b7", "\x1b8", "\x1bD", "\x1bE", "\x1bM", "\x1bH", "\x1bc", "\x1b(0", "\x1b(B", "\x1b#8", "\x1bN", "\x1bn", "\x1b6", "\x1b9"]).prop_map(|s| s.as_bytes().to_vec()),
        2 => prop::sample::select(vec!["\x1b]8;;http://a.b\x07", "\x1b]8;;\x07", "\x1b]0;t\x07", "\x1b]11;#123456\x1b\\", "\x1bP$qm\x1b\\", "\x1b_G\x1b\\", "\x1b]133;A\x07", "\x1b]52;c;aGk=\x07"]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..12),
        1 => Just(b"\x1b[".to_vec()),
        1 => Just(b"\x1b".to_vec()),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 0..60).prop_map(|p| p.concat())
}

fn size() -> impl Strategy<Value = Size> {
    (0u16..30, 0u16..12).prop_map(|(c, r)| Size::new(c, r))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn anything_may_come(parts in prop::collection::vec((stream(), size()), 1..4)) {
        // Without the guard: a panic in here is a failure of the test.
        let mut e = Native::new(Size::new(20, 6), 50);
        for (bytes, size) in parts {
            e.feed(&bytes, Now::default());
            bounded(&e)?;
            e.resize(size);
            bounded(&e)?;
        }
        e.take_events();
    }

    #[test]
    fn raw_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..600), cuts in prop::collection::vec(0usize..600, 0..5)) {
        let mut whole = Native::new(Size::new(20, 6), 50);
        whole.feed(&bytes, Now::default());
        bounded(&whole)?;
        let mut cuts = cuts;
        cuts.extend([0, bytes.len()]);
        cuts.iter_mut().for_each(|c| *c = (*c).min(bytes.len()));
        cuts.sort_unstable();
        let mut parts = Native::new(Size::new(20, 6), 50);
        cuts.windows(2).for_each(|w| parts.feed(&bytes[w[0]..w[1]], Now::default()));
        prop_assert_eq!(seen(&whole), seen(&parts));
    }

    #[test]
    fn chunks_make_no_difference(bytes in stream()) {
        let mut whole = Native::new(Size::new(20, 6), 50);
        whole.feed(&bytes, Now::default());
        let mut single = Native::new(Size::new(20, 6), 50);
        bytes.iter().for_each(|b| single.feed(&[*b], Now::default()));
        prop_assert_eq!(seen(&whole), seen(&single));
        let (mut a, mut b) = (Vec::new(), Vec::new());
        whole.take_replies(&mut a);
        single.take_replies(&mut b);
        prop_assert_eq!(String::from_utf8_lossy(&a), String::from_utf8_lossy(&b));
        prop_assert_eq!(whole.take_events(), single.take_events());
    }

    #[test]
    fn a_snapshot_at_any_byte_changes_nothing(bytes in stream(), cut in 0usize..400, size in size(), later in size()) {
        let cut = cut.min(bytes.len());
        let mut e = new_engine(EngineKind::Native, size, 50);
        e.feed(&bytes[..cut], Now::default());
        let mut back = restore(&e.snapshot(50), 50).expect("our own snapshot");
        prop_assert_eq!(seen(&*e), seen(&*back));
        prop_assert_eq!(e.generation(), back.generation());
        for e in [&mut e, &mut back] {
            e.feed(&bytes[cut..], Now::default());
        }
        prop_assert_eq!(seen(&*e), seen(&*back));
        for e in [&mut e, &mut back] {
            e.resize(later);
        }
        prop_assert_eq!(seen(&*e), seen(&*back));
    }

    #[test]
    fn resizing_loses_no_text(lines in prop::collection::vec("[a-z]{0,40}", 1..30), sizes in prop::collection::vec((2u16..60, 1u16..20), 1..12)) {
        let mut e = new_engine(EngineKind::Native, Size::new(20, 6), 10_000);
        let text = |e: &dyn Engine| {
            let mut out = String::new();
            for abs in e.history_start()..e.screen_top() + u64::from(e.size().rows) {
                let line = e.row(abs).unwrap_or_default();
                out += &line.text();
                out += if line.wrapped { "" } else { "\n" };
            }
            out.trim_end_matches('\n').to_owned()
        };
        e.feed(lines.join("\r\n").as_bytes(), Now::default());
        let before = text(&*e);
        for (cols, rows) in sizes {
            e.resize(Size::new(cols, rows));
            prop_assert_eq!(text(&*e), before.clone());
            bounded(&*e)?;
        }
        prop_assert!(!e.take_events().contains(&Event::Rebuilt));
    }

    #[test]
    fn readers_that_follow_generations_see_everything(parts in prop::collection::vec(stream(), 1..6)) {
        let mut e = new_engine(EngineKind::Native, Size::new(20, 6), 50);
        let mut mirror = std::collections::BTreeMap::new();
        let mut shown = 0;
        for bytes in parts {
            e.feed(&bytes, Now::default());
            let (top, end) = (e.screen_top(), e.screen_top() + 6);
            for abs in top..end {
                if e.row_generation(abs) > shown {
                    mirror.insert(abs, e.row(abs));
                }
            }
            shown = e.generation();
            for abs in top..end {
                prop_assert_eq!(mirror.get(&abs), Some(&e.row(abs)), "line {}", abs);
            }
        }
    }
}

/// Output both engines claim to know: text, simple motion, erasing without colours, scrolling, regions.
fn common() -> impl Strategy<Value = String> {
    let n = 1u16..12;
    prop::collection::vec(
        prop_oneof![
            4 => "[ -~]{1,12}",
            1 => prop::sample::select(vec!["\r\n", "\x1b[7G\n", "\r", "\x1b[5G\x08\x08", "\x1b[7G\x1bM", "\x1b7", "\x1b8"]).prop_map(str::to_owned),
            2 => (n.clone(), n.clone()).prop_map(|(r, c)| format!("\x1b[{r};{c}H")),
            // From a definite column: what a full last column means to an edit or a move, the two tell apart (xterm is with us).
            2 => (n.clone(), n.clone(), prop::sample::select(b"ABCDGdXP@".to_vec())).prop_map(|(c, n, f)| format!("\x1b[{c}G\x1b[{n}{}", f as char)),
            1 => (n.clone(), 0u16..3, prop::sample::select(b"JK".to_vec())).prop_map(|(c, n, f)| format!("\x1b[{c}G\x1b[{n}{}", f as char)),
            1 => prop::sample::select(vec!["1", "31", "48;5;9", "7", "0", "3", "38;2;9;8;7", "22", "27", "39"]).prop_map(|s| format!("\x1b[{s}m")),
            1 => prop::sample::select(vec!["\x1b[?25l", "\x1b[?25h", "\x1b[?1h", "\x1b[?2004h", "\x1b[?1006h", "\x1b[?1002h"]).prop_map(str::to_owned),
        ],
        0..50,
    )
    .prop_map(|p| p.concat())
}

/// Cells without what vt100 does not do (backgrounds of erased cells are compared as text only).
fn plain(e: &dyn Engine) -> Vec<String> {
    (0..u64::from(e.size().rows)).map(|r| e.row(e.screen_top() + r).unwrap_or_default().text().trim_end().to_owned()).collect()
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn both_engines_agree_on_what_both_know(text in common()) {
        let mut native = new_engine(EngineKind::Native, Size::new(20, 6), 100);
        let mut simple = new_engine(EngineKind::Vt100, Size::new(20, 6), 100);
        for e in [&mut native, &mut simple] {
            e.feed(text.as_bytes(), Now::default());
        }
        prop_assume!(!simple.take_events().contains(&Event::Rebuilt));
        prop_assert_eq!(plain(&*native), plain(&*simple));
        let (a, b) = (native.cursor(), simple.cursor());
        prop_assert_eq!((a.row, a.col, a.visible), (b.row, b.col, b.visible));
        let (a, b) = (native.modes(), simple.modes());
        prop_assert_eq!((a.app_cursor, a.bracketed_paste, a.mouse, a.mouse_encoding), (b.app_cursor, b.bracketed_paste, b.mouse, b.mouse_encoding));
    }
}

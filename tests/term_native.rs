//! What the native engine makes of byte strings, one feature at a time.

use copilot_tui::base::{Attrs, CellKind, Color, Line, Now, Size, Underline};
use copilot_tui::term::{Engine, EngineKind, Event, MarkKind, MouseEncoding, MouseProtocol, NoticeSource, OuterColors, new_engine, restore};

fn engine(cols: u16, rows: u16) -> Box<dyn Engine> {
    new_engine(EngineKind::Native, Size::new(cols, rows), 1000)
}

fn fed(cols: u16, rows: u16, text: &str) -> Box<dyn Engine> {
    let mut e = engine(cols, rows);
    e.feed(text.as_bytes(), Now::default());
    e
}

fn line(e: &dyn Engine, row: u16) -> Line {
    e.row(e.screen_top() + u64::from(row)).expect("a row of the screen")
}

fn rows(e: &dyn Engine) -> Vec<String> {
    (0..e.size().rows).map(|r| line(e, r).text()).collect()
}

/// Screen rows, trailing blanks and empty rows cut.
fn screen(e: &dyn Engine) -> String {
    let rows: Vec<String> = rows(e).iter().map(|r| r.trim_end().to_owned()).collect();
    rows.join("\n").trim_end_matches('\n').to_owned()
}

fn history(e: &dyn Engine) -> Vec<String> {
    (e.history_start()..e.screen_top()).filter_map(|abs| e.row(abs)).map(|l| l.text()).collect()
}

fn at(e: &dyn Engine) -> (u16, u16) {
    (e.cursor().row, e.cursor().col)
}

fn replies(e: &mut dyn Engine, text: &str) -> String {
    e.feed(text.as_bytes(), Now::default());
    let mut out = Vec::new();
    e.take_replies(&mut out);
    String::from_utf8(out).expect("answers are ASCII").replace('\x1b', "^")
}

#[test]
fn text_wraps_and_scrolls_into_history() {
    let e = fed(5, 2, "abcdefg\r\nh\r\ni");
    assert_eq!(screen(&*e), "h\ni");
    assert_eq!(history(&*e), ["abcde", "fg"]);
    assert!(e.row(e.history_start()).is_some_and(|l| l.wrapped));
    assert_eq!(e.screen_top(), 2);
}

#[test]
fn cursor_moves_stay_inside() {
    for (text, want) in [
        ("\x1b[99;99H", (3, 9)),
        ("\x1b[99B\x1b[99C", (3, 9)),
        ("\x1b[2;3H\x1b[A\x1b[D", (0, 1)),
        ("\x1b[2;3H\x1b[E", (2, 0)),
        ("\x1b[3;3H\x1b[2F", (0, 0)),
        ("\x1b[5G\x1b[2a\x1b[2e", (2, 6)),
        ("\x1b[3d\x1b[4`", (2, 3)),
        ("abc\x08\x08", (0, 1)),
        ("\t\t\t", (0, 9)),
        ("a\tb\x1b[Z", (0, 8)),
        ("\x1b[3g\t", (0, 9)),
        ("\x1b[3G\x1bH\r\t", (0, 2)),
        ("\x1b[2;2H\x1b7\x1b[H\x1b8", (1, 1)),
        ("\x1b[2;2H\x1b[s\x1b[H\x1b[u", (1, 1)),
        ("\x1bE", (1, 0)),
        ("abc\x1bD", (1, 3)),
        ("\x1b[65535;65535H\x1b[65535A", (0, 9)),
    ] {
        assert_eq!(at(&*fed(10, 4, text)), want, "{text:?}");
    }
}

#[test]
fn erasing_and_editing() {
    for (text, want) in [
        ("abcdef\x1b[3G\x1b[K", "ab"),
        ("abcdef\x1b[3G\x1b[1K", "   def"),
        ("abcdef\x1b[2K", ""),
        ("abcdef\x1b[3G\x1b[2X", "ab  ef"),
        ("abcdef\x1b[3G\x1b[2P", "abef"),
        ("abcdef\x1b[3G\x1b[2@", "ab  cdef"),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[J", "a"),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[1J", "\n\nc"),
        ("a\r\nb\r\nc\x1b[2J", ""),
        ("a\r\nb\r\nc\x1b[1;1H\x1b[L", "\na\nb\nc"),
        ("a\r\nb\r\nc\x1b[1;1H\x1b[M", "b\nc"),
        ("a\r\nb\r\nc\x1b[S", "b\nc"),
        ("a\r\nb\r\nc\x1b[T", "\na\nb\nc"),
        ("ab\x1b[4hX\x1b[1GY", "YabX"),
        ("a\x1b[3b", "aaaa"),
        ("\x1b[?7labcdefghijklm", "abcdefghim"),
        ("\x1b#8\x1b[2J", ""),
        ("\x1b(0lqk\x1b(B", "┌─┐"),
        ("\x1b)0a\x0eq\x0fb", "a─b"),
        ("\x1bNq", "q"),
        ("ab\x1b[2J\x1b[H中", "中"),
        ("中文\x1b[2Gx", " x文"),
        ("中\x1b[1Gx", "x"),
        ("a\x1b[1\"qb\x1b[0\"qc\x1b[?2K", " b"),
        ("abcde\x1b[65;1;2;1;4$x", "aAAAe"),
        ("abcde\x1b[1;2;1;3$z", "a  de"),
        ("abcde\x1b[1;1;1;2;1;2;1;1$v", "abcde\nab"),
        ("abcd\x1b[2G\x1b[1'}", "a bcd"),
        ("abcd\x1b[2G\x1b[1'~", "acd"),
    ] {
        assert_eq!(screen(&*fed(10, 4, text)), want, "{text:?}");
    }
    assert_eq!(screen(&*fed(3, 2, "\x1b#8")), "EEE\nEEE");
}

#[test]
fn regions_margins_and_origin() {
    assert_eq!(screen(&*fed(5, 4, "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\nX")), "a\nc\nX\nd");
    assert_eq!(screen(&*fed(5, 4, "a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[2;1H\x1bMX")), "a\nX\nb\nd");
    assert_eq!(at(&*fed(5, 4, "\x1b[2;3r\x1b[?6h\x1b[9;1H")), (2, 0));
    // A region at the top feeds history; the line below keeps its place.
    let e = fed(5, 3, "a\r\nb\r\nfoot\x1b[1;2r\x1b[2;1H\r\nc\r\nd");
    assert_eq!((screen(&*e), history(&*e)), ("c\nd\nfoot".into(), vec!["a".to_owned(), "b".into()]));
    // Left and right margins.
    let e = fed(6, 3, "abcdef\r\nghijkl\r\nmnopqr\x1b[?69h\x1b[2;4s\x1b[1;2H\x1b[M");
    assert_eq!(screen(&*e), "ahijef\ngnopkl\nm   qr");
    assert!(history(&*e).is_empty());
    let e = fed(6, 2, "\x1b[?69h\x1b[2;4s\x1b[1;2Hxyzw");
    assert_eq!(screen(&*e), " xyz\n w");
}

#[test]
fn styles_of_every_kind() {
    let style = |sgr: &str| {
        let e = fed(10, 1, &format!("\x1b[{sgr}mx"));
        line(&*e, 0).spans[0].style
    };
    for (sgr, fg) in [
        ("31", Color::Indexed(1)),
        ("97", Color::Indexed(15)),
        ("38;5;200", Color::Indexed(200)),
        ("38:5:200", Color::Indexed(200)),
        ("38;2;1;2;3", Color::Rgb(1, 2, 3)),
        ("38:2:1:2:3", Color::Rgb(1, 2, 3)),
        ("38:2::1:2:3", Color::Rgb(1, 2, 3)),
        ("38;2;300;2;3", Color::Default),
        ("31;39", Color::Default),
        ("31;", Color::Default),
    ] {
        assert_eq!(style(sgr).fg, fg, "{sgr}");
    }
    for (sgr, attrs) in [
        ("1;2;3", Attrs::BOLD | Attrs::DIM | Attrs::ITALIC),
        ("5;7;8;9;53", Attrs::BLINK | Attrs::REVERSE | Attrs::HIDDEN | Attrs::STRIKE | Attrs::OVERLINE),
        ("1;2;22", Attrs::empty()),
        ("58;2;1;2;3", Attrs::empty()),
        ("38;5", Attrs::empty()),
        ("48:2::1:2:3;1", Attrs::BOLD),
    ] {
        assert_eq!(style(sgr).attrs, attrs, "{sgr}");
    }
    for (sgr, underline) in [
        ("4", Underline::Single),
        ("4:3", Underline::Curly),
        ("21", Underline::Double),
        ("4:5", Underline::Dashed),
        ("4:0", Underline::None),
        ("4;24", Underline::None),
    ] {
        assert_eq!(style(sgr).underline, underline, "{sgr}");
    }
    assert_eq!(style("4;58:2::9:8:7").underline_color, Color::Rgb(9, 8, 7));
    assert_eq!(style("4;58;5;3").underline_color, Color::Indexed(3));
    assert_eq!(style("4;58;5;3;59").underline_color, Color::Default);
}

#[test]
fn erased_cells_take_the_background() {
    let e = fed(4, 2, "\x1b[44m\x1b[K\x1b[2;1H\n");
    assert_eq!(line(&*e, 1).spans[0].style.bg, Color::Indexed(4));
    assert_eq!(line(&*e, 1).cols(), 4);
    let e = fed(4, 1, "ab\x1b[1G\x1b[41m\x1b[@");
    let spans = line(&*e, 0).spans;
    assert_eq!((spans[0].style.bg, spans[0].text.as_str()), (Color::Indexed(1), " "));
}

#[test]
fn links_are_kept_in_cells_and_end() {
    let e = fed(20, 1, "\x1b]8;;https://a.b/c\x1b\\link\x1b]8;;\x1b\\ rest");
    let spans = line(&*e, 0).spans;
    assert_eq!(spans[0].link.as_deref(), Some("https://a.b/c"));
    assert_eq!((spans[0].text.as_str(), spans[1].link.as_deref()), ("link", None));
    // A reset of the style does not end a link.
    let e = fed(20, 1, "\x1b]8;;https://a.b/c\x1b\\a\x1b[0mb");
    assert_eq!(line(&*e, 0).spans.len(), 1);
    // Links survive on the way into history.
    let e = fed(20, 1, "\x1b]8;;https://a.b/c\x1b\\a\r\n\r\n");
    assert_eq!(e.row(0).and_then(|l| l.spans[0].link.clone()).as_deref(), Some("https://a.b/c"));
}

#[test]
fn wide_characters_and_clusters() {
    let e = fed(5, 2, "abcd中");
    assert_eq!(screen(&*e), "abcd\n中");
    assert!(line(&*e, 0).wrapped);
    // By code point: the joiner joins what stands before, the next emoji is a cell of its own.
    let e = fed(10, 1, "👩\u{200d}💻e\u{301}");
    assert_eq!(at(&*e), (0, 5));
    let kinds: Vec<CellKind> = line(&*e, 0).spans.iter().map(|s| s.cells).collect();
    assert_eq!(kinds, [CellKind::Cluster(2), CellKind::Wide, CellKind::Cluster(1)]);
    // As one cluster with mode 2027, and widened by a presentation selector when there is room.
    let e = fed(10, 1, "\x1b[?2027h👩\u{200d}💻⚠\u{fe0f}🇩🇪x");
    assert_eq!(at(&*e), (0, 7));
    let e = fed(10, 1, "⚠\u{fe0f}x");
    assert_eq!(at(&*e), (0, 2));
    // The corner that ends other engines.
    let e = fed(80, 24, "\x1b[?2027h\x1b[24;80H⚠\u{fe0f}\x1b[23;80Hx");
    assert_eq!(at(&*e), (22, 79));
    // Nothing that deceives is kept.
    assert_eq!(screen(&*fed(10, 1, "a\u{202e}b\u{e0041}\u{200b}c\u{2066}")), "abc");
    assert_eq!(screen(&*fed(10, 1, "\u{301}\u{200d}\u{fe0f}a")), "a");
}

#[test]
fn bad_utf8_is_shown_and_chunks_do_not_matter() {
    let bytes = b"a\xffb\xe4\xb8c\xf0\x9f\x9a\x80\xc3";
    let mut whole = engine(20, 1);
    whole.feed(bytes, Now::default());
    whole.feed(b"z", Now::default());
    assert_eq!(screen(&*whole), "a\u{fffd}b\u{fffd}c🚀\u{fffd}z");
    let mut split = engine(20, 1);
    for b in bytes {
        split.feed(&[*b], Now::default());
    }
    split.feed(b"z", Now::default());
    assert_eq!(screen(&*split), screen(&*whole));
}

#[test]
fn alternate_screens() {
    let mut e = fed(10, 3, "main\x1b[?1049h");
    assert_eq!((screen(&*e), e.modes().alt_screen), (String::new(), true));
    e.feed(b"\x1b[Halt\r\n\n\n\n\n", Now::default());
    assert!(history(&*e).is_empty());
    e.feed(b"\x1b[?1049lX", Now::default());
    assert_eq!(screen(&*e), "mainX");
    assert_eq!(e.take_events(), [Event::AltScreen(true), Event::AltScreen(false)]);
    let e = fed(10, 3, "main\x1b[?47h\x1b[Halt\x1b[?47l\x1b[?47h");
    assert_eq!(screen(&*e), "alt");
    let e = fed(10, 3, "main\x1b[?1047h\x1b[Halt\x1b[?1047l\x1b[?47h");
    assert_eq!(screen(&*e), "");
}

#[test]
fn queries_are_answered_in_order_from_a_table() {
    let mut e = engine(80, 24);
    e.set_outer(OuterColors { fg: (1, 2, 3), bg: (250, 250, 250), dark: false, ..OuterColors::default() });
    for (query, want) in [
        ("\x1b]7501;?\x1b\\\x1b[c", "^]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth^\\^[?64;6;9;15;21;22;28;52c"),
        ("\x1b[>c", "^[>41;400;0c"),
        ("\x1b[=c", "^P!|00000000^\\"),
        ("\x1b[5n\x1b[3;4H\x1b[6n", "^[0n^[3;4R"),
        ("\x1b[?6n", "^[?3;4;1R"),
        ("\x1b[?996n", "^[?997;2n"),
        ("\x1b[14t\x1b[16t\x1b[18t", "^[4;384;640t^[6;16;8t^[8;24;80t"),
        ("\x1b]2;evil\x07\x1b[21t\x1b[20t", ""),
        ("\x1b[?2026$p\x1b[?2026h\x1b[?2026$p\x1b[?2026l", "^[?2026;2$y^[?2026;1$y"),
        ("\x1b[?9999$p\x1b[4$p", "^[?9999;0$y^[4;2$y"),
        ("\x1b]10;?\x07\x1b]11;?\x1b\\", "^]10;rgb:0101/0202/0303\x07^]11;rgb:fafa/fafa/fafa^\\"),
        ("\x1b]4;1;?\x1b\\", "^]4;1;rgb:cdcd/0000/0000^\\"),
        ("\x1b]11;#000000\x1b\\\x1b]11;?\x1b\\\x1b]111\x1b\\", "^]11;rgb:0000/0000/0000^\\"),
        ("\x1b[?u\x1b[>5u\x1b[?u\x1b[=2;2u\x1b[?u\x1b[<u\x1b[?u", "^[?0u^[?5u^[?7u^[?0u"),
        ("\x1b[>4;2m\x1b[?4m\x1b[>4m\x1b[?4m", "^[>4;2m^[>4;0m"),
        ("\x1bP$qm\x1b\\", "^P1$r0m^\\"),
        ("\x1b[1;4:3;31;48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m", "^P1$r0;1;4:3;31;48:2::1:2:3m^\\"),
        ("\x1b[2;5r\x1bP$qr\x1b\\\x1b[r", "^P1$r2;5r^\\"),
        ("\x1bP$qzz\x1b\\", "^P0$r^\\"),
        ("\x1bP+q544e;786d\x1b\\", "^P1+r544E=787465726D2D323536636F6C6F72^\\^P0+r^\\"),
        ("\x1bP+q4d73\x1b\\", "^P1+r4D73=1B5D35323B25703125733B257032257307^\\"),
        ("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1b]52;c;?\x07", ""),
        ("\x1b[65;1;1;1;1;1$x\x1b[H\x1b[2JA\x1b[7;1;1;1;1;1*y", "^P7!~FFBF^\\"),
        ("\x1b[?1004;1006;1003h\x1b[?1003$p\x1b[?1000$p", "^[?1003;1$y^[?1000;2$y"),
    ] {
        assert_eq!(replies(&mut *e, query), want, "{query:?}");
    }
    assert!(replies(&mut *e, "\x1b[>q").starts_with("^P>|copilot-tui("));
}

#[test]
fn a_flood_of_queries_is_capped() {
    let mut e = engine(80, 24);
    for _ in 0..100 {
        e.feed(&b"\x1b[6n".repeat(1000), Now::default());
    }
    let mut out = Vec::new();
    e.take_replies(&mut out);
    assert_eq!(out.len(), 200 * "\x1b[1;1R".len());
}

#[test]
fn events_reach_the_reader() {
    let mut e = fed(
        80,
        24,
        "\x1b]0;a;b\x07\x07\x1b]7;file:///tmp\x07\x1b]9;4;1;40\x1b\\\x1b]9;hi\x07\x1b]777;notify;t;b\x07\x1b]52;c;aGk=\x07\x1b]133;A\x07\x1b]7501;state=working\x07\x1bc",
    );
    let events = e.take_events();
    let kinds: Vec<String> = events.iter().map(|e| format!("{e:?}").chars().take_while(|c| c.is_alphanumeric()).collect()).collect();
    assert_eq!(kinds, ["Title", "Bell", "Cwd", "Progress", "Notify", "Notify", "Clipboard", "Prompt", "Status", "Reset"]);
    assert!(matches!(&events[4], Event::Notify(n) if n.source == NoticeSource::Osc9 && n.body == "hi"));
    assert!(matches!(&events[7], Event::Prompt(m) if m.kind == MarkKind::PromptStart && m.line == 0));
    assert_eq!(e.title(), "a;b");
}

#[test]
fn modes_are_told() {
    let e = fed(80, 24, "\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h\x1b[?1007l\x1b[>7u\x1b[>4;1m\x1b[?2031h\x1b[20h\x1b[5 q\x1b[?25l");
    let m = e.modes();
    assert!(m.app_cursor && m.app_keypad && m.bracketed_paste && m.focus && !m.alternate_scroll && m.color_scheme_updates && m.newline);
    assert_eq!((m.mouse, m.mouse_encoding, m.kitty_flags, m.modify_other_keys), (MouseProtocol::ButtonMotion, MouseEncoding::Sgr, 7, 1));
    assert!(!e.cursor().visible && e.cursor().blink);
    let mut e = e;
    e.feed(b"\x1b[!p", Now::default());
    assert!(!e.modes().app_cursor && e.cursor().visible);
    // Kitty flags belong to a screen.
    e.feed(b"\x1b[?1049h", Now::default());
    assert_eq!(e.modes().kitty_flags, 0);
    e.feed(b"\x1b[?1049l", Now::default());
    assert_eq!(e.modes().kitty_flags, 7);
    e.feed(b"\x1b[?2026h", Now { mono_ms: 77, wall_ms: 0 });
    assert_eq!(e.modes().sync.map(|s| s.since_ms), Some(77));
}

#[test]
fn generations_mark_exactly_what_changed() {
    let mut e = fed(10, 4, "a\r\nb\r\nc");
    let seen = e.generation();
    e.feed(b"\x1b[2;1HX", Now::default());
    let newer: Vec<u64> = (0..4).filter(|r| e.row_generation(e.screen_top() + r) > seen).collect();
    assert_eq!(newer, [1]);
    let seen = e.generation();
    e.feed(b"\x1b]9;4;1;3\x07", Now::default());
    assert_eq!(e.generation(), seen, "nothing visible changed");
    e.feed(b"\x1b[4;1H\n", Now::default());
    let newer: Vec<u64> = (e.history_start()..e.screen_top() + 4).filter(|abs| e.row_generation(*abs) > seen).collect();
    assert_eq!(newer, [4], "a scroll makes one new line; the others keep their ids");
}

#[test]
fn strings_without_end_are_bounded() {
    for start in ["\x1b]0;", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1b]52;c;"] {
        let mut e = engine(80, 24);
        e.feed(start.as_bytes(), Now::default());
        for _ in 0..64 {
            e.feed(&[b'A'; 256 * 1024], Now::default());
        }
        e.feed(b"\x07\x1b\\\r\nafter", Now::default());
        assert!(screen(&*e).ends_with("after"), "{start:?}");
        assert!(e.title().is_empty());
        assert!(e.take_events().iter().all(|e| !matches!(e, Event::Clipboard(_))));
    }
    // A short one that is cut off by a new sequence is obeyed like any other.
    assert_eq!(fed(80, 1, "\x1b]2;t\x1b[31m").title(), "t");
    assert_eq!(fed(80, 1, "\x1b]2;t\x18").title(), "");
}

#[test]
fn reflow_keeps_lines_and_cursor() {
    let mut e = fed(10, 4, "0123456789abcdefghij\r\nshort\r\n$ ");
    e.resize(Size::new(5, 4));
    assert_eq!(
        [history(&*e), rows(&*e)].concat().iter().map(|s| s.trim_end()).collect::<Vec<_>>(),
        ["01234", "56789", "abcde", "fghij", "short", "$"]
    );
    assert_eq!(at(&*e), (3, 2));
    e.resize(Size::new(20, 4));
    assert_eq!(screen(&*e), "0123456789abcdefghij\nshort\n$");
    assert_eq!(at(&*e), (2, 2));
    assert!(e.take_events().contains(&Event::Reflow));
}

#[test]
fn height_pulls_from_and_pushes_to_history() {
    let mut e = fed(10, 4, "1\r\n2\r\n3\r\n4\r\n5\r\n6");
    e.resize(Size::new(10, 2));
    assert_eq!((history(&*e).len(), screen(&*e)), (4, "5\n6".into()));
    e.resize(Size::new(10, 6));
    assert_eq!((history(&*e).len(), screen(&*e)), (0, "1\n2\n3\n4\n5\n6".into()));
    // A screen that was cleared stays clear.
    let mut e = fed(10, 3, "1\r\n2\r\n3\r\n4\x1b[2J\x1b[H$");
    e.resize(Size::new(10, 5));
    assert_eq!(screen(&*e), "$");
}

#[test]
fn prompts_stay_with_their_lines() {
    let mut e = fed(10, 3, "\x1b]133;A\x07$ a\r\n0123456789ab\r\n\x1b]133;A\x07$ b\r\nx\r\n\x1b]133;A\x07$ c");
    assert_eq!(e.prompts(), [0, 3, 5]);
    e.resize(Size::new(40, 3));
    let texts: Vec<String> = e.prompts().into_iter().filter_map(|abs| e.row(abs)).map(|l| l.text()).collect();
    assert_eq!(texts, ["$ a", "$ b", "$ c"]);
    let back = restore(&e.snapshot(100), 100).expect("our own snapshot");
    assert_eq!(back.prompts(), e.prompts());
}

#[test]
fn the_cursor_of_the_main_screen_survives_what_happens_on_the_other() {
    let e = fed(10, 3, "ab\x1b[?1049h\x1b[3;5H\x1b7\x1b[?1049h\x1b[2;2Hx\x1b[?1049l\x1b[?1049l");
    assert_eq!(at(&*e), (0, 2));
}

#[test]
fn the_simple_engine_answers_and_tells_too() {
    let mut e = new_engine(EngineKind::Vt100, Size::new(80, 24), 100);
    for (query, want) in [
        ("\x1b]7501;?\x1b\\\x1b[c", "^]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth^\\^[?62;22c"),
        ("\x1b[3;4H\x1b[6n", "^[3;4R"),
        ("\x1b[>5u\x1b[?u\x1b[<u\x1b[?u", "^[?5u^[?0u"),
        ("\x1b[?2026$p\x1b[?1004h\x1b[?1004$p", "^[?2026;2$y^[?1004;1$y"),
        ("\x1b]11;?\x07", "^]11;rgb:0000/0000/0000^\\"),
        ("\x1b]2;t\x07\x1b[21t\x1b]52;c;?\x07", ""),
    ] {
        assert_eq!(replies(&mut *e, query), want, "{query:?}");
    }
    assert_eq!(e.title(), "t");
    e.feed("1\r\n".repeat(40).as_bytes(), Now::default());
    assert_eq!((e.history_start(), e.screen_top()), (0, 19));
    assert_eq!(e.row(3).map(|l| l.text()), Some("1".into()));
    let back = restore(&e.snapshot(100), 100).expect("our own snapshot");
    assert_eq!((back.kind(), back.title(), rows(&*back)), (EngineKind::Vt100, "t", rows(&*e)));
    assert_eq!((back.screen_top(), back.generation() >= e.generation()), (19, true));
}

#[test]
fn snapshots_bring_everything_back() {
    let mut e = fed(
        20,
        4,
        "\x1b]2;title\x07one\r\ntwo\r\n\x1b[1;4:3;58;2;1;2;3mthree\x1b]8;;http://x.y\x07 link\r\nfour 中\r\nfive e\u{301}\x1b[?2004h\x1b[>5u\x1b[2;3r\x1b7\x1b[31",
    );
    let mut back = restore(&e.snapshot(100), 1000).expect("a good snapshot");
    assert_eq!(back.title(), "title");
    for e in [&mut e, &mut back] {
        e.feed(b"mred\x1b8X", Now::default());
    }
    assert_eq!(rows(&*back), rows(&*e));
    for abs in e.history_start()..e.screen_top() + 4 {
        assert_eq!(back.row(abs), e.row(abs));
        assert_eq!(back.row_generation(abs), e.row_generation(abs));
    }
    assert_eq!((back.cursor(), back.modes(), back.generation()), (e.cursor(), e.modes(), e.generation()));
}

#[test]
fn the_filler_before_a_wide_character_is_text_once_it_was_moved_from_the_edge() {
    // DECFI in the last column moves all to the left.
    let e = fed(4, 3, "Wab글m\x1b9");
    let before = e.row(e.screen_top()).unwrap();
    assert_eq!((before.text().as_str(), before.wrapped), ("ab  ", true));
    let back = restore(&e.snapshot(100), 100).expect("our own snapshot");
    assert_eq!(back.row(back.screen_top()), Some(before));
}

#[test]
fn a_half_written_or_dropped_character_leaves_the_wide_one_under_the_cursor_whole() {
    // The cursor stands on the right half of the second one.
    let shown = "👩\u{200d}💻\x08";
    for bytes in ["\u{202e}".as_bytes(), b"\xe2", b"\xe2\x80", "\u{200b}\u{2028}".as_bytes()] {
        let mut e = fed(20, 6, shown);
        let (before, generation) = (line(&*e, 0), e.row_generation(e.screen_top()));
        e.feed(bytes, Now::default());
        assert_eq!((line(&*e, 0), e.row_generation(e.screen_top())), (before, generation), "{bytes:?}");
    }
    // What is drawn there does cut it, and says so.
    let mut e = fed(20, 6, shown);
    let generation = e.generation();
    e.feed("é".as_bytes(), Now::default());
    assert_eq!(line(&*e, 0).text(), "👩\u{200d} é");
    assert!(e.row_generation(e.screen_top()) > generation);
}

#[test]
fn both_halves_of_a_wide_character_look_alike_whichever_was_restyled() {
    // A rectangle of columns 2 and 3: the right half of the first one, the left half of the second; then both lose a half.
    for cut in ["\x1b[1;1Hx\x1b[1;3Hx", "\x1b[1;2Hx\x1b[1;4Hx"] {
        let mut e = fed(20, 6, "中文\x1b[2*x\x1b[1;2;1;3;7$r");
        let mut back = restore(&e.snapshot(10), 10).expect("its own snapshot");
        for e in [&mut e, &mut back] {
            e.feed(cut.as_bytes(), Now::default());
        }
        assert_eq!(line(&*e, 0), line(&*back, 0), "{cut:?}");
        let mut cells = Vec::new();
        line(&*e, 0).for_each_cell(|_, _, text, span| cells.push((text.to_owned(), span.style.attrs)));
        let blanks: Vec<Attrs> = cells.iter().filter(|c| c.0 == " ").map(|c| c.1).collect();
        // It is the left half that counts: that of the first one was outside.
        assert_eq!(blanks, [Attrs::empty(), Attrs::REVERSE], "{cut:?}: {cells:?}");
    }
}

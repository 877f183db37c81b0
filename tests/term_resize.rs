//! New sizes: nothing is lost, and everything that has a place keeps it.

#[allow(dead_code)]
#[path = "fuzz/generator.rs"]
mod generator;

use copilot_tui::base::{Now, Size};
use copilot_tui::term::{Engine, EngineKind, Event, new_engine, restore};
use generator::Dice;

fn feed(e: &mut dyn Engine, text: &str) {
    e.feed(text.as_bytes(), Now::default());
}

/// History and screen as the lines that were written, whatever they were broken into.
fn lines(e: &dyn Engine) -> Vec<String> {
    let mut out = vec![String::new()];
    for abs in e.history_start()..e.screen_top() + u64::from(e.size().rows) {
        let line = e.row(abs).expect("every line is there");
        if let Some(last) = out.last_mut() {
            last.push_str(&line.text());
        }
        if !line.wrapped {
            out.push(String::new());
        }
    }
    while out.last().is_some_and(|l| l.trim_end().is_empty()) {
        out.pop();
    }
    out.iter().map(|l| l.trim_end().to_owned()).collect()
}

/// The last line, with what is typed next at its end.
fn typed_on(e: &dyn Engine) -> String {
    let mut copy = restore(&e.snapshot(1000), 1000).expect("its own snapshot");
    feed(&mut *copy, "|");
    lines(&*copy).pop().unwrap_or_default()
}

#[test]
fn a_thousand_random_sizes_under_output_lose_nothing() {
    const WORDS: [&str; 8] = ["alpha", "beta", "gamma-delta", "中文字符", "e\u{301}clair", "🚀", "a/long/path/to/some/file.rs:12:34", "x"];
    // As many runs as `RESIZE_RUNS` asks for, from `FUZZ_SEED` on.
    let wish = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (first, n) = (wish("FUZZ_SEED").unwrap_or(0), wish("RESIZE_RUNS").unwrap_or(if cfg!(debug_assertions) { 1 } else { 4 }));
    for seed in first..first.saturating_add(n) {
        let mut dice = Dice::new(seed);
        let mut e = new_engine(EngineKind::Native, Size::DEFAULT, 1_000_000);
        let mut written: Vec<String> = Vec::new();
        for i in 0..1000 {
            let mut line = format!("{i}:");
            for _ in 0..dice.roll(12) {
                line += " ";
                line += WORDS[dice.roll(WORDS.len())];
            }
            // In two parts, with a new size between them: the cursor must be where it was.
            let half = line.char_indices().map(|c| c.0).nth(line.chars().count() / 2).unwrap_or(0);
            // A mark without a width cannot begin a write of its own after a change of size.
            let half = if line[half..].starts_with('\u{301}') { 0 } else { half };
            feed(&mut *e, &line[..half]);
            let size = match dice.roll(40) {
                0 => Size::new(0, 0),
                1 => Size::new(1, 1),
                2 => Size::new(2, 500),
                3 if i % 19 == 0 => Size::new(65535, 65535),
                _ => Size::new(2 + dice.roll(180) as u16, 1 + dice.roll(60) as u16),
            };
            e.resize(size);
            assert_eq!(e.size(), size.clamped());
            feed(&mut *e, &line[half..]);
            feed(&mut *e, "\r\n");
            written.push(line);
        }
        assert_eq!(lines(&*e), written, "seed {seed}");
        assert!(!e.take_events().contains(&Event::Rebuilt));
    }
}

/// A history of `n` lines of 120 to 200 columns and a screen below it.
fn long_lines(n: usize, limit: usize) -> Box<dyn Engine> {
    let mut e = new_engine(EngineKind::Native, Size::new(200, 50), limit);
    let text: String = (0..n + 49).map(|i| format!("\x1b[3{}mline {i}\x1b[m {}\r\n", i % 8, "x中".repeat(37 + i % 27))).collect();
    feed(&mut *e, &text);
    e
}

#[test]
fn a_full_history_survives_a_narrow_moment_here_and_in_a_new_server() {
    const LIMIT: usize = if cfg!(debug_assertions) { 2000 } else { 10_000 };
    let mut e = long_lines(2 * LIMIT, LIMIT);
    let before = lines(&*e);
    assert_eq!((before.len(), (e.screen_top() - e.history_start()) as usize), (LIMIT + 49, LIMIT));
    for (cols, rows) in [(20, 5), (106, 10), (7, 1), (200, 50)] {
        e.resize(Size::new(cols, rows));
        assert!(lines(&*e) == before, "at {cols}x{rows}: {} lines of {}", lines(&*e).len(), before.len());
        // The moment is when another server takes over.
        e = restore(&e.snapshot(LIMIT), LIMIT).expect("its own snapshot");
        assert!(lines(&*e) == before, "a snapshot at {cols}x{rows}: {} lines of {}", lines(&*e).len(), before.len());
    }
    assert_eq!((e.screen_top() - e.history_start()) as usize, LIMIT);
    // What comes while it is narrow pushes out as many lines as it is, and those that the screen lacks, whatever they are broken into.
    e.resize(Size::new(20, 5));
    feed(&mut *e, &"new\r\n".repeat(100));
    e.resize(Size::new(200, 50));
    let after = lines(&*e);
    assert_eq!(after.len(), LIMIT + 4);
    assert!(after[..LIMIT - 96] == before[before.len() - (LIMIT - 96)..] && after[LIMIT - 96..].iter().all(|l| l == "new"));
}

#[test]
fn what_a_snapshot_keeps_of_a_history_is_counted_in_lines_too() {
    let mut e = long_lines(500, 1000);
    e.resize(Size::new(20, 5));
    let all = lines(&*e);
    for n in [1, 7, 100, 1000] {
        let back = restore(&e.snapshot(n), 1000).expect("its own snapshot");
        let kept = lines(&*back);
        // The line that the screen begins in the middle of comes whole, and on top.
        assert_eq!(kept.len(), (n + 1).min(all.len()));
        assert!(all.ends_with(&kept), "{n}");
    }
    let bare = restore(&e.snapshot(0), 1000).expect("its own snapshot");
    assert_eq!(bare.history_start(), bare.screen_top());
}

#[test]
fn neither_lines_without_an_end_nor_sizes_without_an_end_make_a_history_large() {
    const LIMIT: usize = 50;
    // One line, in rows of any width: no more than the columns that so many lines may have.
    let mut e = new_engine(EngineKind::Native, Size::new(80, 24), LIMIT);
    feed(&mut *e, &"endless ".repeat(40_000));
    let columns = |e: &dyn Engine| (e.screen_top() - e.history_start()) * u64::from(e.size().cols);
    for cols in [80, 1000, 2, 33, 200] {
        e.resize(Size::new(cols, 24));
        assert!(columns(&*e) <= (LIMIT as u64 + 1) * 1000 + 550 * u64::from(cols), "{} at {cols}", columns(&*e));
        assert!(columns(&*e) >= 30_000, "{} at {cols}", columns(&*e));
        let text = lines(&*e).concat();
        let from = text.find("endless").expect("some of it");
        assert!(from < 8 && text[from..].trim_end().split(' ').all(|word| word == "endless"), "{cols}");
    }
    // A screen that is filled, made small and cleared again and again gives its lines to history, without any output that scrolls.
    let mut e = new_engine(EngineKind::Native, Size::new(80, 60), LIMIT);
    for i in 0..40 {
        feed(&mut *e, "\x1b[2J\x1b[H");
        e.resize(Size::new(80, 60));
        feed(&mut *e, &(0..59).map(|n| format!("{i} {n}\r\n")).collect::<String>());
        e.resize(Size::new(70, 2));
        assert!(e.screen_top() - e.history_start() <= LIMIT as u64 + 500);
    }
    feed(&mut *e, "\r\n\r\n\r\n");
    assert_eq!((e.screen_top() - e.history_start()) as usize, LIMIT);
}

#[test]
fn the_cursor_stays_at_its_character() {
    let mut dice = Dice::new(9);
    for _ in 0..300 {
        let mut e = new_engine(EngineKind::Native, Size::new(30, 8), 1000);
        for _ in 0..dice.roll(12) {
            feed(&mut *e, &format!("{}\r\n", "word ".repeat(dice.roll(20)).trim_end()));
        }
        let text = "prompt$ some command with many arguments 中文 and more".to_owned();
        let end = text.char_indices().map(|c| c.0).nth(1 + dice.roll(50)).unwrap_or(text.len());
        feed(&mut *e, &text[..end]);
        for _ in 0..6 {
            e.resize(Size::new(4 + dice.roll(70) as u16, 2 + dice.roll(12) as u16));
            assert_eq!(typed_on(&*e), format!("{}|", &text[..end]));
        }
    }
}

#[test]
fn a_program_with_the_alternate_screen_leaves_the_other_whole() {
    let mut e = new_engine(EngineKind::Native, Size::new(40, 10), 1000);
    let written: Vec<String> = (0..30).map(|i| format!("{i} {}", "text ".repeat(1 + i % 13).trim_end())).collect();
    feed(&mut *e, &written.join("\r\n"));
    let typed = typed_on(&*e);
    feed(&mut *e, "\x1b[?1049h\x1b[Hfull screen\x1b[10;40Hx");
    let mut dice = Dice::new(4);
    for _ in 0..200 {
        let size = Size::new(2 + dice.roll(120) as u16, 1 + dice.roll(40) as u16);
        e.resize(size);
        assert!(e.cursor().row < e.size().rows && e.cursor().col < e.size().cols);
        // The program draws anew, as it would on SIGWINCH.
        feed(&mut *e, "\x1b[2J\x1b[Hredrawn");
    }
    e.resize(Size::new(40, 10));
    feed(&mut *e, "\x1b[?1049l");
    assert_eq!(lines(&*e), written);
    assert_eq!(typed_on(&*e), typed);
}

#[test]
fn marks_links_and_styles_stay_with_their_text() {
    let mut e = new_engine(EngineKind::Native, Size::new(40, 6), 1000);
    for i in 0..20 {
        feed(
            &mut *e,
            &format!(
                "\x1b]133;A\x07$ command {i}\r\n\x1b[4:3;58;2;1;2;3;53;5m{}\x1b[0m\x1b]8;;http://h/{i}\x07link{i}\x1b]8;;\x07\r\n",
                "styled ".repeat(9)
            ),
        );
    }
    let marked = |e: &dyn Engine| e.prompts().into_iter().filter_map(|abs| e.row(abs)).map(|l| l.text().trim_end().to_owned()).collect::<Vec<_>>();
    let looks = |e: &dyn Engine| {
        let mut out = Vec::new();
        for abs in e.history_start()..e.screen_top() + u64::from(e.size().rows) {
            e.row(abs).unwrap_or_default().for_each_cell(|_, _, text, span| {
                if text != " " {
                    out.push((text.to_owned(), span.style, span.link.clone()));
                }
            });
        }
        out
    };
    let (marks, cells) = (marked(&*e), looks(&*e));
    assert_eq!(marks.len(), 20);
    let mut dice = Dice::new(8);
    for _ in 0..100 {
        e.resize(Size::new(16 + dice.roll(100) as u16, 2 + dice.roll(20) as u16));
        assert_eq!(marked(&*e), marks);
        assert_eq!(looks(&*e), cells);
    }
}

#[test]
fn height_gives_to_history_and_takes_from_it() {
    let mut e = new_engine(EngineKind::Native, Size::new(20, 10), 1000);
    feed(&mut *e, &(0..50).map(|i| format!("line {i}")).collect::<Vec<_>>().join("\r\n"));
    let mut dice = Dice::new(2);
    for _ in 0..100 {
        let rows = 1 + dice.roll(60) as u16;
        e.resize(Size::new(20, rows));
        let shown: Vec<String> = (0..u64::from(rows)).map(|r| e.row(e.screen_top() + r).unwrap_or_default().text()).collect();
        let first = 50_usize.saturating_sub(rows.into());
        let want: Vec<String> = (first..50).map(|i| format!("line {i}")).chain(std::iter::repeat(String::new())).take(rows.into()).collect();
        assert_eq!(shown, want);
        assert_eq!(e.screen_top() - e.history_start(), first as u64);
    }
}

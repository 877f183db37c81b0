//! How fast the engines read, and how small their history is. `cargo bench --bench engine`
//!
//! Prints megabytes a second for each load at 200x50 (best of three passes over some MiB, in reads of 64 KiB) for the native
//! engine, and how many times faster it is than vt100 and alacritty_terminal in the same run; the bytes a line of history
//! takes, with 10,000 and with 100,000 of them; the cost of reading a changed row for a frame; and of one change of width.
//! A word after the name keeps the loads whose name has it. On a shared machine read the ratios.

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use copilot_tui::base::{Now, Size};
use copilot_tui::term::{Engine, EngineKind, new_engine};
use std::fmt::Write as _;
use std::time::Instant;

const ROWS: usize = 50;
const COLS: usize = 200;
const WORDS: &[&str] = &[
    "let", "fn", "pub", "struct", "impl", "match", "return", "self", "Some", "None", "Ok", "Err", "async", "await", "use", "mod", "crate", "where",
    "for", "in", "if", "else", "while", "loop", "const", "static", "mut", "ref", "Box", "Vec", "String", "Option", "Result", "buffer", "cell",
    "width", "height", "area", "layout", "pane", "client", "server", "socket", "render", "frame",
];

/// A small generator of its own, so that loads are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.roll(WORDS.len())]
    }
}

fn code(d: &mut Dice) -> String {
    let words: Vec<&str> = (0..d.roll(11)).map(|_| d.word()).collect();
    format!("{}{}{}", "    ".repeat(d.roll(5)), words.join(" "), [";", " {", "}", "", ",", ");"][d.roll(6)])
}

fn loads() -> Vec<(&'static str, Vec<u8>)> {
    let mut d = Dice(42);
    let mut all = Vec::new();
    let ascii: String = (0..20_000).map(|_| code(&mut d) + "\r\n").collect();
    all.push(("ascii", ascii));
    all.push(("short_lines", "y\r\n".repeat(400_000)));
    let long: String = (0..50)
        .map(|_| {
            let mut line: String = (0..330).map(|i| format!("\"k{i}\":\"{}\",", d.word())).collect();
            line.truncate(5000);
            line + "\r\n"
        })
        .collect();
    all.push(("long_lines", long));
    let han: Vec<char> = (0..4000).filter_map(|_| char::from_u32(0x4E00 + d.roll(0x51A5) as u32)).collect();
    let rare =
        ["😀", "🚀", "✅", "👩\u{200d}💻", "👍🏽", "🇩🇪", "❤\u{fe0f}", "⚠\u{fe0f}", "🔥", "…", "—", "é", "e\u{301}", "ñ", "ß", "│", "─", "┌", "█", "✓"];
    let mut unicode = String::new();
    for _ in 0..5000 {
        let mut n = 0;
        while n < 60 {
            let before = unicode.len();
            match d.roll(4) {
                0 | 1 => {
                    let at = d.roll(3900);
                    unicode.extend(&han[at..at + 1 + d.roll(8)]);
                }
                2 => unicode += rare[d.roll(rare.len())],
                _ => {
                    unicode += d.word();
                    unicode.push(' ');
                }
            }
            n += unicode[before..].chars().count();
        }
        unicode += "\r\n";
    }
    all.push(("unicode", unicode));
    let cjk: String = (0..3900).step_by(13).map(|i| han[i..i + 60].iter().collect::<String>() + "\r\n").collect();
    all.push(("cjk", cjk));
    let mut truecolor = String::new();
    for f in 0..4 {
        truecolor += "\x1b[H";
        for r in 0..ROWS {
            for c in 0..COLS {
                let i = r + c + f;
                let letter = (b'A' + (i % 26) as u8) as char;
                let v = [i * 7, i * 5, i * 3, i * 11, i * 13, i * 17].map(|v| v % 256);
                let _ = write!(truecolor, "\x1b[38;2;{};{};{};48;2;{};{};{}m{letter}", v[0], v[1], v[2], v[3], v[4], v[5]);
            }
            truecolor += if r < ROWS - 1 { "\r\n" } else { "" };
        }
    }
    all.push(("truecolor", truecolor));
    let mut highlight = String::new();
    for _ in 0..5000 {
        let _ = write!(highlight, "\x1b[38;5;240m{:4}\x1b[0m  {}", 1 + d.roll(9999), "    ".repeat(d.roll(5)));
        for _ in 0..1 + d.roll(8) {
            let (r, g, b) = [(198, 120, 221), (97, 175, 239), (152, 195, 121), (229, 192, 123)][d.roll(4)];
            let _ = write!(highlight, "\x1b[38;2;{r};{g};{b}m{}\x1b[0m ", d.word());
        }
        highlight += "\r\n";
    }
    all.push(("highlight", highlight));
    let mut motion = String::new();
    for _ in 0..40_000 {
        let _ = write!(motion, "\x1b[{};{}H{}", 1 + d.roll(ROWS), 1 + d.roll(COLS), (b'A' + d.roll(26) as u8) as char);
    }
    all.push(("cursor_motion", motion));
    let mut tui = String::new();
    for _ in 0..30 {
        tui += "\x1b[?2026h\x1b[?25l\x1b[H";
        for r in 0..ROWS {
            let _ = write!(tui, "\x1b[{};1H", r + 1);
            if matches!(r, 0 | 24 | 49) {
                let _ = write!(tui, "\x1b[38;5;8m┌{}┐", "─".repeat(COLS - 2));
                continue;
            }
            tui += "\x1b[38;5;8m│\x1b[0m";
            let mut n = 1;
            while n < COLS - 30 {
                let (w, k) = (d.word(), d.roll(16));
                let sgr = match d.roll(6) {
                    0 => format!("1;3{}", k % 8),
                    1 => format!("38;5;{}", k * 13),
                    2 => "7".into(),
                    3 => "4".into(),
                    4 => format!("38;2;{};100;{}", k * 10, 255 - k * 9),
                    _ => "2".into(),
                };
                let _ = write!(tui, "\x1b[{sgr}m{w}\x1b[0m ");
                n += w.len() + 1;
            }
            let _ = write!(tui, "\x1b[K\x1b[{};{COLS}H\x1b[38;5;8m│\x1b[0m", r + 1);
        }
        tui += "\x1b[10;20H\x1b[?25h\x1b[?2026l";
    }
    all.push(("tui", tui));
    let mut region = "\x1b[1;45r\x1b[45;1H".to_owned();
    (0..5000).for_each(|_| region += &format!("\r\n{}", code(&mut d)));
    all.push(("region", region + "\x1b[r"));
    let light: String = ('A'..='Z').map(|c| format!("\x1b[H{}", c.to_string().repeat(ROWS * COLS))).collect();
    all.push(("light_cells", light));
    all.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// Megabytes a second of the best of three passes of `target` bytes; `start` makes what reads them.
fn speed<R: FnMut(&[u8])>(start: impl Fn() -> R, load: &[u8], target: usize) -> f64 {
    let times = target.div_ceil(load.len());
    let mut best = f64::MAX;
    for _ in 0..3 {
        let mut read = start();
        let began = Instant::now();
        for _ in 0..times {
            load.chunks(64 * 1024).for_each(&mut read);
        }
        best = best.min(began.elapsed().as_secs_f64());
    }
    (times * load.len()) as f64 / best / 1e6
}

fn ours(kind: EngineKind) -> impl FnMut(&[u8]) {
    let mut engine = new_engine(kind, Size::new(COLS as u16, ROWS as u16), 10_000);
    move |bytes| engine.feed(bytes, Now::default())
}

fn alacritty() -> impl FnMut(&[u8]) {
    let size = TermSize::new(COLS, ROWS);
    let mut term = Term::new(Config { scrolling_history: 10_000, ..Config::default() }, &size, VoidListener);
    let mut parser: Processor = Processor::new();
    move |bytes| parser.advance(&mut term, bytes)
}

/// Bytes a line of a history of `lines` lines takes.
fn history(load: &[u8], lines: usize) -> usize {
    let mut engine = new_engine(EngineKind::Native, Size::new(COLS as u16, ROWS as u16), lines);
    while engine.screen_top() < lines as u64 * 6 / 5 {
        engine.feed(load, Now::default());
    }
    engine.history_bytes() / (engine.screen_top() - engine.history_start()) as usize
}

fn frame_cost(engine: &dyn Engine) -> f64 {
    let start = Instant::now();
    let mut spans = 0;
    for _ in 0..200 {
        for abs in engine.screen_top()..engine.screen_top() + ROWS as u64 {
            spans += engine.row(abs).map_or(0, |l| l.spans.len());
        }
    }
    std::hint::black_box(spans);
    start.elapsed().as_secs_f64() * 1e6 / 200.0 / ROWS as f64
}

/// Milliseconds for one change of width with 10,000 lines of history.
fn reflow(load: &[u8]) -> f64 {
    let mut engine = new_engine(EngineKind::Native, Size::new(COLS as u16, ROWS as u16), 10_000);
    while engine.screen_top() < 12_000 {
        engine.feed(load, Now::default());
    }
    let start = Instant::now();
    for cols in [60, 200, 80, 199] {
        engine.resize(Size::new(cols, ROWS as u16));
    }
    start.elapsed().as_secs_f64() * 1e3 / 4.0
}

fn main() {
    let only = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    println!(
        "{:<14} {:>9} {:>8} {:>8} {:>10} {:>10} {:>11} {:>10}",
        "load", "MB/s", "x vt100", "x alacr.", "B/line 10k", "100k", "us/row read", "reflow ms"
    );
    for (name, load) in loads() {
        if only.as_ref().is_some_and(|o| !name.contains(o.as_str())) {
            continue;
        }
        let native = speed(|| ours(EngineKind::Native), &load, 8 << 20);
        let simple = speed(|| ours(EngineKind::Vt100), &load, 512 << 10);
        let other = speed(alacritty, &load, 4 << 20);
        let scrolls = matches!(name, "ascii" | "highlight" | "unicode" | "cjk" | "long_lines" | "short_lines" | "region");
        let figure = |f: &dyn Fn() -> String| if scrolls { f() } else { "-".into() };
        let reflow = figure(&|| format!("{:.1}", reflow(&load)));
        let (ten, hundred) = (figure(&|| history(&load, 10_000).to_string()), figure(&|| history(&load, 100_000).to_string()));
        let mut engine = new_engine(EngineKind::Native, Size::new(COLS as u16, ROWS as u16), 100);
        engine.feed(&load, Now::default());
        println!(
            "{name:<14} {native:>9.1} {:>8.1} {:>8.1} {ten:>10} {hundred:>10} {:>11.2} {reflow:>10}",
            native / simple,
            native / other,
            frame_cost(&*engine)
        );
    }
}

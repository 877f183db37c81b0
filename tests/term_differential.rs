//! The native engine beside others: `alacritty_terminal` (cells, styles, cursor), `vt100` (text, cursor) and a real tmux (text,
//! cursor), fed the same bytes in random pieces: recorded programs, and streams made from numbers.
//!
//! Where they differ for good, the case stands in [`DIFFERENT`] with the reference that decides; made streams leave these out.
//! tmux is skipped, loudly, where there is none.

#[allow(dead_code)]
#[path = "fuzz/generator.rs"]
mod generator;

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line as Row};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{Color as AnsiColor, NamedColor, Processor};
use copilot_tui::base::{Attrs, Color, Now, Size, Underline};
use copilot_tui::term::{Engine, EngineKind, Event, new_engine};
use generator::Dice;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cell as all can tell it: text, colours, attributes, underline.
type Cell = (String, Color, Color, Attrs, Underline);

/// A screen: rows of cells, and the cursor.
#[derive(PartialEq)]
struct Screen {
    rows: Vec<Vec<Cell>>,
    cursor: (usize, usize),
}

impl Screen {
    fn text(&self) -> Vec<String> {
        self.rows.iter().map(|r| r.iter().map(|c| c.0.as_str()).collect::<String>().trim_end().to_owned()).collect()
    }

    /// The first thing in which another screen differs.
    fn against(&self, other: &Screen) -> Option<String> {
        for (row, (a, b)) in self.rows.iter().zip(&other.rows).enumerate() {
            for (col, (a, b)) in a.iter().zip(b).enumerate() {
                if a != b {
                    return Some(format!("row {row}, column {col}: {a:?}, the other {b:?}\n{:#?}\n{:#?}", self.text(), other.text()));
                }
            }
        }
        (self.cursor != other.cursor).then(|| format!("cursor {:?}, the other {:?}\n{:#?}", self.cursor, other.cursor, self.text()))
    }
}

fn blank() -> Cell {
    (" ".into(), Color::Default, Color::Default, Attrs::empty(), Underline::None)
}

/// What both engines of this crate show.
fn of_engine(e: &dyn Engine) -> Screen {
    let (cols, rows) = (usize::from(e.size().cols), u64::from(e.size().rows));
    let row = |r: u64| {
        let mut out = vec![blank(); cols];
        e.row(e.screen_top() + r).unwrap_or_default().for_each_cell(|col, width, text, span| {
            let s = &span.style;
            // alacritty has no blink and no overline.
            let look = (s.fg, s.bg, s.attrs & !(Attrs::BLINK | Attrs::OVERLINE), s.underline);
            let cell = |text: &str| (text.to_owned(), look.0, look.1, look.2, look.3);
            if let Some(place) = out.get_mut(col) {
                *place = cell(text);
            }
            if let Some(place) = out.get_mut(col + 1).filter(|_| width == 2) {
                *place = cell("");
            }
        });
        out
    };
    Screen { rows: (0..rows).map(row).collect(), cursor: (e.cursor().row.into(), e.cursor().col.into()) }
}

struct Alacritty {
    term: Term<VoidListener>,
    parser: Processor,
}

impl Alacritty {
    fn new(size: Size) -> Alacritty {
        let term = Term::new(Config::default(), &TermSize::new(size.cols.into(), size.rows.into()), VoidListener);
        Alacritty { term, parser: Processor::new() }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
    }

    fn screen(&self) -> Screen {
        let color = |c: AnsiColor| match c {
            AnsiColor::Named(NamedColor::Foreground | NamedColor::Background) => Color::Default,
            AnsiColor::Named(n) => Color::Indexed(n as usize as u8),
            AnsiColor::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
            AnsiColor::Indexed(n) => Color::Indexed(n),
        };
        let grid = self.term.grid();
        let cell = |row: usize, col: usize| {
            let cell = &grid[Row(row as i32)][Column(col)];
            let names = [
                (Flags::BOLD, Attrs::BOLD),
                (Flags::DIM, Attrs::DIM),
                (Flags::ITALIC, Attrs::ITALIC),
                (Flags::INVERSE, Attrs::REVERSE),
                (Flags::HIDDEN, Attrs::HIDDEN),
                (Flags::STRIKEOUT, Attrs::STRIKE),
            ];
            let attrs = names.iter().filter(|n| cell.flags.contains(n.0)).fold(Attrs::empty(), |all, n| all | n.1);
            let lines = [
                (Flags::UNDERLINE, Underline::Single),
                (Flags::DOUBLE_UNDERLINE, Underline::Double),
                (Flags::UNDERCURL, Underline::Curly),
                (Flags::DOTTED_UNDERLINE, Underline::Dotted),
                (Flags::DASHED_UNDERLINE, Underline::Dashed),
            ];
            let underline = lines.iter().find(|l| cell.flags.contains(l.0)).map_or(Underline::None, |l| l.1);
            let mut text = match cell.c {
                _ if cell.flags.contains(Flags::WIDE_CHAR_SPACER) => String::new(),
                // It keeps the tab in the cell where it began.
                '\t' => " ".into(),
                c => c.to_string(),
            };
            text.extend(cell.zerowidth().into_iter().flatten());
            (text, color(cell.fg), color(cell.bg), attrs, underline)
        };
        let rows = (0..grid.screen_lines()).map(|r| (0..grid.columns()).map(|c| cell(r, c)).collect()).collect();
        let point = grid.cursor.point;
        Screen { rows, cursor: (point.line.0 as usize, point.column.0) }
    }
}

/// Feeds bytes in random pieces.
fn in_pieces(bytes: &[u8], dice: &mut Dice, mut feed: impl FnMut(&[u8])) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at((1 + dice.roll(200)).min(rest.len()));
        feed(head);
        rest = tail;
    }
}

fn native(size: Size, bytes: &[u8], dice: &mut Dice) -> Screen {
    let mut e = new_engine(EngineKind::Native, size, 1000);
    in_pieces(bytes, dice, |part| e.feed(part, Now::default()));
    assert!(!e.take_events().contains(&Event::Rebuilt));
    of_engine(&*e)
}

/// Whole: its parser loses the character after one that was cut between two pieces.
fn alacritty(size: Size, bytes: &[u8]) -> Screen {
    let mut other = Alacritty::new(size);
    other.feed(bytes);
    other.screen()
}

/// `None` when vt100 panicked on it.
fn vt100(size: Size, bytes: &[u8]) -> Option<Screen> {
    let mut e = new_engine(EngineKind::Vt100, size, 100);
    e.feed(bytes, Now::default());
    (!e.take_events().contains(&Event::Rebuilt)).then(|| of_engine(&*e))
}

fn recordings() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/term");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("recordings").flatten().map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "vt")).collect();
    paths.sort();
    let name = |p: &Path| p.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    paths.iter().map(|p| (name(p), std::fs::read(p).expect("a recording"))).collect()
}

/// What differs for good: name, size, bytes, who, what ours shows, and why.
struct Different {
    bytes: &'static str,
    /// Rows joined by `|`, and the cursor.
    ours: (&'static str, (usize, usize)),
    alacritty: bool,
    vt100: bool,
    why: &'static str,
}

const DIFFERENT: &[Different] = &[
    Different {
        bytes: "0123456789\x1b[KX",
        ours: ("012345678X", (0, 9)),
        alacritty: true,
        vt100: true,
        why: "EL ends the wait in the last column and erases from there (DEC STD 070, last column flag; xterm ClearRight)",
    },
    Different {
        bytes: "0123456789\x1b[PX",
        ours: ("012345678X", (0, 9)),
        alacritty: true,
        vt100: true,
        why: "DCH ends the wait in the last column (DEC STD 070; xterm DeleteChar)",
    },
    Different {
        bytes: "ab\x1b[L",
        ours: ("|ab", (0, 0)),
        alacritty: true,
        vt100: true,
        why: "IL and DL go to the left margin (VT510: the cursor is reset to the first column; ECMA-48 8.3.67, xterm)",
    },
    Different {
        bytes: "\x1b[2;3r\x1b[2;1H\x1b[9BX",
        ours: ("||X", (2, 1)),
        alacritty: true,
        vt100: false,
        why: "CUU and CUD stop at the margins (VT510 CUD: to the bottom margin)",
    },
    Different {
        bytes: "ab\x1b[3;3H\x1b#8",
        ours: ("EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE", (0, 0)),
        alacritty: true,
        vt100: true,
        why: "DECALN homes the cursor and sets the margins to the page (VT510 DECALN); vt100 does not know it",
    },
    Different {
        bytes: "ab\x1b[?3hc",
        ours: ("abc", (0, 3)),
        alacritty: true,
        vt100: false,
        why: "DECCOLM does something only when mode 40 allows it (ctlseqs, Ps = 40)",
    },
    Different {
        bytes: "A\x1b[1\"qB\x1b[2\"qC\x1b[?2K",
        ours: (" B", (0, 3)),
        alacritty: true,
        vt100: true,
        why: "DECSEL erases what DECSCA does not protect (VT510 DECSCA, DECSEL)",
    },
    Different {
        bytes: "\x1b[4:3;21mA",
        ours: ("A", (0, 1)),
        alacritty: true,
        vt100: true,
        why: "SGR 21 is doubly underlined (ECMA-48 8.3.117), not an end of something",
    },
    Different {
        bytes: "\x1b[2;3r\x1b[?6h\x1b7\x1b[?6l\x1b8\x1b[HX",
        ours: ("|X", (1, 1)),
        alacritty: true,
        vt100: false,
        why: "DECRC brings origin mode back (VT510 DECSC)",
    },
    Different {
        bytes: "\x1b[2;3r\x1b[1;2HA",
        ours: (" A", (0, 2)),
        alacritty: false,
        vt100: false,
        why: "CUP ignores the region outside origin mode: all agree, kept as a check of this table",
    },
    Different {
        bytes: "a\x1b[41m\x1b[S",
        ours: ("", (0, 1)),
        alacritty: false,
        vt100: true,
        why: "lines that come in take the background (ctlseqs: bce); vt100 gives none to what scrolls",
    },
    Different {
        bytes: "\x1b[?7l0123456789\x1b[?7hX",
        ours: ("012345678X", (0, 9)),
        alacritty: true,
        vt100: true,
        why: "only a line that was filled while autowrap was on waits to wrap (DEC STD 070, last column flag)",
    },
    Different {
        bytes: "\x1b[?7l0123456789\x1b[?1049h\x1b[?7h\x1b[?1049lX",
        ours: ("012345678X", (0, 9)),
        alacritty: true,
        vt100: true,
        why: "the same with the cursor saved in between: what did not wait then does not wait after it came back",
    },
    Different {
        bytes: "a\r\nb\x1b[1J",
        ours: ("", (1, 1)),
        alacritty: true,
        vt100: false,
        why: "ED 1 erases every line above (ECMA-48 8.3.39); from the second line alacritty leaves the first",
    },
    Different {
        bytes: "0123456789\x1bDX",
        ours: ("0123456789|         X", (1, 9)),
        alacritty: true,
        vt100: true,
        why: "IND moves, and whatever moves ends the wait in the last column (DEC STD 070; xterm CursorDown)",
    },
    Different {
        bytes: "0123456789\x1b[9G\x1b[5P",
        ours: ("01234567", (0, 8)),
        alacritty: true,
        vt100: false,
        why: "DCH deletes from the cursor on (ECMA-48 8.3.26); with more than there is alacritty clears cells before it too",
    },
    Different { bytes: "\x1b(0q", ours: ("─", (0, 1)), alacritty: false, vt100: true, why: "DEC special graphics (VT510 SCS); vt100 has no sets" },
    Different {
        bytes: "a\u{FE0F}⚠\u{FE0F}b",
        ours: ("a\u{FE0F}⚠\u{FE0F}b", (0, 3)),
        alacritty: false,
        vt100: true,
        why: "without mode 2027 a selector does not widen a cell (wcwidth, as xterm and VS Code count)",
    },
];

#[test]
fn the_list_of_differences_is_true() {
    let size = Size::new(10, 4);
    let mut dice = Dice::new(5);
    for d in DIFFERENT {
        let ours = native(size, d.bytes.as_bytes(), &mut dice);
        assert_eq!((ours.text().join("|").trim_end_matches('|'), ours.cursor), d.ours, "{:?}: {}", d.bytes, d.why);
        assert_eq!(ours.against(&alacritty(size, d.bytes.as_bytes())).is_some(), d.alacritty, "alacritty, {:?}: {}", d.bytes, d.why);
        let differs = vt100(size, d.bytes.as_bytes()).is_none_or(|s| ours.against(&s).is_some());
        assert_eq!(differs, d.vt100, "vt100, {:?}: {}", d.bytes, d.why);
    }
}

#[test]
fn recorded_programs_look_the_same_in_alacritty_and_vt100() {
    let mut dice = Dice::new(1);
    for (name, bytes) in recordings() {
        let ours = native(Size::DEFAULT, &bytes, &mut dice);
        if let Some(what) = ours.against(&alacritty(Size::DEFAULT, &bytes)) {
            panic!("{name}, alacritty: {what}");
        }
        // vt100 has no line drawing, no insert mode and no background on erased cells: text, where these are not used.
        if let Some(other) = vt100(Size::DEFAULT, &bytes).filter(|_| !VT100_LACKS.contains(&name.as_str())) {
            assert_eq!((ours.text(), ours.cursor), (other.text(), other.cursor), "{name}, vt100");
        }
    }
}

/// Recordings that use what vt100 does not have.
const VT100_LACKS: &[&str] = &[];

/// A stream of what the other understands as the references do. `wide`: also characters of two columns; then no edits that
/// could halve one (alacritty leaves the other half). `tmux`: no line drawing (what it captures of that is letters), and IL and
/// DL only without a region (outside one they do nothing by VT510; there they work down to the last line),
/// autowrap is turned off away from the last column (a full line's last character stays there, whatever is written then),
/// no DECSC (which shares its place with mode 1049, as in xterm), no ICH (tmux 3.3a leaves cells that moved far).
fn stream(dice: &mut Dice, wide: bool, tmux: bool) -> Vec<u8> {
    let (mut out, mut alt) = (String::new(), false);
    let n = |dice: &mut Dice, most: usize| 1 + dice.roll(most);
    for _ in 0..dice.roll(60) {
        let (a, b, c) = (n(dice, 7), n(dice, 21), n(dice, 9));
        out += &match dice.roll(30) {
            0..8 => (0..n(dice, 24)).map(|_| char::from(b' ' + dice.roll(95) as u8)).collect(),
            8 | 9 if wide => ["中文", "é", "e\u{301}", "🚀", "日本語", "─│", "한"][dice.roll(7)].to_owned(),
            8..11 => "\r\n".to_owned(),
            11 => "\r\n\n".to_owned(),
            12..15 => format!("\x1b[{a};{b}H"),
            15 => format!("\x1b[{b}G\x1b[{}", ["2K", "2J", "K", "1K", "J"][dice.roll(if wide { 2 } else { 5 })]),
            // Edits come from a definite column: see the table for a full line.
            16 if !wide => {
                format!("\x1b[{b}G\x1b[{}{}", c.min(21_usize.saturating_sub(b).max(1)), ["P", "X", "@"][dice.roll(if tmux { 2 } else { 3 })])
            }
            17 => format!("{}\r\x1b[{a}{}", if tmux { "\x1b[r" } else { "" }, ["L", "M"][dice.roll(2)]),
            18 => format!("\x1b[{a}{}", ["S", "T"][dice.roll(2)]),
            19 => format!("\x1b[{b}G\x1b[{c}{}", ["C", "D"][dice.roll(2)]),
            20 => {
                format!("\x1b[{}m", ["1", "0", "31", "44", "7", "4", "38;5;200", "48;2;1;2;3", "4:3", "3;9", "22;24", "97;39", "49"][dice.roll(13)])
            }
            21 => format!("\x1b[{};{}r", dice.roll(4), a + 1),
            22 => {
                ["\x1b[3G\x1bD", "\x1bE", "\x1b[3G\x1bM", "\x1b[r", "\x1b[1G\x1b7", "\x1b8"][dice.roll(if wide || tmux { 4 } else { 6 })].to_owned()
            }
            23 if !wide => format!("\x1b[1G\x1b[{}h\x1b[5GX\x1b[4l", 4),
            24 => format!("\x1b[?{}{}", [25, 1, 2004][dice.roll(3)], ["h", "l"][dice.roll(2)]),
            // From a definite column: the cursor is saved with what it waits for; see the table. tmux brings a cursor back also
            // on the main screen, as xterm does and others do not.
            25 => {
                let leave = dice.one_in(2) && (alt || !tmux);
                alt = !leave;
                ["\x1b[3G\x1b[?1049h", "\x1b[?1049l"][usize::from(leave)].to_owned()
            }
            26 if !tmux => ["\x1b(0lqqk\x1b(B", "\x1b)0\x0ex\x0f"][dice.roll(2)].to_owned(),
            27 => format!("\x1b[{a}d\x1b[{b}`"),
            28 if !wide => format!("\x1b[3Gz\x1b[{c}b"),
            // From a definite column: see the table for autowrap turned on in a full line.
            29 if !wide => [if tmux { "\x1b[2G\x1b[?7l" } else { "\x1b[?7l" }, "\x1b[3G\x1b[?7h", "\x1b[4G\x1b[?7h"][dice.roll(3)].to_owned(),
            _ => "\x1b[4G\x08\x08".to_owned(),
        };
    }
    out.into_bytes()
}

fn wish(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// The numbers of so many streams, or of as many as `DIFFERENTIAL_RUNS` asks for, from `FUZZ_SEED` on.
fn runs(usual: u64, share: u64) -> std::ops::Range<u64> {
    let first = wish("FUZZ_SEED").unwrap_or(0);
    first..first.saturating_add(wish("DIFFERENTIAL_RUNS").unwrap_or(usual) / share)
}

#[test]
fn made_streams_look_the_same_in_alacritty() {
    for seed in runs(600, 1) {
        let mut dice = Dice::new(seed);
        let wide = dice.one_in(2);
        let bytes = stream(&mut dice, wide, false);
        let size = Size::new(20, 6);
        let ours = native(size, &bytes, &mut dice);
        if let Some(what) = ours.against(&alacritty(size, &bytes)) {
            panic!("stream {seed} {:?}: {what}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// A tmux server of its own, gone with the value.
struct Tmux {
    folder: tempfile::TempDir,
    next: u32,
}

impl Tmux {
    fn start() -> Option<Tmux> {
        let there = Command::new("tmux").arg("-V").output().is_ok_and(|o| o.status.success());
        if !there {
            eprintln!("SKIPPED: there is no tmux to compare with");
            return None;
        }
        let folder = tempfile::tempdir().ok()?;
        let settings = "set -g status off\nset -g default-terminal screen-256color\nset -g remain-on-exit on\nset -s exit-empty off\n";
        std::fs::write(folder.path().join("conf"), settings).ok()?;
        Some(Tmux { folder, next: 0 })
    }

    fn run(&self, args: &[&str]) -> String {
        let at = |name: &str| self.folder.path().join(name);
        let out =
            Command::new("tmux").arg("-S").arg(at("sock")).arg("-f").arg(at("conf")).args(args).env_remove("TMUX").env("LC_ALL", "C.UTF-8").output();
        let out = out.expect("tmux runs");
        assert!(out.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// The text and the cursor after these bytes. The pane asks for its status at the end: the answer comes when all is read.
    fn screen(&mut self, size: Size, bytes: &[u8]) -> (Vec<String>, (usize, usize)) {
        self.next += 1;
        let (name, file) = (format!("s{}", self.next), self.folder.path().join("bytes"));
        std::fs::write(&file, bytes).expect("a file for tmux");
        let sock = self.folder.path().join("sock");
        let script = format!(
            "stty raw -echo; cat '{}'; printf '\\033[5n'; until [ \"$(head -c 1)\" = n ]; do :; done; tmux -S '{}' wait-for -S {name}; exec sleep 1000",
            file.display(),
            sock.display()
        );
        let (cols, rows) = (size.cols.to_string(), size.rows.to_string());
        self.run(&["new-session", "-d", "-s", &name, "-x", &cols, "-y", &rows, &script]);
        self.run(&["wait-for", &name]);
        let text = self.run(&["capture-pane", "-p", "-t", &name]);
        let cursor = self.run(&["display-message", "-p", "-t", &name, "#{cursor_y} #{cursor_x}"]);
        self.run(&["kill-session", "-t", &name]);
        let mut parts = cursor.split_whitespace().filter_map(|n| n.parse().ok());
        let rows = text.lines().map(|l| l.trim_end().to_owned()).chain(std::iter::repeat(String::new())).take(size.rows.into()).collect();
        (rows, (parts.next().unwrap_or(0), parts.next().unwrap_or(0)))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let sock = self.folder.path().join("sock");
        let _ = Command::new("tmux").arg("-S").arg(sock).arg("kill-server").env_remove("TMUX").output();
    }
}

/// tmux tells a cursor that waits to wrap as one column further.
fn in_tmux(screen: &Screen, cols: usize, told: (usize, usize)) -> (usize, usize) {
    if told.1 == cols && screen.cursor.1 + 1 == cols { (screen.cursor.0, cols) } else { screen.cursor }
}

#[test]
fn recorded_programs_look_the_same_in_tmux() {
    let Some(mut tmux) = Tmux::start() else { return };
    for (name, bytes) in recordings() {
        let ours = native(Size::DEFAULT, &bytes, &mut Dice::new(3));
        let (text, cursor) = tmux.screen(Size::DEFAULT, &bytes);
        assert_eq!(ours.text(), text, "{name}");
        assert_eq!(in_tmux(&ours, 80, cursor), cursor, "{name}");
    }
}

#[test]
fn made_streams_look_the_same_in_tmux() {
    let Some(mut tmux) = Tmux::start() else { return };
    let size = Size::new(20, 6);
    for seed in runs(600, 20) {
        let mut dice = Dice::new(1 << 32 | seed);
        let bytes = stream(&mut dice, false, true);
        let ours = native(size, &bytes, &mut dice);
        let (text, cursor) = tmux.screen(size, &bytes);
        assert_eq!((ours.text(), in_tmux(&ours, 20, cursor)), (text, cursor), "stream {seed} {:?}", String::from_utf8_lossy(&bytes));
    }
}

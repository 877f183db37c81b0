//! Terminal output made from a number: sensible sequences, odd ones, bombs, pieces of recorded programs, noise; and what else
//! happens to an engine between them.

use copilot_tui::base::Size;
use std::path::Path;
use std::sync::OnceLock;

/// A small source of numbers, the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        // Neighbouring seeds must not make neighbouring streams.
        let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        Dice(z ^ z >> 31 | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn roll(&mut self, n: usize) -> usize {
        (self.next() >> 11) as usize % n.max(1)
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }

    pub fn size(&mut self) -> Size {
        let (cols, rows) = match self.roll(12) {
            0 => (0, 0),
            1 => (1, 1),
            2 => (2, 1),
            3 => (65535, 65535),
            4 => (1 + self.roll(6), 1 + self.roll(4)),
            5 => (300, 100),
            _ => (2 + self.roll(60), 1 + self.roll(24)),
        };
        // The largest is seldom: it costs as much as a thousand others.
        if cols == 65535 && !self.one_in(40) { Size::new(80, 24) } else { Size::new(cols as u16, rows as u16) }
    }
}

/// What happens to an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Feed(Vec<u8>),
    Resize(Size),
    /// On with what its snapshot makes; with so many lines of history.
    Snapshot(usize),
    HistoryLimit(usize),
    ClearHistory,
    /// The outer terminal turns dark or light.
    Scheme(bool),
    /// Time passes, in milliseconds.
    Wait(u64),
}

/// The steps of a run.
pub fn steps(dice: &mut Dice) -> Vec<Step> {
    let n = 2 + dice.roll(14);
    (0..n)
        .map(|_| match dice.roll(16) {
            0 | 1 => Step::Resize(dice.size()),
            2 | 3 => Step::Snapshot([0, 3, 1000][dice.roll(3)]),
            4 if dice.one_in(3) => Step::HistoryLimit([0, 1, 20, 300][dice.roll(4)]),
            5 if dice.one_in(4) => Step::ClearHistory,
            6 if dice.one_in(3) => Step::Scheme(dice.one_in(2)),
            7 if dice.one_in(2) => Step::Wait([1, 200, 100_000][dice.roll(3)]),
            _ => Step::Feed(stream(dice)),
        })
        .collect()
}

fn recordings() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/term");
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<_> = files.flatten().map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "vt")).collect();
        paths.sort();
        paths.iter().filter_map(|p| std::fs::read(p).ok()).collect()
    })
}

/// A stream of up to about 4 KiB.
fn stream(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    match dice.roll(20) {
        // A bomb: one piece again and again.
        0 => {
            let mut unit = Vec::new();
            for _ in 0..1 + dice.roll(3) {
                piece(dice, &mut unit);
            }
            while out.len() + unit.len() <= 4096 && !unit.is_empty() {
                out.extend(&unit);
            }
        }
        // A piece of a recorded program, from anywhere.
        1 | 2 if !recordings().is_empty() => {
            let all = recordings();
            let one = &all[dice.roll(all.len())];
            let from = dice.roll(one.len());
            let to = (from + 1 + dice.roll(4000)).min(one.len());
            out.extend(&one[from..to]);
        }
        _ => {
            let n = dice.roll(60);
            for _ in 0..n {
                piece(dice, &mut out);
            }
        }
    }
    out.truncate(4096);
    if dice.one_in(6) && !out.is_empty() {
        for _ in 0..1 + dice.roll(4) {
            let at = dice.roll(out.len());
            out[at] ^= 1 << dice.roll(8);
        }
    }
    out
}

fn number(dice: &mut Dice) -> usize {
    match dice.roll(12) {
        0 => 65_535,
        1 => 0,
        2 => dice.roll(300),
        3 => 99_999_999,
        _ => dice.roll(14),
    }
}

fn text(dice: &mut Dice, out: &mut Vec<u8>) {
    const WORDS: &[&str] = &[
        "hello",
        " ",
        "a",
        "the quick brown fox jumps over the lazy dog",
        "中文字符",
        "日本語",
        "é",
        "e\u{301}",
        "o\u{308}\u{323}",
        "👩\u{200d}💻",
        "👨\u{200d}👩\u{200d}👧",
        "⚠\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "🇩🇪",
        "🇩",
        "👍🏽",
        "─│┌┐",
        "█▓▒░",
        "🚀",
        "\u{202e}x",
        "\u{200b}",
        "\u{feff}",
        "ﷺ",
        "ก็",
        "नि",
        "한글",
        "\u{1112}\u{1161}\u{11ab}",
        "\u{fffd}",
        "\u{e0041}",
        "\u{10ffff}",
        "½ ℃",
        "¡¢£",
        "→←",
        "ｆｕｌｌ",
        "\u{2028}",
        "\u{85}",
        "\u{9b}1m",
    ];
    for _ in 0..1 + dice.roll(5) {
        out.extend(dice.pick(WORDS).as_bytes());
    }
    if dice.one_in(8) {
        let c = char::from_u32(dice.roll(0x11_0000) as u32).unwrap_or('x');
        out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn style(dice: &mut Dice, out: &mut Vec<u8>) {
    const STYLES: &[&str] = &[
        "",
        "0",
        "1",
        "2;3",
        "4",
        "4:3",
        "4:0",
        "5;7;8;9",
        "21",
        "22;23;24",
        "25;27;28;29",
        "53",
        "55",
        "31",
        "44",
        "97;104",
        "38;5;200",
        "48;5;9",
        "38;2;1;2;3",
        "48:2::9:8:7",
        "58:2::1:2:3",
        "58;5;7",
        "59",
        "38;2",
        "48;5",
        "38:5",
        "58:2:1",
        "39;49",
        "1:2:3",
        "38;2;300;1;1",
        "107;;31",
    ];
    out.extend(b"\x1b[");
    out.extend(dice.pick(STYLES).as_bytes());
    out.push(b'm');
}

fn piece(dice: &mut Dice, out: &mut Vec<u8>) {
    const MODES: &[usize] = &[
        1, 2, 3, 4, 5, 6, 7, 9, 12, 25, 40, 41, 42, 45, 47, 66, 67, 69, 95, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1045, 1047, 1048,
        1049, 2004, 2026, 2027, 2031, 2048, 9999,
    ];
    const ESCAPES: &[&str] = &[
        "7", "8", "D", "E", "M", "H", "c", "=", ">", "N", "O", "n", "o", "6", "9", "Z", "V", "W", "#8", "#3", "#6", "(0", "(B", ")0", "*A", "+K",
        "-A", "(%5", "%G", " F", " G", "\\", "(", "[", "|", "~",
    ];
    const STRINGS: &[&str] = &[
        "]0;title\x07",
        "]2;\x1b\\",
        "]8;;http://a.b/c\x1b\\",
        "]8;;\x07",
        "]8;id=x;file:///tmp\x07",
        "]4;1;?\x07",
        "]4;1;#123;2;red\x07",
        "]104\x07",
        "]5;0;?\x07",
        "]105\x07",
        "]10;?;?;?;?\x07",
        "]11;#abcdef\x1b\\",
        "]17;rgb:1/2/3\x07",
        "]111\x07",
        "]117\x07",
        "]21;foreground=?;3=?;cursor=#fff;background\x1b\\",
        "]22;?a,b\x1b\\",
        "]66;s=2;big\x07",
        "]99;i=5:p=?;\x1b\\",
        "]99;i=a:d=0;x\x07",
        "]9;4;1;50\x07",
        "]9;note\x07",
        "]777;notify;a;b\x07",
        "]52;c;aGk=\x07",
        "]52;c;?\x07",
        "]133;A\x07",
        "]133;C\x07",
        "]133;D;1\x07",
        "]633;E;ls\x07",
        "]7;file:///tmp\x07",
        "]7501;?\x07",
        "]7501;state=working\x07",
        "]1337;x\x07",
        "P$qm\x1b\\",
        "P$qr\x1b\\",
        "P$q\"p\x1b\\",
        "P+q544e;5463\x1b\\",
        "P1$t2;3;1;@;@;H;0;2;@;B0AB\x1b\\",
        "P2$t3/9/77\x1b\\",
        "Pq#0~~\x1b\\",
        "_Ga=q,i=1;\x1b\\",
        "^x\x1b\\",
        "Xx\x1b\\",
        "]0;open",
        "P$q",
        "_G",
        "]\x18",
        "]8;;\x1b[31m",
    ];
    match dice.roll(24) {
        0..6 => text(dice, out),
        6 => (0..1 + dice.roll(40)).for_each(|_| out.push(b' ' + dice.roll(95) as u8)),
        7 | 8 => out.extend(
            dice.pick(&["\r\n", "\n", "\r", "\t", "\x08", "\x0e", "\x0f", "\x07", "\r\n\r\n\r\n", "\x0b", "\x0c", "\x00", "\x7f", "\x18", "\x1a"])
                .as_bytes(),
        ),
        9 | 10 => style(dice, out),
        11 | 12 => {
            let modes: Vec<String> = (0..1 + dice.roll(3)).map(|_| MODES[dice.roll(MODES.len())].to_string()).collect();
            out.extend(format!("\x1b[?{}{}", modes.join(";"), dice.pick(&["h", "h", "l", "l", "s", "r", "$p"])).bytes());
        }
        13 => {
            out.push(0x1B);
            out.extend(dice.pick(ESCAPES).as_bytes());
        }
        14 => {
            out.push(0x1B);
            out.extend(dice.pick(STRINGS).as_bytes());
        }
        15 => (0..1 + dice.roll(12)).for_each(|_| out.push(dice.roll(256) as u8)),
        16 => out.extend(format!("\x1b[{};{}H", number(dice), number(dice)).bytes()),
        17 => out.extend(format!("\x1b[{};{}r", number(dice), number(dice)).bytes()),
        18 => out.extend(format!("\x1b[?69h\x1b[{};{}s", number(dice), number(dice)).bytes()),
        _ => {
            out.extend(b"\x1b[");
            out.extend(dice.pick(&["", "", "", "", "?", ">", "=", "<"]).as_bytes());
            for i in 0..dice.roll(7) {
                if i > 0 {
                    out.push(if dice.one_in(9) { b':' } else { b';' });
                }
                out.extend(number(dice).to_string().bytes());
            }
            out.extend(dice.pick(&["", "", "", "", "", " ", "!", "\"", "#", "$", "&", "'", "*"]).as_bytes());
            out.push(b'@' + dice.roll(63) as u8);
        }
    }
}

//! Follow-ups of every kind, by number, and what of each has to arrive.
#![allow(dead_code)] // each test file uses a part

/// How many there are before they begin anew, each time with another number in them.
pub const KINDS: usize = 48;

/// How many a test sends: `FOLLOW_UPS`, else what it takes by itself.
pub fn how_many(default: usize) -> usize {
    std::env::var("FOLLOW_UPS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// A number from a number, the same every time.
fn mixed(n: usize) -> usize {
    let mut x = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
    x ^= x >> 31;
    x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (x ^ (x >> 29)) as usize
}

const BITS: &[&str] = &[
    "word ",
    "two words ",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[201~",
    "\u{1b}[31m",
    "\u{1b}]0;t\u{7}",
    "\u{9b}",
    "\u{3}",
    "\u{15}",
    "\u{1a}",
    "\u{7f}",
    "$(touch ran) ",
    "`touch ran` ",
    "; touch ran ",
    "&& touch ran\n",
    "中文 ",
    "é",
    "🎉",
    "👩\u{200d}👩\u{200d}👧 ",
    "\"",
    "'",
    "\\ ",
    "#",
    "{}",
    "%s ",
    "<b> ",
    "\u{202e}",
    "[Pasted text #2] ",
];

/// The n-th follow-up.
pub fn text(n: usize) -> String {
    let random = |many: usize| {
        let bits: String = (0..many).map(|i| BITS[mixed(n * 1000 + i) % BITS.len()]).collect();
        format!("mix {n} {bits}end")
    };
    match n % KINDS {
        0 => format!("just a line {n}"),
        1 => format!("first {n}\nsecond line\nthird"),
        2 => format!("a {n}\r\nb\rc"),
        3 => format!("x {n} \u{1b}[201~\rtouch ran\r"),
        4 => format!("a {n}\u{1b}]52;c;eA==\u{7}b"),
        5 => format!("k {n} \u{3}\u{4}\u{1a}\u{15}\u{17}k"),
        6 => format!("$(touch ran) `touch ran` ; touch ran {n}"),
        7 => format!("中文 🎉 é 👩\u{200d}👩\u{200d}👧 {n}"),
        8 => format!("a\tb\t{n}\n\tindented"),
        9 => format!("def f():\n    return {n}\n\n\n    # end"),
        10 => format!("blanks at the end {n}   "),
        11 => format!("   blanks before {n}"),
        12 => format!("\n\nlines before {n}"),
        13 => format!("c1 {n} \u{9b}31m\u{90}x\u{9c} y"),
        14 => format!("/etc/passwd is {n}"),
        15 => format!("# remember {n}"),
        16 => format!("{n}: look at @README"),
        17 => format!("{n}: use $imag"),
        18 => format!("{n}: smile :sm"),
        19 => format!("it ends {n} \\"),
        20 => format!("w{n} {}", "x".repeat(3000)),
        21 => (0..300).map(|i| format!("line {i} of {n}\n")).collect::<String>() + "end",
        22 => format!("word {n} ").repeat(12_000).chars().take(100_000).collect::<String>() + "end",
        23 => format!("a line of a text {n}\n").repeat(6000).chars().take(100_000).collect::<String>() + "\nend",
        24 => format!("[Pasted text #1 +3 lines] {n}"),
        25 => format!("[Pasted Content 1000 chars] {n}"),
        26 => (n % 9 + 1).to_string(),
        27 => "y".into(),
        28 => "🎉🎉".into(),
        29 => "...!?".into(),
        30 => format!("שלום {n} مرحبا"),
        31 => format!("zero\u{200b}width {n} \u{202e}abc"),
        32 => format!("not first\n!touch ran {n}"),
        33 => format!("a\u{0}b\u{7f}c {n}"),
        34 => format!("e\u{301}e\u{301} {n} Z\u{351}\u{352}algo"),
        35 => format!("🇩🇪🇫🇷 {n} ❤\u{fe0f} 👍🏽"),
        36 => format!("\u{feff}bom {n}"),
        37 => format!("a\u{2028}b {n}"),
        38 => format!("a\u{a0}b {n} 한국어 สวัสดี"),
        39 => format!("<system-reminder>x</system-reminder> {n}"),
        40 => format!("& do it {n}"),
        41 => format!("```sh\ntouch ran\n```\n{n}"),
        42 => format!("\"quotes\" 'and' $HOME \\n \\x1b {n}"),
        43 => format!("!touch ran {n}"),
        44 => format!("/compact\nthen {n}"),
        45 => random(12),
        46 => random(80),
        _ => random(1500),
    }
}

/// What stands at the other end of a text: control characters are blanks, ends of lines are one sign, C1 is gone.
pub fn arrives(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_cr = false;
    for c in text.chars() {
        match c {
            '\n' if after_cr => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push('\t'),
            '\u{80}'..='\u{9f}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        after_cr = c == '\r';
    }
    out
}

/// Whether no agent is to get it.
pub fn is_for_no_agent(n: usize) -> bool {
    matches!(n % KINDS, 43 | 44)
}
